// Sizes, durations and counts as people write and read them on a command line.
// Layer: base (0).  Thread rule: functions without state.  Format: man/flytt.7, VALUES.
// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace flytt::base {

/// A number of bytes, so that a signature says which number is meant.
struct Bytes {
  std::uint64_t value = 0;
  friend constexpr auto operator<=>(const Bytes&, const Bytes&) = default;
};

/// "8M", "512KiB", "1GB", "4096". K M G T (also k m g t) and KiB MiB GiB TiB are powers of 1024; kB MB GB TB of 1000; B and
/// nothing are bytes. Whole decimal numbers only.
/// Throws: Exit::usage naming the text.
Bytes parse_size(std::string_view text);

/// "500ms", "2s", "1.5h". The unit is required: ns us ms s m (min) h d. A decimal fraction is exact to the nanosecond.
/// Throws: Exit::usage naming the text.
std::chrono::nanoseconds parse_duration(std::string_view text);

/// A decimal count: "010" is ten, "-1", "+1", "1e3", "" and " 1" are refused.
/// Throws: Exit::usage naming the text.
std::uint64_t parse_count(std::string_view text);

/// "17 B", "1.5 KiB", "12.3 MiB", in powers of 1024, cut to one decimal.
std::string format_bytes(std::uint64_t bytes);
inline std::string format_bytes(Bytes bytes) { return format_bytes(bytes.value); }

/// "0 s", "850 us", "350 ms", "1.2 s", "5m 03s", "2h 14m", "3d 04h": for people, cut and not rounded.
std::string format_duration(std::chrono::nanoseconds duration);

/// "12.3 MiB/s"; "-" when no time has passed.
std::string format_rate(std::uint64_t bytes, std::chrono::nanoseconds elapsed);

/// "12,345,678": a count for people.
std::string format_count(std::uint64_t count);

}  // namespace flytt::base
