// Keys as conditions: literals in the column's own character set, and lexicographic ranges the optimizer can walk.
// The server compares, in the key's own collation; we never do.
// Layer: engine/mysql_family (3).  Thread rule: functions without state.
// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <flytt/engine/snapshot.hpp>

namespace flytt::engine::mysql_family {

/// A value's image as a literal that compares with its column without any conversion: _latin1 X'61', 42, X'00ff', '2024-01-31'.
/// Throws Error{Exit::data} naming the column when the image is no value of its type: a literal is never more than one value.
std::string literal(const value::Column& column, std::string_view image);

enum class Bound { greater, greater_or_equal, less, less_or_equal };

/// "(`a` > 1 OR (`a` = 1 AND `b` > 2))" for the first `parts.size()` key columns.
std::string compare_key(const value::Table& table, const std::vector<std::string_view>& parts, Bound bound);

/// Conditions of a range and the user's own, joined with AND; "1=1" when there are none.
std::string range_condition(const value::Table& table, const KeyRange& range, const std::string& user_condition);

/// "(`a`=1 AND `b`=2) OR (…)" for exactly these keys.
std::string keys_condition(const value::Table& table, const std::vector<std::string>& keys);

/// "`a`, `b`" and "`a` DESC, `b` DESC".
std::string key_columns(const value::Table& table, std::string_view suffix = {});

/// A value about half-way between two images of the same column; nothing when none can be named.
std::optional<std::string> midpoint(const value::Column& column, std::string_view low, std::string_view high);

}  // namespace flytt::engine::mysql_family
