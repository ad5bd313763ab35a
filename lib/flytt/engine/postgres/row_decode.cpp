// SPDX-License-Identifier: MIT
#include <flytt/engine/postgres/row_decode.hpp>

#include <arpa/inet.h>

#include <array>
#include <cstring>
#include <limits>

#include <flytt/base/text.hpp>
#include <flytt/value/date_image.hpp>
#include <flytt/value/row_image.hpp>

namespace flytt::engine::postgres {
namespace {

using base::Error;
using base::Exit;

template <class Unsigned>
Unsigned load_big(const char* at) noexcept {
  Unsigned v = 0;
  for (std::size_t i = 0; i < sizeof v; ++i) v = static_cast<Unsigned>(v << 8 | static_cast<unsigned char>(at[i]));
  return v;
}

template <class T>
void put(std::string& out, T v) {
  out.append(reinterpret_cast<const char*>(&v), sizeof v);
}

void put_text(std::string& out, std::string_view text) {
  put(out, static_cast<std::uint32_t>(text.size()));
  out.append(text);
}

bool put_number(std::string& out, std::size_t width, std::string_view b) {
  if (b.size() != width) return false;
  switch (width) {
    case 2: put(out, load_big<std::uint16_t>(b.data())); return true;
    case 4: put(out, load_big<std::uint32_t>(b.data())); return true;
    case 8: put(out, load_big<std::uint64_t>(b.data())); return true;
    default: return false;
  }
}

/// The four digits of a group, as text.
void put_group(std::string& out, unsigned group) {
  const char digits[4] = {static_cast<char>('0' + group / 1000), static_cast<char>('0' + group / 100 % 10),
                          static_cast<char>('0' + group / 10 % 10), static_cast<char>('0' + group % 10)};
  out.append(digits, 4);
}

/// Number of groups, weight of the first, sign, digits after the point that are shown, groups.
bool put_numeric_text(std::string& out, std::string_view b) {
  constexpr unsigned kNegative = 0x4000, kNaN = 0xC000, kInfinity = 0xD000, kNegativeInfinity = 0xF000;
  if (b.size() < 8) return false;
  const auto groups = load_big<std::uint16_t>(b.data());
  const auto weight = static_cast<std::int16_t>(load_big<std::uint16_t>(b.data() + 2));
  const unsigned sign = load_big<std::uint16_t>(b.data() + 4), scale = load_big<std::uint16_t>(b.data() + 6);
  constexpr unsigned kMostDigits = 0x3FFF;  // after the point: more than any numeric has
  if (b.size() != 8 + std::size_t{2} * groups || (sign <= kNegative && scale > kMostDigits)) return false;
  const auto group = [&](int i) -> unsigned {
    return i < 0 || i >= groups ? 0U : load_big<std::uint16_t>(b.data() + 8 + 2 * i);
  };
  for (int i = 0; i < groups; ++i)
    if (group(i) > 9999) return false;
  switch (sign) {
    case kNaN: out += "NaN"; return true;
    case kInfinity: out += "Infinity"; return true;
    case kNegativeInfinity: out += "-Infinity"; return true;
    case kNegative: out += '-'; break;
    case 0: break;
    default: return false;
  }
  if (weight < 0) {
    out += '0';
  } else {
    base::append(out, group(0));
    for (int i = 1; i <= weight; ++i) put_group(out, group(i));
  }
  if (scale == 0) return true;
  out += '.';
  const std::size_t end = out.size() + scale;
  for (int i = weight + 1; out.size() < end; ++i) put_group(out, group(i));
  out.resize(end);
  return true;
}

bool put_money_text(std::string& out, std::string_view b) {
  if (b.size() != 8) return false;
  const auto v = static_cast<std::int64_t>(load_big<std::uint64_t>(b.data()));
  const std::uint64_t magnitude = v < 0 ? 0 - static_cast<std::uint64_t>(v) : static_cast<std::uint64_t>(v);
  if (v < 0) out += '-';
  base::append(out, magnitude / 100);
  out += '.';
  out += static_cast<char>('0' + magnitude / 10 % 10);
  out += static_cast<char>('0' + magnitude % 10);
  return true;
}

constexpr std::int64_t kDaysToMillennium = 730'425;  // from 0000-03-01 to 2000-01-01
constexpr std::int64_t kCycle = 146'097;             // days of 400 years
constexpr std::int64_t kDayMicros = 86'400'000'000;

std::int64_t floor_div(std::int64_t a, std::int64_t b) noexcept { return a / b - (a % b < 0 ? 1 : 0); }

/// The Gregorian calendar, carried back before its time, as the server has it. Counted in years that begin in March.
value::DateParts date_of(std::int64_t days_since_2000) noexcept {
  const std::int64_t days = days_since_2000 + kDaysToMillennium;
  const std::int64_t cycle = floor_div(days, kCycle), in_cycle = days - cycle * kCycle;
  const std::int64_t of_cycle = (in_cycle - in_cycle / 1460 + in_cycle / 36'524 - in_cycle / 146'096) / 365;
  const std::int64_t in_year = in_cycle - (of_cycle * 365 + of_cycle / 4 - of_cycle / 100);
  const std::int64_t march = (5 * in_year + 2) / 153;
  value::DateParts d;
  d.day = static_cast<unsigned>(in_year - (153 * march + 2) / 5 + 1);
  d.month = static_cast<unsigned>(march < 10 ? march + 3 : march - 9);
  const std::int64_t year = cycle * 400 + of_cycle + (d.month <= 2 ? 1 : 0);
  d.before_christ = year <= 0;  // there is no year 0: the one before 1 is 1 BC
  d.year = static_cast<std::uint32_t>(d.before_christ ? 1 - year : year);
  return d;
}

template <class Signed>
int infinity_of(Signed v) noexcept {
  return v == std::numeric_limits<Signed>::max() ? 1 : v == std::numeric_limits<Signed>::min() ? -1 : 0;
}

bool put_date(std::string& out, std::string_view b) {
  if (b.size() != 4) return false;
  const auto days = static_cast<std::int32_t>(load_big<std::uint32_t>(b.data()));
  const int infinity = infinity_of(days);
  char four[4];
  value::fold_date(four, infinity != 0 ? value::DateParts{.infinity = infinity} : date_of(days));
  out.append(four, 4);
  return true;
}

bool put_datetime(std::string& out, std::string_view b) {
  if (b.size() != 8) return false;
  const auto micros = static_cast<std::int64_t>(load_big<std::uint64_t>(b.data()));
  char image[11] = {};
  if (const int infinity = infinity_of(micros); infinity != 0) {
    value::fold_date(image, {.infinity = infinity});
  } else {
    const std::int64_t days = floor_div(micros, kDayMicros), rest = micros % kDayMicros;
    const std::int64_t of_day = rest < 0 ? rest + kDayMicros : rest, seconds = of_day / 1'000'000;  // the first day's begin is no int64
    value::fold_date(image, date_of(days));
    image[4] = static_cast<char>(seconds / 3600);
    image[5] = static_cast<char>(seconds / 60 % 60);
    image[6] = static_cast<char>(seconds % 60);
    const auto fraction = static_cast<std::uint32_t>(of_day % 1'000'000);
    std::memcpy(image + 7, &fraction, 4);
  }
  out.append(image, sizeof image);
  return true;
}

bool put_uuid(std::string& out, std::string_view b) {
  constexpr std::string_view kHex = "0123456789abcdef";
  if (b.size() != 16) return false;
  put(out, std::uint32_t{36});
  for (std::size_t i = 0; i < b.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) out += '-';
    const auto byte = static_cast<unsigned char>(b[i]);
    out += kHex[byte >> 4];
    out += kHex[byte & 15];
  }
  return true;
}

bool put_inet_text(std::string& out, std::string_view b) {
  constexpr char kFour = 2, kSix = 3;  // the server's own numbers, the same on every system
  if (b.size() < 4 || (b[0] != kFour && b[0] != kSix)) return false;
  const std::size_t size = b[0] == kFour ? 4 : 16;
  if (b.size() != 4 + size) return false;
  char text[INET6_ADDRSTRLEN];
  if (::inet_ntop(b[0] == kFour ? AF_INET : AF_INET6, b.data() + 4, text, sizeof text) == nullptr) return false;
  out += text;
  const auto prefix = static_cast<unsigned char>(b[1]);
  const bool network = b[2] != 0;
  if (network || prefix != 8 * size) out += base::concat('/', unsigned{prefix});
  return true;
}

bool put_bits(std::string& out, std::string_view b) {
  if (b.size() < 4) return false;
  const auto bits = load_big<std::uint32_t>(b.data());
  const std::string_view bytes = b.substr(4);
  if (bits > 64 || bytes.size() != (bits + 7) / 8) return false;
  std::uint64_t v = 0;
  for (const char c : bytes) v = v << 8 | static_cast<unsigned char>(c);
  put(out, bytes.empty() ? std::uint64_t{0} : v >> (8 * bytes.size() - bits));
  return true;
}

/// A text made in place, its length in front.
template <class Make>
bool put_made(std::string& out, Make make, std::string_view b) {
  const std::size_t at = out.size();
  out.append(4, '\0');
  if (!make(out, b)) return false;
  const auto length = static_cast<std::uint32_t>(out.size() - at - 4);
  std::memcpy(out.data() + at, &length, 4);
  return true;
}

bool put_value(std::string& out, value::Type type, Form form, std::string_view b) {
  switch (form) {
    case Form::bytes:
    case Form::output: put_text(out, b); return true;
    case Form::padded: put_text(out, b.substr(0, b.find_last_not_of(' ') + 1)); return true;
    case Form::number: return put_number(out, value::fixed_width(type), b);
    case Form::boolean:
      if (b.size() != 1 || static_cast<unsigned char>(b[0]) > 1) return false;
      out += b[0];
      return true;
    case Form::numeric: return put_made(out, put_numeric_text, b);
    case Form::money: return put_made(out, put_money_text, b);
    case Form::date: return put_date(out, b);
    case Form::datetime: return put_datetime(out, b);
    case Form::jsonb:
      if (b.empty() || b[0] != 1) return false;
      put_text(out, b.substr(1));
      return true;
    case Form::uuid: return put_uuid(out, b);
    case Form::inet: return put_made(out, put_inet_text, b);
    case Form::bits: return put_bits(out, b);
  }
  return false;
}

[[noreturn]] void torn() { throw Error(Exit::unavailable, "the server sent a row of COPY that is not whole"); }

}  // namespace

void append_image(std::string& image, const value::Column& column, Form form, std::string_view binary) {
  if (put_value(image, column.type, form, binary)) return;
  throw Error(Exit::unavailable, base::concat("column ", base::quote_for_message(column.name), " holds what is no ", column.native),
              {.hint = "Was the table altered while it was read? Then begin again."});
}

RowDecoder::RowDecoder(const std::vector<value::Column>& columns, std::vector<Form> forms)
    : columns_(columns), forms_(std::move(forms)), values_(columns.size()) {}

void RowDecoder::parse(std::string_view row) {
  if (row.size() < 2 || load_big<std::uint16_t>(row.data()) != values_.size()) torn();
  std::size_t at = 2;
  for (auto& value : values_) {
    if (row.size() - at < 4) torn();
    const auto length = static_cast<std::int32_t>(load_big<std::uint32_t>(row.data() + at));
    at += 4;
    if (length < 0) {
      value = {};
      continue;
    }
    if (row.size() - at < static_cast<std::size_t>(length)) torn();
    value = row.substr(at, static_cast<std::size_t>(length));
    at += static_cast<std::size_t>(length);
  }
  if (at != row.size()) torn();
}

void RowDecoder::append_head(std::string& image) const {
  const std::size_t at = image.size();
  image.append(value::bitmap_bytes(values_.size()), '\0');
  for (std::size_t i = 0; i < values_.size(); ++i)
    if (values_[i].data() == nullptr) image[at + i / 8] = static_cast<char>(image[at + i / 8] | 1 << i % 8);
}

void RowDecoder::append_value(std::string& image, std::size_t column) const {
  if (values_[column].data() != nullptr) append_image(image, columns_[column], forms_[column], values_[column]);
}

}  // namespace flytt::engine::postgres
