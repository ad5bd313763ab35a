// SPDX-License-Identifier: MIT
#include <flytt/engine/mysql_family/target_existing.hpp>

#include <algorithm>

#include <flytt/base/text.hpp>
#include <flytt/codec/json.hpp>

namespace flytt::engine::mysql_family {
namespace {

using value::ObjectKind;
using value::SchemaObject;

SchemaObject object_of(ObjectKind kind, const std::string& schema, std::string name) {
  SchemaObject out;
  out.kind = kind;
  out.schema = schema;
  out.name = std::move(name);
  return out;
}

bool wanted(const value::Manifest& m, const value::TableName& name) {
  if (m.scope.whole_databases() && !m.scope.data_only) return true;
  return std::any_of(m.tables.begin(), m.tables.end(), [&](const value::Table& t) { return t.name == name; });
}

void add_tables(Connection& c, const value::Manifest& m, const std::string& schema, std::vector<SchemaObject>& out) {
  const Result r = c.query("SELECT TABLE_NAME, TABLE_TYPE FROM information_schema.TABLES WHERE TABLE_SCHEMA = " + quote_text(schema) + " ORDER BY TABLE_NAME");
  for (const auto& row : r.rows) {
    const std::string name = row[0].value_or(""), type = row[1].value_or("");
    if (!wanted(m, {schema, name})) continue;
    out.push_back(object_of(type == "VIEW" ? ObjectKind::view : type == "SEQUENCE" ? ObjectKind::sequence : ObjectKind::table, schema, name));
  }
}

void add_routines(Connection& c, const std::string& schema, std::vector<SchemaObject>& out) {
  const Result r = c.query("SELECT ROUTINE_NAME, ROUTINE_TYPE FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = " + quote_text(schema) +
                           " AND ROUTINE_TYPE <> 'PACKAGE BODY' ORDER BY ROUTINE_NAME");
  for (const auto& row : r.rows) {
    SchemaObject& routine = out.emplace_back(object_of(ObjectKind::routine, schema, row[0].value_or("")));
    codec::JsonWriter(routine.attributes).object().member("type", row[1].value_or("")).member("name", routine.name).end();
  }
}

void add_events(Connection& c, const std::string& schema, std::vector<SchemaObject>& out) {
  const Result r = c.query("SELECT EVENT_NAME FROM information_schema.EVENTS WHERE EVENT_SCHEMA = " + quote_text(schema) + " ORDER BY EVENT_NAME");
  for (const auto& row : r.rows) out.push_back(object_of(ObjectKind::event, schema, row[0].value_or("")));
}

}  // namespace

std::vector<SchemaObject> existing_objects(Connection& c, const value::Manifest& m) {
  std::vector<SchemaObject> out;
  for (const value::Database& d : m.databases) {
    add_tables(c, m, d.name, out);
    if (!m.scope.whole_databases() || m.scope.data_only) continue;
    add_routines(c, d.name, out);
    add_events(c, d.name, out);
  }
  return out;
}

}  // namespace flytt::engine::mysql_family
