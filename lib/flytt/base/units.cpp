// SPDX-License-Identifier: MIT
#include <flytt/base/units.hpp>

#include <flytt/base/error.hpp>
#include <flytt/base/text.hpp>

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <tuple>
#include <utility>

namespace flytt::base {

using std::chrono::nanoseconds;

namespace {

constexpr std::string_view kDigits = "0123456789";

[[noreturn]] void refuse(std::string_view text, std::string_view why, std::string hint = {}) {
  Facts facts;
  facts.hint = std::move(hint);
  throw Error(Exit::usage, concat(quote_for_message(text), " ", why), std::move(facts));
}

/// The digits at the start and what follows them.
std::pair<std::string_view, std::string_view> cut_digits(std::string_view text) {
  const auto end = text.find_first_not_of(kDigits);
  if (end == std::string_view::npos) return {text, {}};
  return {text.substr(0, end), text.substr(end)};
}

std::optional<std::uint64_t> size_factor(std::string_view unit) {
  constexpr std::string_view kLetters = "kmgt";
  if (unit.empty() || unit == "B") return 1;
  const auto power = kLetters.find(lower(unit.substr(0, 1)));
  if (power == std::string_view::npos) return std::nullopt;
  const std::string_view rest = unit.substr(1);
  if (!rest.empty() && rest != "iB" && rest != "B") return std::nullopt;
  const std::uint64_t base = rest == "B" ? 1000 : 1024;
  std::uint64_t factor = 1;
  for (std::size_t i = 0; i <= power; ++i) factor *= base;
  return factor;
}

std::optional<std::int64_t> nanoseconds_in(std::string_view unit) {
  struct Unit {
    std::string_view name;
    std::int64_t nanoseconds;
  };
  constexpr std::int64_t kSecond = 1'000'000'000;
  constexpr std::array kUnits{Unit{"ns", 1},           Unit{"us", 1'000},          Unit{"ms", 1'000'000},
                              Unit{"s", kSecond},      Unit{"m", 60 * kSecond},    Unit{"min", 60 * kSecond},
                              Unit{"h", 3600 * kSecond}, Unit{"d", 86400 * kSecond}};
  for (const Unit& known : kUnits) {
    if (known.name == unit) return known.nanoseconds;
  }
  return std::nullopt;
}

/// The fraction's digits times the unit, exact; nothing when a digit is left over below the nanosecond.
std::optional<std::int64_t> fraction_of(std::string_view digits, std::int64_t unit) {
  std::int64_t sum = 0;
  for (const char digit : digits) {
    if (unit % 10 != 0) {
      if (digit != '0') return std::nullopt;
      continue;
    }
    unit /= 10;
    sum += unit * (digit - '0');
  }
  return sum;
}

/// "12.3" of a number and the unit it is counted in.
std::string one_decimal(std::uint64_t number, std::uint64_t unit) {
  const std::uint64_t rest = number % unit;
  const std::uint64_t tenth = unit >= 10 ? std::min<std::uint64_t>(rest / (unit / 10), 9) : 0;
  return concat(number / unit, ".", tenth);
}

std::string two_units(std::uint64_t big, std::string_view big_name, std::uint64_t small, std::string_view small_name) {
  return concat(big, big_name, small < 10 ? " 0" : " ", small, small_name);
}

}  // namespace

Bytes parse_size(std::string_view text) {
  const auto [digits, unit] = cut_digits(text);
  const auto factor = size_factor(unit);
  if (digits.empty() || !factor) refuse(text, "is not a size", "write it like 8M, 512KiB, 1GB or 4096");
  const auto number = parse_u64(digits);
  if (!number || *number > std::numeric_limits<std::uint64_t>::max() / *factor) refuse(text, "is too large a size");
  return Bytes{*number * *factor};
}

nanoseconds parse_duration(std::string_view text) {
  constexpr std::string_view kExample = "write it like 500ms, 2s, 5m or 1.5h";
  constexpr auto kMost = std::numeric_limits<std::int64_t>::max();
  auto [digits, rest] = cut_digits(text);
  std::string_view fraction;
  if (rest.starts_with('.')) {
    std::tie(fraction, rest) = cut_digits(rest.substr(1));
    if (fraction.empty()) refuse(text, "is not a duration", std::string(kExample));
  }
  if (digits.empty()) refuse(text, "is not a duration", std::string(kExample));
  if (rest.empty()) refuse(text, "has no unit of time", std::string(kExample));
  const auto unit = nanoseconds_in(rest);
  if (!unit) refuse(text, "is not a duration", std::string(kExample));
  const auto whole = parse_u64(digits);
  const auto part = fraction_of(fraction, *unit);
  if (!part) refuse(text, "is finer than a nanosecond");
  if (!whole || *whole > static_cast<std::uint64_t>((kMost - *part) / *unit)) refuse(text, "is too long a duration");
  return nanoseconds(static_cast<std::int64_t>(*whole) * *unit + *part);
}

std::uint64_t parse_count(std::string_view text) {
  const auto [digits, rest] = cut_digits(text);
  if (digits.empty() || !rest.empty()) refuse(text, "is not a whole number", "write it in decimal digits");
  const auto number = parse_u64(digits);
  if (!number) refuse(text, "is too large a number");
  return *number;
}

std::string format_bytes(std::uint64_t bytes) {
  constexpr std::array<std::string_view, 6> kNames{"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
  if (bytes < 1024) return concat(bytes, " B");
  std::size_t power = 0;
  std::uint64_t unit = 1024;
  while (power + 1 < kNames.size() && bytes / unit >= 1024) {
    unit *= 1024;
    ++power;
  }
  return concat(one_decimal(bytes, unit), " ", kNames[power]);
}

std::string format_duration(nanoseconds duration) {
  if (duration < nanoseconds(0)) {
    // The most negative value has no positive counterpart.
    return concat("-", format_duration(duration == nanoseconds::min() ? nanoseconds::max() : -duration));
  }
  const auto ns = static_cast<std::uint64_t>(duration.count());
  const std::uint64_t s = ns / 1'000'000'000;
  if (ns == 0) return "0 s";
  if (ns < 1'000) return concat(ns, " ns");
  if (ns < 1'000'000) return concat(ns / 1'000, " us");
  if (ns < 1'000'000'000) return concat(ns / 1'000'000, " ms");
  if (s < 60) return concat(one_decimal(ns, 1'000'000'000), " s");
  if (s < 3600) return two_units(s / 60, "m", s % 60, "s");
  if (s < 86400) return two_units(s / 3600, "h", s / 60 % 60, "m");
  return two_units(s / 86400, "d", s / 3600 % 24, "h");
}

std::string format_rate(std::uint64_t bytes, nanoseconds elapsed) {
  if (elapsed <= nanoseconds(0)) return "-";
  const double rate = static_cast<double>(bytes) / (static_cast<double>(elapsed.count()) / 1e9);
  return rate < 1.8e19 ? concat(format_bytes(static_cast<std::uint64_t>(rate)), "/s") : "-";
}

std::string format_count(std::uint64_t count) {
  const std::string digits = std::to_string(count);
  std::string out;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) out += ',';
    out += digits[i];
  }
  return out;
}

}  // namespace flytt::base
