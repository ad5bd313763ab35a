// Numbers of io-probe as people read them, and as records carry them.
// Layer: task (5).  Thread rule: functions without state.
// SPDX-License-Identifier: MIT
#pragma once

#include <charconv>
#include <chrono>
#include <cmath>
#include <string>

namespace flytt::task {

/// A number with so many decimals, never in the locale's way.
inline std::string probe_fixed(double value, int decimals) {
  char text[64];
  const auto end = std::to_chars(text, text + sizeof text, value, std::chars_format::fixed, decimals).ptr;
  return std::string(text, end);
}

inline double ms_of(std::chrono::nanoseconds d) { return static_cast<double>(d.count()) / 1e6; }

/// Milliseconds of a record.
inline double probe_number(std::chrono::nanoseconds d) { return std::round(static_cast<double>(d.count()) / 1e3) / 1e3; }

/// "0.043 ms", "12.3 ms", "1.50 s".
inline std::string probe_ms(double ms) {
  if (ms >= 1000) return probe_fixed(ms / 1000, 2) + " s";
  return probe_fixed(ms, ms < 1 ? 3 : ms < 10 ? 2 : 1) + " ms";
}
inline std::string probe_ms(std::chrono::nanoseconds d) { return probe_ms(ms_of(d)); }

/// "143.2 MB/s", in powers of 1000 as disks and networks are sold.
inline std::string probe_rate(double bytes_per_second) { return probe_fixed(bytes_per_second / 1e6, bytes_per_second < 1e8 ? 1 : 0) + " MB/s"; }

}  // namespace flytt::task
