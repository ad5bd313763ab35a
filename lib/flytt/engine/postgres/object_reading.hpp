// What the parts of read_objects() share: the session, the scope, and the objects with their lines.
// Layer: engine/postgres (3).  Who uses it: catalog_objects.cpp, catalog_relations.cpp, catalog_attached.cpp, catalog_others.cpp.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <flytt/engine/postgres/catalog.hpp>
#include <flytt/engine/postgres/connection.hpp>
#include <flytt/value/manifest.hpp>

namespace flytt::engine::postgres {

/// An object's text is made of lines, so that a difference is shown by the line that differs.
class ObjectReading {
 public:
  ObjectReading(Connection& c, const value::Scope& scope, std::uint32_t release) : c_(c), scope_(scope), release_(release) {}

  /// Tables, views and sequences with what they are made of: columns, constraints, indexes.
  void relations();
  /// What hangs on tables: triggers, rules, policies, statistics.
  void attached();
  /// What a database has beside tables: schemas, types, routines, extensions, publications and the rest.
  void others();

  std::vector<value::SchemaObject> take() { return std::move(objects_); }

 private:
  void tables();
  void sequences();
  void columns();
  void constraints();
  void indexes();
  void schemas();
  void enums_and_ranges();
  void domains();
  void composites();
  void routines();
  void aggregates();
  void publications();
  void rest();

  /// One object a row: "schema", "name", "parent" (none: ""), and every other column but "oid" a line "column: value" when it is not empty.
  void each(std::string_view sql, value::ObjectKind kind);
  value::SchemaObject& add(value::ObjectKind kind, const Result& r, std::size_t row);
  void lines(std::string& text, const Result& r, std::size_t row) const;
  /// The object made of a relation; nothing when it is out of scope.
  value::SchemaObject* relation(std::uint64_t oid);

  Connection& c_;
  const value::Scope& scope_;
  std::uint32_t release_;  ///< 15 for 15.4
  std::vector<value::SchemaObject> objects_;
  std::map<std::uint64_t, std::size_t> relations_;
};

/// SQL for the privileges on an object, one text in a fixed order, "ALL" where a role has all that the release knows.
/// `kind`: SQL for a letter as acldefault() has it.
std::string privileges_sql(std::string_view kind, std::string_view acl, std::string_view owner);
/// SQL for a role's name.
std::string role_sql(std::string_view oid);

}  // namespace flytt::engine::postgres
