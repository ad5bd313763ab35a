// SPDX-License-Identifier: MIT
#include <flytt/engine/postgres/key_condition.hpp>

#include <cmath>
#include <cstdint>

#include <flytt/base/text.hpp>
#include <flytt/value/image_load.hpp>
#include <flytt/value/row_image.hpp>

namespace flytt::engine::postgres {
namespace {

using base::concat;
using value::Type;

template <class Float>
std::string float_text(Float v) {
  if (std::isnan(v)) return "NaN";
  if (std::isinf(v)) return v > 0 ? "Infinity" : "-Infinity";
  return concat(v);
}

std::string bits_text(std::uint64_t v, int bits) {
  std::string out;
  for (int i = bits; i-- > 0;) out += static_cast<char>('0' + (v >> i & 1U));
  return out;
}

/// The value as the type's own input function reads it.
std::string input_text(const ColumnShape& column, std::string_view image) {
  switch (column.type) {
    case Type::float32: return float_text(value::load<float>(image));
    case Type::float64: return float_text(value::load<double>(image));
    case Type::bits: return bits_text(value::load<std::uint64_t>(image), column.modifier);
    case Type::bytes: return "\\x" + base::hex(image);
    case Type::date:
    case Type::datetime:
    case Type::timestamp:
    case Type::time: {
      value::Column exact;
      exact.type = column.type;
      exact.fraction = 6;
      return value::show(exact, value::Cell(image)) + (column.type == Type::timestamp ? "+00" : "");
    }
    default: break;
  }
  value::Column plain;
  plain.type = column.type;
  return value::fixed_width(column.type) != 0 ? value::show(plain, value::Cell(image)) : std::string(image);
}

/// The literals of a key, in a row where there are several.
std::string key_literal(const value::Table& table, const std::vector<ColumnShape>& key, std::string_view image) {
  const auto parts = value::key_parts(table, image);
  std::string out;
  for (std::size_t i = 0; i < key.size(); ++i) out += concat(i == 0 ? "" : ", ", literal(key[i], parts[i]));
  return key.size() == 1 ? out : "(" + out + ")";
}

}  // namespace

std::string ColumnShape::selected() const {
  // A cast to text may be the user's own and lose something; this is the type's output function and nothing else.
  if (form == Form::output) return concat("CASE WHEN ", name, " IS DISTINCT FROM NULL THEN pg_catalog.format('%s', ", name, ") END");
  return name;
}

std::string literal(const ColumnShape& column, std::string_view image) {
  // One byte of any value, of which not every one is a character.
  if (column.type_name == "\"char\"") return concat("(", int{image.empty() ? '\0' : static_cast<signed char>(image[0])}, ")::", column.type_name);
  return concat(quote_text(input_text(column, image)), "::", column.type_name);
}

std::string key_list(const std::vector<ColumnShape>& key) {
  std::string out;
  for (const auto& column : key) out += concat(out.empty() ? "" : ", ", column.name);
  return out;
}

std::string key_row(const std::vector<ColumnShape>& key) { return key.size() == 1 ? key_list(key) : "(" + key_list(key) + ")"; }

std::string range_condition(const value::Table& table, const std::vector<ColumnShape>& key, const KeyRange& range,
                            const std::string& user_condition) {
  std::string out;
  const auto add = [&](const std::string& condition) { out += concat(out.empty() ? "(" : " AND (", condition, ")"); };
  if (range.after) add(concat(key_row(key), " > ", key_literal(table, key, *range.after)));
  if (range.through) add(concat(key_row(key), " <= ", key_literal(table, key, *range.through)));
  if (!user_condition.empty()) add(user_condition);
  return out.empty() ? "true" : out;
}

std::string keys_condition(const value::Table& table, const std::vector<ColumnShape>& key, const std::vector<std::string>& keys) {
  std::string out;
  for (const auto& image : keys) out += concat(out.empty() ? "" : ", ", key_literal(table, key, image));
  return concat(key_row(key), " IN (", out, ")");
}

}  // namespace flytt::engine::postgres
