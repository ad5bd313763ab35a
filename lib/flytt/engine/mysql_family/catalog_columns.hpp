// From a row of information_schema.COLUMNS to a column of the stream, and from STATISTICS to the key a table is read by.
// Layer: engine/mysql_family (3).  Thread rule: functions without state.
// Source: https://mariadb.com/kb/en/information-schema-columns-table/, https://dev.mysql.com/doc/refman/9.7/en/information-schema-columns-table.html
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <flytt/value/schema.hpp>

namespace flytt::engine::mysql_family {

/// What information_schema says of one column.
struct ColumnFacts {
  std::string name;
  std::string data_type;    ///< "decimal"
  std::string column_type;  ///< "decimal(10,2) unsigned"
  std::string charset;
  std::string collation;
  std::string extra;
  std::string generation;   ///< expression, empty for none
  bool nullable = true;
  std::uint64_t octets = 0;     ///< declared length of strings
  std::uint64_t precision = 0;  ///< of numbers and bits
  std::uint8_t fraction = 0;
};

/// One part of an index.
struct KeyPartFacts {
  std::string index;
  std::string column;  ///< empty for an expression
  bool unique = false;
  bool nullable = false;
  bool prefix = false;
  bool descending = false;
  bool usable = true;  ///< visible to the optimizer, and ordered
};

/// The stream's type; nothing for a type this program does not know.
std::optional<value::Type> logical_type(const ColumnFacts& facts);

/// True for the columns in which MariaDB keeps when a row was valid: the server's own doing, no values of the row.
bool keeps_history(const ColumnFacts& facts);

/// What decides the order of `table.key`'s values beside their types. `release`: of the server; MariaDB has ordered UUIDs in two ways.
std::string order_of_key(const value::Table& table, const std::vector<ColumnFacts>& columns, std::string_view release);

/// The column as the stream carries it. `generated` columns are told, not left out.
/// Nothing when its type is not known.
std::optional<value::Column> column_of(const ColumnFacts& facts);

/// Whether ranges of this column can be compared by the server in its index's own order. ENUM and SET compare as text but are
/// ordered by number; FLOAT compares as DOUBLE.
bool seekable(value::Type type) noexcept;

/// Sets `table.key` and `table.seekable`: the primary key when it can be cut, else the smallest unique key that can, else the
/// primary key, else any. Shape: `parts` of one table, ordered by index and position.
void choose_key(value::Table& table, const std::vector<KeyPartFacts>& parts);

}  // namespace flytt::engine::mysql_family
