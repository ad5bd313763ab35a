// Parameter forms of the logical types.
// SPDX-License-Identifier: MIT
#include <flytt/engine/mysql_family/bind_value.hpp>

#include <mysql.h>

#include <cstring>

#include <flytt/value/image_load.hpp>

namespace flytt::engine::mysql_family {

using value::Type;

ParameterForm parameter_form(Type type) noexcept {
  switch (type) {
    case Type::date:
    case Type::datetime:
    case Type::timestamp:
    case Type::time: return ParameterForm::temporal;
    default: return value::fixed_width(type) != 0 ? ParameterForm::number : ParameterForm::bytes;
  }
}

int parameter_type(Type type) noexcept {
  switch (type) {
    case Type::int8:
    case Type::uint8: return MYSQL_TYPE_TINY;
    case Type::int16:
    case Type::uint16:
    case Type::year: return MYSQL_TYPE_SHORT;
    case Type::int32:
    case Type::uint32: return MYSQL_TYPE_LONG;
    case Type::int64:
    case Type::uint64:
    case Type::bits: return MYSQL_TYPE_LONGLONG;
    case Type::float32: return MYSQL_TYPE_FLOAT;
    case Type::float64: return MYSQL_TYPE_DOUBLE;
    case Type::date: return MYSQL_TYPE_DATE;
    case Type::datetime:
    case Type::timestamp: return MYSQL_TYPE_DATETIME;
    case Type::time: return MYSQL_TYPE_TIME;
    // Text forms of types that would take bytes for their binary form.
    case Type::decimal:
    case Type::uuid:
    case Type::inet: return MYSQL_TYPE_STRING;
    // Everything else as bytes: the server stores them unconverted, and still checks that text is well-formed.
    default: return MYSQL_TYPE_BLOB;
  }
}

bool parameter_unsigned(Type type) noexcept {
  return type == Type::uint8 || type == Type::uint16 || type == Type::uint32 || type == Type::uint64 || type == Type::bits ||
         type == Type::year;
}

void fill_time(Type type, std::string_view image, st_mysql_time& out) noexcept {
  std::memset(&out, 0, sizeof out);
  const auto byte = [&](std::size_t i) { return static_cast<unsigned>(static_cast<unsigned char>(image[i])); };
  if (type == Type::time) {
    const auto v = value::load<std::int64_t>(image);
    out.neg = v < 0;
    const std::uint64_t us = v < 0 ? 0 - static_cast<std::uint64_t>(v) : static_cast<std::uint64_t>(v);
    out.second_part = us % 1'000'000;
    out.second = static_cast<unsigned>(us / 1'000'000 % 60);
    out.minute = static_cast<unsigned>(us / 60'000'000 % 60);
    // On the wire an hour has one byte: more than a day's are sent as days.
    out.hour = static_cast<unsigned>(us / 3'600'000'000ULL % 24);
    out.day = static_cast<unsigned>(us / 86'400'000'000ULL);
    out.time_type = MYSQL_TIMESTAMP_TIME;
    return;
  }
  out.year = value::load<std::uint16_t>(image);
  out.month = byte(2);
  out.day = byte(3);
  out.time_type = MYSQL_TIMESTAMP_DATE;
  if (type == Type::date) return;
  out.hour = byte(4);
  out.minute = byte(5);
  out.second = byte(6);
  out.second_part = value::load<std::uint32_t>(image, 7);
  out.time_type = MYSQL_TIMESTAMP_DATETIME;
}

}  // namespace flytt::engine::mysql_family
