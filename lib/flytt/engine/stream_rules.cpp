// The rules that hold for every engine.
// SPDX-License-Identifier: MIT
#include <flytt/engine/stream_rules.hpp>

#include <algorithm>
#include <set>

#include <flytt/base/error.hpp>
#include <flytt/base/text.hpp>
#include <flytt/value/row_image.hpp>

namespace flytt::engine {
namespace {

using base::concat;
using base::quote_for_message;
using value::ObjectKind;

bool holds(const std::vector<std::string>& names, const std::string& name) { return std::find(names.begin(), names.end(), name) != names.end(); }

bool holds(const std::vector<value::Database>& databases, const std::string& name) {
  return std::any_of(databases.begin(), databases.end(), [&](const auto& d) { return d.name == name; });
}

}  // namespace

void StreamRules::refuse(std::string message) {
  throw base::Error(base::Exit::data, std::move(message), {.hint = "dump-stream writes no such stream. Do not load it, and find out who could change it."});
}

void StreamRules::check(const value::Manifest& m) const {
  std::set<std::string> names;
  for (const auto& d : m.databases) {
    const std::string name = quote_for_message(d.name);
    if (of_server(d.name)) refuse(concat("HELLO names the database ", name, ", which belongs to the server"));
    if (!names.insert(folded(m, d.name)).second) refuse(concat("HELLO names the database ", name, " twice"));
    if (!m.scope.all_databases && !holds(m.scope.databases, d.name)) refuse(concat("HELLO names the database ", name, ", which is not in its scope"));
  }
  for (const auto& name : m.scope.databases)
    if (!holds(m.databases, name)) refuse(concat("HELLO has the database ", quote_for_message(name), " in its scope and does not name it"));
  std::set<std::string> tables;
  for (const auto& t : m.tables) {
    const std::string name = quote_for_message(t.name.display());
    if (!in_scope(m, t)) refuse(concat("HELLO names the table ", name, ", which is not in its scope"));
    if (!tables.insert(concat(folded(m, t.name.schema), '\0', folded(m, t.name.table))).second) refuse(concat("HELLO names the table ", name, " twice"));
    std::set<std::string> columns;
    for (const auto& column : t.columns)
      if (!columns.insert(column.name).second) refuse(concat("HELLO names the column ", quote_for_message(column.name), " of ", name, " twice"));
  }
}

void StreamRules::check(const value::Manifest& m, const value::SchemaObject& o) const {
  const bool anywhere = o.kind == ObjectKind::account || o.kind == ObjectKind::grant;
  if (anywhere && !m.scope.users) refuse(o.display() + " is in the stream, and HELLO says that accounts are not");
  const std::string& database = o.kind == ObjectKind::database ? o.name : o.schema;
  if (!anywhere && !holds(m.databases, database)) refuse(concat(o.display(), " belongs to ", quote_for_message(database), ", which HELLO does not name"));
}

std::optional<std::uint64_t> StreamRules::rows_in(const value::Table& table, std::string_view block) const {
  if (table.encoding != "flytt-row/1") return std::nullopt;
  value::RowCursor cursor(table.columns, block);
  std::uint64_t rows = 0;
  while (cursor.next()) ++rows;
  return rows;
}

bool StreamRules::is_code(const value::SchemaObject& o) const {
  switch (o.kind) {
    case ObjectKind::account:
    case ObjectKind::grant:
    case ObjectKind::routine:
    case ObjectKind::view:
    case ObjectKind::trigger:
    case ObjectKind::event:
    case ObjectKind::refresh:
    case ObjectKind::property: return true;
    default: return false;
  }
}

std::map<std::string, std::size_t> StreamRules::left_out(const std::vector<value::SchemaObject>& objects, const base::Context&) const {
  std::map<std::string, std::size_t> out;
  for (const auto& object : objects)
    if (is_code(object)) ++out[std::string(value::object_kind_name(object.kind))];
  return out;
}

std::vector<std::string> StreamRules::statements(const value::SchemaObject& o, Code, const base::Context&) const { return {o.statement}; }

}  // namespace flytt::engine
