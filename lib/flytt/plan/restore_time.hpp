// From what a disk wrote in a test to how long a restore will take, and whether the test says so at all.
// Layer: plan (4).  Thread rule: functions without state.
// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>

namespace flytt::plan {

/// Cloud volumes have credits for some 30 minutes at most; drives have caches of some percent of their size.
inline constexpr double kLongEnoughSeconds = 45 * 60;

struct RestorePlan {
  double restore_bytes = 0;      ///< of data
  double amplification = 3;      ///< bytes written for one of them
  double bytes_per_second = 0;   ///< all that was written, with all parts at work
};

/// The time that the disk alone needs: the restore takes at least this; longer where processor, network or source are slower.
inline double restore_seconds(const RestorePlan& p) noexcept {
  return p.bytes_per_second > 0 ? p.restore_bytes * p.amplification / p.bytes_per_second : 0;
}

/// Did the test write as much as the restore will, or longer than any credits last?
inline bool excludes_bursts(double written, double seconds, const RestorePlan& p) noexcept {
  if (seconds >= kLongEnoughSeconds) return true;
  return p.restore_bytes > 0 && written >= p.restore_bytes * p.amplification;
}

}  // namespace flytt::plan
