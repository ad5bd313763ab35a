// Is a table one worker's work as a whole, or several workers' in parts? A dump and a load answer alike.
// Layer: plan (4).  Thread rule: functions without state.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

namespace flytt::plan {

/// Up to so many workers the work is a table's rows on one side and its indexes on the other; more would wait for one large table.
inline constexpr unsigned kAnySize = 2;

/// `bytes` of a table out of `total`, both estimated. Where it is at most one worker's share, whoever reads or writes it from end to
/// end holds nobody up.
constexpr bool whole_for_one(std::uint64_t bytes, std::uint64_t total, unsigned jobs) noexcept {
  return jobs <= kAnySize || bytes <= total / jobs;
}

}  // namespace flytt::plan
