// What a round trip says about how far away a server is, and what follows from it.
// Layer: plan (4).  Thread rule: functions without state.
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <string_view>

namespace flytt::plan {

enum class Distance { same_host, same_zone, same_region, same_continent, other_continent };

/// By the shortest round trip: the usual references are under 0.1 ms on one host, under 1 ms in one data centre, under 5 ms within a city
/// or region, 25 to 35 ms to the next country's data centre, 90 to 110 ms across an ocean.
constexpr Distance distance_of(std::chrono::nanoseconds shortest) noexcept {
  using std::chrono::microseconds;
  if (shortest < microseconds(100)) return Distance::same_host;
  if (shortest < microseconds(1'000)) return Distance::same_zone;
  if (shortest < microseconds(5'000)) return Distance::same_region;
  if (shortest < microseconds(60'000)) return Distance::same_continent;
  return Distance::other_continent;
}

constexpr std::string_view name(Distance d) noexcept {
  switch (d) {
    case Distance::same_host: return "same-host";
    case Distance::same_zone: return "same-zone";
    case Distance::same_region: return "same-region";
    case Distance::same_continent: return "same-continent";
    case Distance::other_continent: return "other-continent";
  }
  return "unknown";
}

constexpr std::string_view words(Distance d) noexcept {
  switch (d) {
    case Distance::same_host: return "on this host, or as near as one";
    case Distance::same_zone: return "in the same data centre";
    case Distance::same_region: return "in the same city or region";
    case Distance::same_continent: return "in another region of the continent";
    case Distance::other_continent: return "across an ocean";
  }
  return "unknown";
}

/// Rows a second when each waits for the one before it.
inline double rows_one_by_one(std::chrono::nanoseconds round_trip) noexcept {
  return 1e9 / static_cast<double>(std::max<std::int64_t>(1, round_trip.count()));
}

/// An ssh channel has a window of 2 MiB: this is all it moves in a round trip, whatever the link.
inline constexpr double kSshWindow = 2.0 * 1024 * 1024;
inline double ssh_bytes_per_second(std::chrono::nanoseconds round_trip) noexcept {
  return kSshWindow * 1e9 / static_cast<double>(std::max<std::int64_t>(1, round_trip.count()));
}
/// How many ssh connections fill a link of so many bytes a second.
inline unsigned ssh_lanes(std::chrono::nanoseconds round_trip, double link) noexcept {
  return static_cast<unsigned>(std::max(1.0, std::ceil(link / ssh_bytes_per_second(round_trip))));
}

}  // namespace flytt::plan
