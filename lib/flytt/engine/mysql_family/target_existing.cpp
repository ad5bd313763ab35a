// SPDX-License-Identifier: MIT
#include <flytt/engine/mysql_family/target_existing.hpp>

#include <set>

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

void add_tables(Connection& c, const std::string& schema, std::vector<SchemaObject>& out) {
  const Result r = c.query("SELECT TABLE_NAME, TABLE_TYPE FROM information_schema.TABLES WHERE TABLE_SCHEMA = " + quote_text(schema) + " ORDER BY TABLE_NAME");
  for (const auto& row : r.rows) {
    const std::string name = row[0].value_or(""), type = row[1].value_or("");
    out.push_back(object_of(type == "VIEW" ? ObjectKind::view : type == "SEQUENCE" ? ObjectKind::sequence : ObjectKind::table, schema, name));
  }
}

/// Named as read_routines() names them. A package's body goes with it.
void add_routines(Connection& c, const std::string& schema, std::vector<SchemaObject>& out) {
  const Result r = c.query("SELECT ROUTINE_NAME, ROUTINE_TYPE FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = " + quote_text(schema) +
                           " AND ROUTINE_TYPE <> 'PACKAGE BODY' ORDER BY ROUTINE_TYPE <> 'PROCEDURE', ROUTINE_NAME");
  std::set<std::string> names;
  for (const auto& row : r.rows) {
    const std::string name = row[0].value_or(""), type = row[1].value_or("");
    SchemaObject& routine = out.emplace_back(object_of(ObjectKind::routine, schema, names.insert(name).second ? name : name + " (" + base::lower(type) + ")"));
    codec::JsonWriter(routine.attributes).object().member("type", type).member("name", name).end();
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
    add_tables(c, d.name, out);
    add_routines(c, d.name, out);
    add_events(c, d.name, out);
  }
  return out;
}

}  // namespace flytt::engine::mysql_family
