// Numbers, times, identifiers and addresses in canonical form.
// SPDX-License-Identifier: MIT
#include <flytt/value/canonical_put.hpp>

#include <arpa/inet.h>

#include <array>
#include <bit>
#include <cmath>
#include <string>

#include <flytt/value/image_load.hpp>

namespace flytt::value::canonical {
namespace {

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

struct Date {
  unsigned year, month, day;
};

Date load_date(std::string_view image) noexcept {
  return {load<std::uint16_t>(image, 0), load<std::uint8_t>(image, 2), load<std::uint8_t>(image, 3)};
}

bool regular(const Date& d) noexcept {
  static constexpr std::array<unsigned, 12> kDays{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (d.year == 0 || d.month == 0 || d.month > 12 || d.day == 0) return false;
  const bool leap = (d.year % 4 == 0 && d.year % 100 != 0) || d.year % 400 == 0;
  return d.day <= kDays[d.month - 1] + (d.month == 2 && leap ? 1U : 0U);
}

/// Days since 0001-01-01 in the Gregorian calendar, carried back before its time. Counted in years that begin in March.
std::uint32_t days(const Date& d) noexcept {
  const std::uint32_t y = d.month > 2 ? d.year : d.year - 1;
  const std::uint32_t m = d.month > 2 ? d.month - 3 : d.month + 9;
  return y * 365 + y / 4 - y / 100 + y / 400 + (m * 153 + 2) / 5 + d.day - 1 - 306;
}

constexpr std::int64_t kDaysToEpoch = 719'162;  // from 0001-01-01 to 1970-01-01
constexpr std::uint64_t kDayMicros = 86'400'000'000;

char* put_odd(char* p, const Date& d) noexcept {
  *p++ = static_cast<char>(d.year >> 8);
  *p++ = static_cast<char>(d.year);
  *p++ = static_cast<char>(d.month);
  *p++ = static_cast<char>(d.day);
  return p;
}

/// The digits of a decimal's text, without the zeros that say nothing.
struct Digits {
  std::string_view text;     // from the first to the last digit that is not zero, perhaps with the point between
  std::size_t count = 0;     // of digits in it
  std::int64_t exponent = 0;
};

bool find_digits(std::string_view text, Digits& out) noexcept {
  std::size_t point = text.size(), first = text.size(), last = 0, digits = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '.' && point == text.size()) {
      point = i;
      continue;
    }
    if (!is_digit(text[i])) return false;
    ++digits;
    if (text[i] == '0') continue;
    if (first == text.size()) first = i;
    last = i;
  }
  if (digits == 0) return false;
  if (first == text.size()) return true;
  out.text = text.substr(first, last - first + 1);
  out.count = out.text.size() - (first < point && point < last ? 1 : 0);
  out.exponent = last < point ? static_cast<std::int64_t>(point - last - 1) : -static_cast<std::int64_t>(last - point);
  return true;
}

/// The number, when it is an integer below 2^64.
bool as_integer(const Digits& d, std::uint64_t& out) noexcept {
  if (d.exponent < 0 || d.exponent > 19 || d.count + static_cast<std::size_t>(d.exponent) > 20) return false;
  out = 0;
  const auto append = [&out](unsigned digit) {
    return !__builtin_mul_overflow(out, std::uint64_t{10}, &out) && !__builtin_add_overflow(out, digit, &out);
  };
  for (const char c : d.text) {
    if (!append(static_cast<unsigned>(c - '0'))) return false;
  }
  for (std::int64_t i = 0; i < d.exponent; ++i) {
    if (!append(0)) return false;
  }
  return true;
}

}  // namespace

char* put_real(char* p, double v) noexcept {
  constexpr std::uint64_t kNan = 0x7ff8'0000'0000'0000;
  const std::uint64_t bits = std::isnan(v) ? kNan : v == 0 ? 0 : std::bit_cast<std::uint64_t>(v);
  return put_fixed(p, CanonicalTag::real, bits);
}

char* put_decimal(char* p, std::string_view text) noexcept {
  const bool negative = !text.empty() && text[0] == '-';
  if (negative || (!text.empty() && text[0] == '+')) text.remove_prefix(1);
  if (text == "NaN") return put_value(p, CanonicalTag::decimal_nan, {});
  if (text == "Infinity")
    return put_value(p, negative ? CanonicalTag::decimal_negative_infinity : CanonicalTag::decimal_infinity, {});
  Digits d;
  if (!find_digits(text, d)) return nullptr;
  std::uint64_t whole = 0;
  if (as_integer(d, whole)) {
    return put_magnitude(p, negative && whole != 0 ? CanonicalTag::negative : CanonicalTag::integer, whole);
  }
  char exponent[kVarint];
  const auto zigzag = (static_cast<std::uint64_t>(d.exponent) << 1) ^ static_cast<std::uint64_t>(d.exponent >> 63);
  const auto length = static_cast<std::size_t>(put_varint(exponent, zigzag) - exponent);
  p = put_varint(put_tag(p, negative ? CanonicalTag::negative_decimal : CanonicalTag::decimal), length + d.count);
  p = put_bytes(p, {exponent, length});
  for (const char c : d.text) {
    if (c != '.') *p++ = c;
  }
  return p;
}

char* put_date(char* p, std::string_view image) noexcept {
  const Date d = load_date(image);
  if (regular(d)) return put_fixed(p, CanonicalTag::date, days(d));
  return put_odd(put_varint(put_tag(p, CanonicalTag::odd_date), 4), d);
}

char* put_datetime(char* p, CanonicalTag regular_tag, CanonicalTag odd, std::string_view image) noexcept {
  const Date d = load_date(image);
  const std::uint64_t seconds = load<std::uint8_t>(image, 4) * 3600U + load<std::uint8_t>(image, 5) * 60U +
                                load<std::uint8_t>(image, 6);
  const std::uint64_t micros = seconds * 1'000'000 + load<std::uint32_t>(image, 7);
  if (regular(d) && micros < kDayMicros) {
    const std::int64_t since = (std::int64_t{days(d)} - kDaysToEpoch) * static_cast<std::int64_t>(kDayMicros);
    return put_fixed(p, regular_tag, static_cast<std::uint64_t>(since) + micros);
  }
  p = put_odd(put_varint(put_tag(p, odd), 12), d);
  for (unsigned i = 8; i-- > 0;) *p++ = static_cast<char>(micros >> (8 * i));
  return p;
}

char* put_uuid(char* p, std::string_view text) noexcept {
  p = put_varint(put_tag(p, CanonicalTag::uuid), 16);
  unsigned nibbles = 0, byte = 0;
  for (const char c : text) {
    if (c == '-') continue;
    const char l = static_cast<char>(c | 0x20);
    unsigned v;
    if (is_digit(c)) {
      v = static_cast<unsigned>(c - '0');
    } else if (l >= 'a' && l <= 'f') {
      v = static_cast<unsigned>(l - 'a') + 10;
    } else {
      return nullptr;
    }
    if (nibbles == 32) return nullptr;
    byte = byte << 4 | v;
    if (++nibbles % 2 == 0) *p++ = static_cast<char>(byte);
  }
  return nibbles == 32 ? p : nullptr;
}

char* put_inet(char* p, std::string_view text) noexcept {
  char host[INET6_ADDRSTRLEN + 1];
  const std::size_t slash = text.find('/');
  const std::string_view address = text.substr(0, slash);
  if (address.size() >= sizeof host) return nullptr;
  *put_bytes(host, address) = '\0';

  unsigned char raw[16];
  const bool six = address.find(':') != std::string_view::npos;
  if (inet_pton(six ? AF_INET6 : AF_INET, host, raw) != 1) return nullptr;
  const std::size_t size = six ? 16 : 4;
  unsigned prefix = six ? 128 : 32;
  if (slash != std::string_view::npos) {
    const std::string_view digits = text.substr(slash + 1);
    if (digits.empty() || digits.size() > 3) return nullptr;
    unsigned n = 0;
    for (const char c : digits) {
      if (!is_digit(c)) return nullptr;
      n = n * 10 + static_cast<unsigned>(c - '0');
    }
    if (n > prefix) return nullptr;
    prefix = n;
  }
  p = put_varint(put_tag(p, CanonicalTag::inet), 2 + size);
  *p++ = six ? 6 : 4;
  *p++ = static_cast<char>(prefix);
  return put_bytes(p, {reinterpret_cast<const char*>(raw), size});
}

}  // namespace flytt::value::canonical
