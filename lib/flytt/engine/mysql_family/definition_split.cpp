// Which keys a table is created with, and the statements for the rest.
// SPDX-License-Identifier: MIT
#include <flytt/engine/mysql_family/definition.hpp>

#include <algorithm>

#include <flytt/base/text.hpp>
#include <flytt/codec/json.hpp>
#include <flytt/engine/mysql_family/connection.hpp>

namespace flytt::engine::mysql_family {
namespace {

using value::ObjectKind;
using value::SchemaObject;

bool is_key(const Item& item) noexcept {
  return item.kind == ItemKind::primary || item.kind == ItemKind::unique || item.kind == ItemKind::key ||
         item.kind == ItemKind::fulltext || item.kind == ItemKind::spatial;
}

const Item* column(const TableDefinition& d, std::string_view name) {
  for (const Item& item : d.items)
    if (item.kind == ItemKind::column && base::equal_ignoring_case(item.name, name)) return &item;
  return nullptr;
}

/// InnoDB stores the rows in the order of the first such key when there is no primary one.
bool clusters(const TableDefinition& d, const Item& key) {
  if (key.kind == ItemKind::primary) return true;
  if (key.kind != ItemKind::unique || !key.whole_columns) return false;
  return std::all_of(key.columns.begin(), key.columns.end(), [&](const std::string& name) {
    const Item* c = column(d, name);
    return c != nullptr && c->not_null;
  });
}

bool automatic(const TableDefinition& d, std::string_view name) {
  const Item* c = column(d, name);
  return c != nullptr && c->auto_increment;
}

/// A table whose AUTO_INCREMENT column begins no key cannot be created (MyISAM: is in no key). Which key it is; nullptr for none.
const Item* automatic_key(const TableDefinition& d) {
  const Item* anywhere = nullptr;
  for (const Item& item : d.items) {
    if (!is_key(item)) continue;
    if (!item.columns.empty() && automatic(d, item.columns.front())) return &item;
    const bool holds = std::any_of(item.columns.begin(), item.columns.end(), [&](const std::string& name) { return automatic(d, name); });
    if (holds && anywhere == nullptr) anywhere = &item;
  }
  return anywhere;
}

SchemaObject object_of(const value::TableName& name, ObjectKind kind, std::string object, std::string statement) {
  SchemaObject out;
  out.kind = kind;
  out.schema = name.schema;
  out.name = std::move(object);
  out.statement = std::move(statement);
  return out;
}

std::string qualified(const value::TableName& name) { return quote_name(name.schema) + "." + quote_name(name.table); }

void add_names(codec::JsonWriter& json, std::string_view key, const std::vector<std::string>& names) {
  json.key(key).array();
  for (const auto& name : names) json.value(name);
  json.end();
}

/// An ALTER with several keys, or one FULLTEXT: the server builds only one of those at a time (MySQL error 1795).
SchemaObject index_object(const value::TableName& name, const std::vector<const Item*>& keys) {
  std::vector<std::string> adds, names;
  for (const Item* key : keys) {
    adds.push_back("ADD " + key->text);
    names.push_back(key->name);
  }
  SchemaObject out = object_of(name, ObjectKind::index, base::join(names, ","), "ALTER TABLE " + qualified(name) + "\n  " + base::join(adds, ",\n  "));
  out.parent = name.table;
  codec::JsonWriter json(out.attributes);
  json.object();
  add_names(json, "keys", names);
  json.key("adds").array();
  for (const auto& add : adds) json.value(add);
  json.end().end();
  return out;
}

SchemaObject foreign_key_object(const value::TableName& name, const Item& fk) {
  SchemaObject out = object_of(name, ObjectKind::foreign_key, fk.name, "ALTER TABLE " + qualified(name) + " ADD " + fk.text);
  out.parent = name.table;
  codec::JsonWriter json(out.attributes);
  json.object();
  add_names(json, "child_columns", fk.columns);
  json.member("parent_schema", fk.parent_schema.empty() ? name.schema : fk.parent_schema).member("parent_table", fk.parent_table);
  add_names(json, "parent_columns", fk.parent_columns);
  json.end();
  return out;
}

}  // namespace

std::size_t kept_keys(const TableDefinition& d) {
  std::size_t kept = 0, index = 0;
  bool clustered = false;
  const Item* const numbers = automatic_key(d);
  for (const Item& item : d.items) {
    if (!is_key(item)) continue;
    ++index;
    const bool first_clustering = !clustered && clusters(d, item);
    clustered = clustered || first_clustering;
    if (first_clustering || item.inline_only || &item == numbers) kept = index;
  }
  return kept;
}

std::vector<SchemaObject> split_table(const value::TableName& name, const TableDefinition& d, Indexes indexes) {
  const std::size_t kept = kept_keys(d);
  std::vector<std::string> body;
  std::vector<const Item*> plain;
  std::vector<SchemaObject> fulltext, foreign_keys;
  std::size_t index = 0;
  for (const Item& item : d.items) {
    if (item.kind == ItemKind::foreign_key) foreign_keys.push_back(foreign_key_object(name, item));
    else if (!is_key(item) || index++ < kept || indexes == Indexes::kept) body.push_back(item.text);
    else if (item.kind == ItemKind::fulltext) fulltext.push_back(index_object(name, {&item}));
    else plain.push_back(&item);
  }
  std::vector<SchemaObject> out;
  out.push_back(object_of(name, ObjectKind::table, name.table,
                          "CREATE TABLE " + qualified(name) + " (\n  " + base::join(body, ",\n  ") + "\n) " + d.options));
  if (!plain.empty()) out.push_back(index_object(name, plain));
  for (auto& object : fulltext) out.push_back(std::move(object));
  for (auto& object : foreign_keys) out.push_back(std::move(object));
  return out;
}

}  // namespace flytt::engine::mysql_family
