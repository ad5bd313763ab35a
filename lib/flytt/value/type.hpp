// The logical types a column can have: what the row image, the canonical encoding and every engine's type table speak.
// Layer: value (2).  Thread rule: values, no state.  Format: man/flytt-stream.5, ROW IMAGE.
// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace flytt::value {

/// One logical type. The number is part of the stream format: never change one, only add.
enum class Type : std::uint8_t {
  int8 = 1,
  int16 = 2,
  int32 = 3,
  int64 = 4,
  uint8 = 5,
  uint16 = 6,
  uint32 = 7,
  uint64 = 8,
  float32 = 9,
  float64 = 10,
  decimal = 11,    ///< text of the exact number, as the server prints it
  bits = 12,       ///< up to 64 bits as an unsigned number
  date = 13,       ///< year u16, month u8, day u8; zero and partial dates are legal
  datetime = 14,   ///< date, then hour u8, minute u8, second u8, microsecond u32
  timestamp = 15,  ///< as datetime, in UTC
  time = 16,       ///< signed microseconds, i64; may exceed a day
  year = 17,       ///< u16, 0 is the zero year
  text = 18,       ///< bytes in the column's own character set
  bytes = 19,      ///< opaque bytes
  enumeration = 20,  ///< the label's bytes in the column's own character set
  set = 21,          ///< the labels, comma-separated, in the column's own character set
  json = 22,         ///< text, UTF-8
  geometry = 23,     ///< SRID u32, then WKB: the server's internal form
  uuid = 24,         ///< the server's text form
  inet = 25,         ///< the server's text form
};

/// Size of a fixed-width type's image in bytes; 0 for types whose image is u32 length and bytes.
constexpr std::size_t fixed_width(Type t) noexcept {
  switch (t) {
    case Type::int8:
    case Type::uint8: return 1;
    case Type::int16:
    case Type::uint16:
    case Type::year: return 2;
    case Type::int32:
    case Type::uint32:
    case Type::float32:
    case Type::date: return 4;
    case Type::int64:
    case Type::uint64:
    case Type::float64:
    case Type::bits:
    case Type::time: return 8;
    case Type::datetime:
    case Type::timestamp: return 11;
    default: return 0;
  }
}

struct TypeName {
  Type type;
  std::string_view name;
};

inline constexpr std::array<TypeName, 25> kTypeNames{{{Type::int8, "int8"},
                                                      {Type::int16, "int16"},
                                                      {Type::int32, "int32"},
                                                      {Type::int64, "int64"},
                                                      {Type::uint8, "uint8"},
                                                      {Type::uint16, "uint16"},
                                                      {Type::uint32, "uint32"},
                                                      {Type::uint64, "uint64"},
                                                      {Type::float32, "float32"},
                                                      {Type::float64, "float64"},
                                                      {Type::decimal, "decimal"},
                                                      {Type::bits, "bits"},
                                                      {Type::date, "date"},
                                                      {Type::datetime, "datetime"},
                                                      {Type::timestamp, "timestamp"},
                                                      {Type::time, "time"},
                                                      {Type::year, "year"},
                                                      {Type::text, "text"},
                                                      {Type::bytes, "bytes"},
                                                      {Type::enumeration, "enumeration"},
                                                      {Type::set, "set"},
                                                      {Type::json, "json"},
                                                      {Type::geometry, "geometry"},
                                                      {Type::uuid, "uuid"},
                                                      {Type::inet, "inet"}}};

/// The stream's name of a type, such as "int32"; empty for a number that is no type.
constexpr std::string_view type_name(Type t) noexcept {
  for (const auto& row : kTypeNames)
    if (row.type == t) return row.name;
  return {};
}

/// The type with this name, if any.
constexpr std::optional<Type> type_from_name(std::string_view name) noexcept {
  for (const auto& row : kTypeNames)
    if (row.name == name) return row.type;
  return std::nullopt;
}

}  // namespace flytt::value
