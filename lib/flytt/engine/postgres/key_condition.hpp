// Keys in SQL: literals of the key's own types, ranges as comparisons of rows, which the server reads off the key's index.
// Layer: engine/postgres (3).  Thread rule: functions without state.
// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <flytt/engine/postgres/types.hpp>
#include <flytt/engine/snapshot.hpp>

namespace flytt::engine::postgres {

/// How a column is read and compared; the type below any domains.
struct ColumnShape {
  std::string name;       ///< quoted
  std::string type_name;  ///< as SQL writes it, without a length that would cut a literal
  Form form = Form::output;
  value::Type type = value::Type::text;
  int modifier = -1;

  /// What stands for it in a SELECT list, so that its binary form is `form`'s.
  std::string selected() const;
};

/// One literal of exactly the column's type.
std::string literal(const ColumnShape& column, std::string_view image);

/// "(a, b)", or "a" alone.
std::string key_row(const std::vector<ColumnShape>& key);
/// "a, b", for ORDER BY.
std::string key_list(const std::vector<ColumnShape>& key);
/// True for the keys of the range that the user's own condition lets pass. Never empty.
std::string range_condition(const value::Table& table, const std::vector<ColumnShape>& key, const KeyRange& range,
                            const std::string& user_condition);
/// True for exactly these keys.
std::string keys_condition(const value::Table& table, const std::vector<ColumnShape>& key, const std::vector<std::string>& keys);

}  // namespace flytt::engine::postgres
