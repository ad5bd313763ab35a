// Literals and range conditions for keys.
// SPDX-License-Identifier: MIT
#include <flytt/engine/mysql_family/key_condition.hpp>

#include <cmath>

#include <flytt/base/error.hpp>
#include <flytt/base/text.hpp>
#include <flytt/engine/mysql_family/connection.hpp>
#include <flytt/value/image_load.hpp>
#include <flytt/value/row_image.hpp>

namespace flytt::engine::mysql_family {

using value::Type;

namespace {

/// A DECIMAL as the server prints it. The text comes from a server or a stream, and stands in a statement without quotes.
std::string decimal_literal(const value::Column& column, std::string_view text) {
  const std::string_view digits = text.substr(text.starts_with('-') || text.starts_with('+') ? 1 : 0);
  const bool number = !digits.empty() && digits.find_first_not_of("0123456789.") == std::string_view::npos &&
                      digits.find_first_of("0123456789") != std::string_view::npos && digits.find('.') == digits.rfind('.');
  if (number) return std::string(text);
  throw base::Error(base::Exit::data, base::concat("column ", base::quote_for_message(column.name), ": ", base::quote_for_message(text, 60), " is no decimal"));
}

/// There is no literal for infinities and NaN, and no value of these servers is one.
template <class Float>
std::string float_literal(const value::Column& column, std::string_view image) {
  if (std::isfinite(value::load<Float>(image))) return value::show(column, value::Cell(image));
  throw base::Error(base::Exit::data, base::concat("column ", base::quote_for_message(column.name), " holds what is no number"));
}

}  // namespace

std::string literal(const value::Column& column, std::string_view image) {
  switch (column.type) {
    case Type::text:
    case Type::enumeration:
    case Type::set:
      // An introducer leaves the literal coercible, so the column's own collation decides.
      return "_" + (column.charset.empty() ? std::string("utf8mb4") : column.charset) + " X'" + base::hex(image) + "'";
    case Type::json: return "_utf8mb4 X'" + base::hex(image) + "'";
    case Type::bytes:
    case Type::geometry: return "X'" + base::hex(image) + "'";
    case Type::uuid:
    case Type::inet: return quote_text(image);
    case Type::date:
    case Type::datetime:
    case Type::timestamp:
    case Type::time: {
      value::Column exact = column;
      exact.fraction = 6;
      return "'" + value::show(exact, value::Cell(image)) + "'";
    }
    case Type::decimal: return decimal_literal(column, image);
    case Type::float32: return float_literal<float>(column, image);
    case Type::float64: return float_literal<double>(column, image);
    default: return value::show(column, value::Cell(image));
  }
}

std::string compare_key(const value::Table& table, const std::vector<std::string_view>& parts, Bound bound) {
  const bool up = bound == Bound::greater || bound == Bound::greater_or_equal;
  const bool inclusive = bound == Bound::greater_or_equal || bound == Bound::less_or_equal;
  const std::string strict = up ? " > " : " < ";
  std::string out;
  std::string equal;  // "`a` = 1 AND "
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto& column = table.columns[table.key.columns[i]];
    const std::string name = quote_name(column.name), value = literal(column, parts[i]);
    const bool last = i + 1 == parts.size();
    const std::string op = last && inclusive ? (up ? " >= " : " <= ") : strict;
    out += (i == 0 ? "(" : " OR (") + equal + name + op + value + ")";
    equal += name + " = " + value + " AND ";
  }
  if (parts.size() < 2) return out;
  // The leading column alone, so that the optimizer sees one range on the key.
  const auto& first = table.columns[table.key.columns[0]];
  return quote_name(first.name) + (up ? " >= " : " <= ") + literal(first, parts[0]) + " AND (" + out + ")";
}

std::string range_condition(const value::Table& table, const KeyRange& range, const std::string& user_condition) {
  std::string out;
  const auto add = [&](const std::string& condition) { out += (out.empty() ? "(" : " AND (") + condition + ")"; };
  if (!user_condition.empty()) add(user_condition);
  if (range.after) add(compare_key(table, value::key_parts(table, *range.after), Bound::greater));
  if (range.through) add(compare_key(table, value::key_parts(table, *range.through), Bound::less_or_equal));
  return out.empty() ? "1=1" : out;
}

std::string keys_condition(const value::Table& table, const std::vector<std::string>& keys) {
  std::string out;
  for (const auto& key : keys) {
    const auto parts = value::key_parts(table, key);
    std::string one;
    for (std::size_t i = 0; i < parts.size(); ++i) {
      const auto& column = table.columns[table.key.columns[i]];
      one += (i == 0 ? "" : " AND ") + quote_name(column.name) + " = " + literal(column, parts[i]);
    }
    out += (out.empty() ? "(" : " OR (") + one + ")";
  }
  return out;
}

std::string key_columns(const value::Table& table, std::string_view suffix) {
  std::string out;
  for (const auto index : table.key.columns)
    out += (out.empty() ? "" : ", ") + quote_name(table.columns[index].name) + std::string(suffix);
  return out;
}

}  // namespace flytt::engine::mysql_family
