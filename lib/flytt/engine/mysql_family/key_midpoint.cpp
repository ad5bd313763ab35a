// Half-way values between two keys. They only balance the work: the server snaps them to a key that exists, so a bad guess
// costs a lopsided cut and never a row.
// SPDX-License-Identifier: MIT
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>

#include <flytt/base/text.hpp>
#include <flytt/engine/mysql_family/key_condition.hpp>

namespace flytt::engine::mysql_family {
namespace {

using value::Type;

template <class T>
std::optional<std::string> between(std::string_view low, std::string_view high) {
  T a, b;
  std::memcpy(&a, low.data(), sizeof a);
  std::memcpy(&b, high.data(), sizeof b);
  if (b <= a) return std::nullopt;
  using U = std::make_unsigned_t<T>;
  const U gap = static_cast<U>(static_cast<U>(b) - static_cast<U>(a));
  const T mid = static_cast<T>(static_cast<U>(a) + gap / 2);
  if (mid == a) return std::nullopt;
  return std::string(reinterpret_cast<const char*>(&mid), sizeof mid);
}

std::optional<std::string> between_bytes(std::string_view low, std::string_view high) {
  std::size_t common = 0;
  while (common < low.size() && common < high.size() && low[common] == high[common]) ++common;
  std::string out(low.substr(0, common));
  const auto fraction = [&](std::string_view s) {
    std::uint64_t v = 0;
    for (std::size_t i = 0; i < 7; ++i) v = v << 8 | (common + i < s.size() ? static_cast<unsigned char>(s[common + i]) : 0U);
    return v;
  };
  const std::uint64_t a = fraction(low), b = fraction(high);
  if (b <= a + 1) return std::nullopt;
  const std::uint64_t mid = a + (b - a) / 2;
  for (int shift = 48; shift >= 0; shift -= 8) out += static_cast<char>(mid >> shift & 0xff);
  return out;
}

bool plain(std::string_view s) {
  for (const char c : s)
    if (c < ' ' || c > '~') return false;
  return true;
}

/// Text halves on printable ASCII only: two digits of base 95 after the common beginning.
std::optional<std::string> between_text(std::string_view low, std::string_view high) {
  std::size_t common = 0;
  while (common < low.size() && common < high.size() && low[common] == high[common]) ++common;
  const std::string_view low_rest = low.substr(common, 3), high_rest = high.substr(common, 3);
  if (!plain(low_rest) || !plain(high_rest)) return std::nullopt;
  const auto number = [](std::string_view s) {
    unsigned v = 0;
    for (std::size_t i = 0; i < 3; ++i) v = v * 95 + (i < s.size() ? static_cast<unsigned>(s[i] - ' ') : 0U);
    return v;
  };
  const unsigned a = number(low_rest), b = number(high_rest);
  const unsigned small = std::min(a, b), large = std::max(a, b);  // a collation may order them the other way round
  if (large - small < 2) return std::nullopt;
  const unsigned mid = small + (large - small) / 2;
  std::string out(low.substr(0, common));
  for (const unsigned digit : {mid / (95 * 95), mid / 95 % 95, mid % 95}) out += static_cast<char>(' ' + digit);
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

/// Dates and times: as one ascending number and back; days beyond 28 are never made, so every result is a date.
std::optional<std::string> between_dates(std::string_view low, std::string_view high) {
  const auto number = [](std::string_view s) {
    std::uint16_t year;
    std::memcpy(&year, s.data(), 2);
    const auto at = [&](std::size_t i) { return i < s.size() ? static_cast<std::uint64_t>(static_cast<unsigned char>(s[i])) : 0; };
    return (((year * std::uint64_t{12} + at(2)) * 32 + at(3)) * 24 + at(4)) * 3600 + at(5) * 60 + at(6);
  };
  const std::uint64_t a = number(low), b = number(high);
  if (b < a + 2) return std::nullopt;
  std::uint64_t mid = a + (b - a) / 2;
  const auto second = mid % 3600;
  mid /= 3600;
  const auto hour = mid % 24;
  mid /= 24;
  const auto day = std::min<std::uint64_t>(std::max<std::uint64_t>(mid % 32, 1), 28);
  mid /= 32;
  const auto month = std::max<std::uint64_t>(mid % 12, 1);
  const auto year = static_cast<std::uint16_t>(mid / 12);
  std::string out(reinterpret_cast<const char*>(&year), 2);
  for (const auto part : {month, day}) out += static_cast<char>(part);
  if (low.size() == 4) return out;
  for (const auto part : {hour, second / 60, second % 60}) out += static_cast<char>(part);
  return out + std::string(4, '\0');
}

std::optional<std::string> between_decimals(std::string_view low, std::string_view high) {
  double a = 0, b = 0;
  std::from_chars(low.data(), low.data() + low.size(), a);
  std::from_chars(high.data(), high.data() + high.size(), b);
  if (!(b > a)) return std::nullopt;
  char buffer[400];
  const double middle = a + (b - a) / 2;
  if (!std::isfinite(middle)) return std::nullopt;
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, middle, std::chars_format::fixed).ptr;
  return std::string(buffer, end);
}

}  // namespace

std::optional<std::string> midpoint(const value::Column& column, std::string_view low, std::string_view high) {
  switch (column.type) {
    case Type::int8: return between<std::int8_t>(low, high);
    case Type::int16: return between<std::int16_t>(low, high);
    case Type::int32: return between<std::int32_t>(low, high);
    case Type::int64:
    case Type::time: return between<std::int64_t>(low, high);
    case Type::uint8: return between<std::uint8_t>(low, high);
    case Type::uint16:
    case Type::year: return between<std::uint16_t>(low, high);
    case Type::uint32: return between<std::uint32_t>(low, high);
    case Type::uint64:
    case Type::bits: return between<std::uint64_t>(low, high);
    case Type::date:
    case Type::datetime:
    case Type::timestamp: return between_dates(low, high);
    case Type::decimal: return between_decimals(low, high);
    case Type::bytes: return between_bytes(low, high);
    case Type::text: return between_text(low, high);
    default: return std::nullopt;
  }
}

}  // namespace flytt::engine::mysql_family
