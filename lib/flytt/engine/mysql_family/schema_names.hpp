// How objects are named in statements, what they are called when dropped, and whether they are there.
// Layer: engine/mysql_family (3).  Thread rule: one thread per Connection.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <flytt/engine/mysql_family/connection.hpp>
#include <flytt/value/schema.hpp>

namespace flytt::engine::mysql_family {

/// `schema`.`name`, both quoted.
std::string qualified_name(const std::string& schema, const std::string& name);

/// The statement that removes the object and does nothing when it is not there; nothing for what is never removed on its own
/// (accounts, grants, values of sequences, databases).
std::optional<std::string> drop_statement(const value::SchemaObject& object);

/// The parts of a foreign key that its proof needs. Throws Error{Exit::data} when `object` has none.
struct ForeignKeyFacts {
  std::vector<std::string> child_columns;
  std::string parent_schema;
  std::string parent_table;
  std::vector<std::string> parent_columns;
  bool parent_outside = false;  ///< the parent is no part of the copy
  bool parent_gone = false;     ///< nor of the source: every row lacks it
};
ForeignKeyFacts foreign_key_facts(const value::SchemaObject& object);

/// The ALTER of an index object without the keys that are there already; nothing when all are.
std::optional<std::string> missing_index_statement(Connection& c, const value::SchemaObject& object);

bool table_exists(Connection& c, const std::string& schema, const std::string& name);
bool foreign_key_exists(Connection& c, const value::SchemaObject& object);
/// True when nothing at all is in the database.
bool database_empty(Connection& c, const std::string& schema);

}  // namespace flytt::engine::mysql_family
