// Takes a table's definition apart: what must be there before the rows, the indexes that are built after them, the foreign keys.
// Put together again, SHOW CREATE TABLE prints the same bytes: keys that stay are the first ones of the server's own order.
// Layer: engine/mysql_family (3).  Thread rule: functions without state.
// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <flytt/value/schema.hpp>

namespace flytt::engine::mysql_family {

enum class ItemKind { column, primary, unique, key, fulltext, spatial, foreign_key, check, other };

/// One line of the parentheses of CREATE TABLE.
struct Item {
  ItemKind kind = ItemKind::other;
  std::string text{};
  std::string name{};                ///< of the column, key or constraint
  std::vector<std::string> columns{};  ///< of a key, in order; "" for an expression
  bool not_null = false;             ///< column
  bool auto_increment = false;       ///< column
  bool whole_columns = true;         ///< key: no prefix and no expression
  bool inline_only = false;          ///< key: cannot be added to a filled table cheaply, or only together with what it belongs to
  std::string parent_schema{};       ///< foreign key: "" when it is the table's own
  std::string parent_table{};
  std::vector<std::string> parent_columns{};
};

struct TableDefinition {
  std::vector<Item> items;
  std::string options;             ///< everything behind the closing parenthesis
  std::vector<std::string> dropped;  ///< options that name places of the old host, left out of `options`
  bool encrypted = false;
};

/// Reads what SHOW CREATE TABLE printed.
/// Throws Error{Exit::data} when it is no CREATE TABLE.
TableDefinition parse_create_table(std::string_view sql);

enum class Indexes : bool { deferred, kept };

/// The objects that make up one table, in the order in which a loader creates them.
std::vector<value::SchemaObject> split_table(const value::TableName& name, const TableDefinition& definition, Indexes indexes);

/// Number of keys, of those printed, that the table is created with: the primary or clustered one, the AUTO_INCREMENT one, and every
/// key that the server prints before them.
std::size_t kept_keys(const TableDefinition& definition);

}  // namespace flytt::engine::mysql_family
