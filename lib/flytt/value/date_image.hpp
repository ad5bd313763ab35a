// The four bytes of a date's image, and how dates beyond the year 65535, before Christ and without end are folded into them.
// Layer: value (2).  Thread rule: functions without state.  Format: man/flytt-stream.5, ROW IMAGE.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <cstring>

namespace flytt::value {

/// A date taken apart. Zero and partial dates are legal.
struct DateParts {
  std::uint32_t year = 0;  ///< of its era
  unsigned month = 0;
  unsigned day = 0;
  bool before_christ = false;
  int infinity = 0;  ///< 1 or -1: later or earlier than every date; the rest means nothing
};

// No month needs its four high bits and no day its three: they hold bits 16 to 22 of the year, and two numbers that no year has.
inline constexpr unsigned kBeforeChrist = 112;
inline constexpr unsigned kInfinite = 127;

inline void fold_date(char* four, const DateParts& d) noexcept {
  const unsigned high = d.infinity != 0 ? kInfinite : d.before_christ ? kBeforeChrist : d.year >> 16;
  const auto year = static_cast<std::uint16_t>(d.infinity != 0 ? (d.infinity > 0 ? 1 : 0) : d.year);
  std::memcpy(four, &year, 2);
  four[2] = static_cast<char>((d.infinity != 0 ? 0 : d.month) | (high & 15U) << 4);
  four[3] = static_cast<char>((d.infinity != 0 ? 0 : d.day) | (high >> 4) << 5);
}

inline DateParts unfold_date(const char* four) noexcept {
  std::uint16_t year;
  std::memcpy(&year, four, 2);
  const unsigned month = static_cast<unsigned char>(four[2]), day = static_cast<unsigned char>(four[3]);
  const unsigned high = month >> 4 | (day >> 5) << 4;
  if (high == kInfinite) return {.infinity = year != 0 ? 1 : -1};
  DateParts d{.year = year, .month = month & 15U, .day = day & 31U};
  if (high == kBeforeChrist) d.before_christ = true;
  else d.year |= high << 16;
  return d;
}

}  // namespace flytt::value
