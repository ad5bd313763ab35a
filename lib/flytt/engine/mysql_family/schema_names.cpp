// SPDX-License-Identifier: MIT
#include <flytt/engine/mysql_family/schema_names.hpp>

#include <set>

#include <flytt/base/text.hpp>
#include <flytt/codec/json.hpp>

namespace flytt::engine::mysql_family {
namespace {

using codec::JsonValue;
using value::ObjectKind;
using value::SchemaObject;

std::vector<std::string> names_in(const JsonValue& in, std::string_view key) {
  std::vector<std::string> out;
  for (const JsonValue& name : in.get_array(key)) out.push_back(name.as_string());
  return out;
}

/// "DROP PROCEDURE IF EXISTS `s`.`p`": the object's own name stands in its attributes.
std::string drop_routine(const SchemaObject& object) {
  const JsonValue attributes = JsonValue::parse(object.attributes);
  return base::concat("DROP ", attributes.get_string("type"), " IF EXISTS ", qualified_name(object.schema, attributes.get_string("name")));
}

std::string drop_keys(const SchemaObject& object) {
  std::vector<std::string> drops;
  const JsonValue attributes = JsonValue::parse(object.attributes);
  for (const std::string& key : names_in(attributes, "keys")) drops.push_back("DROP KEY " + quote_name(key));
  return "ALTER TABLE " + qualified_name(object.schema, object.parent) + " " + base::join(drops, ", ");
}

}  // namespace

std::string qualified_name(const std::string& schema, const std::string& name) { return quote_name(schema) + "." + quote_name(name); }

std::optional<std::string> drop_statement(const SchemaObject& object) {
  const std::string name = qualified_name(object.schema, object.name);
  switch (object.kind) {
    case ObjectKind::sequence: return "DROP SEQUENCE IF EXISTS " + name;
    case ObjectKind::table: return "DROP TABLE IF EXISTS " + name;
    case ObjectKind::view: return "DROP VIEW IF EXISTS " + name;
    case ObjectKind::trigger: return "DROP TRIGGER IF EXISTS " + name;
    case ObjectKind::event: return "DROP EVENT IF EXISTS " + name;
    case ObjectKind::routine: return drop_routine(object);
    case ObjectKind::index: return drop_keys(object);
    case ObjectKind::foreign_key:
      return "ALTER TABLE " + qualified_name(object.schema, object.parent) + " DROP FOREIGN KEY " + quote_name(object.name);
    default: return std::nullopt;  // nothing that a copy of ours makes here
  }
}

ForeignKeyFacts foreign_key_facts(const SchemaObject& object) {
  const JsonValue in = JsonValue::parse(object.attributes);
  return {names_in(in, "child_columns"), in.get_string("parent_schema"), in.get_string("parent_table"), names_in(in, "parent_columns"),
          in.get_bool("parent_outside", false), in.get_bool("parent_gone", false)};
}

std::optional<std::string> missing_index_statement(Connection& c, const SchemaObject& object) {
  const JsonValue in = JsonValue::parse(object.attributes);
  const auto keys = names_in(in, "keys"), adds = names_in(in, "adds");
  const Result r = c.query(base::concat("SELECT DISTINCT INDEX_NAME FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = ",
                                        quote_text(object.schema), " AND TABLE_NAME = ", quote_text(object.parent)));
  std::set<std::string> there;
  for (const auto& row : r.rows) there.insert(base::lower(row[0].value_or("")));
  std::vector<std::string> missing;
  for (std::size_t i = 0; i < keys.size() && i < adds.size(); ++i)
    if (!there.contains(base::lower(keys[i]))) missing.push_back(adds[i]);
  if (missing.empty()) return std::nullopt;
  return "ALTER TABLE " + qualified_name(object.schema, object.parent) + "\n  " + base::join(missing, ",\n  ");
}

bool table_exists(Connection& c, const std::string& schema, const std::string& name) {
  return c.scalar(base::concat("SELECT 1 FROM information_schema.TABLES WHERE TABLE_SCHEMA = ", quote_text(schema), " AND TABLE_NAME = ", quote_text(name)))
      .has_value();
}

bool foreign_key_exists(Connection& c, const SchemaObject& object) {
  return c.scalar(base::concat("SELECT 1 FROM information_schema.TABLE_CONSTRAINTS WHERE CONSTRAINT_TYPE = 'FOREIGN KEY' AND TABLE_SCHEMA = ",
                               quote_text(object.schema), " AND TABLE_NAME = ", quote_text(object.parent), " AND CONSTRAINT_NAME = ", quote_text(object.name)))
      .has_value();
}

bool database_empty(Connection& c, const std::string& schema) {
  const std::string name = quote_text(schema);
  return c.number(base::concat("SELECT (SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = ", name, ")",
                               " + (SELECT COUNT(*) FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = ", name, ")",
                               " + (SELECT COUNT(*) FROM information_schema.EVENTS WHERE EVENT_SCHEMA = ", name, ")"), 1) == 0;
}

}  // namespace flytt::engine::mysql_family
