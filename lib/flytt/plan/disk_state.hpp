// What a disk is doing, second by second: the rule of the runbook (util 100 % and await over 10 ms), hardened.
// Layer: plan (4).  Thread rule: one thread an object.  Words: man/io-probe.1, STATES.
// SPDX-License-Identifier: MIT
#pragma once

#include <flytt/plan/change_point.hpp>
#include <flytt/plan/disk_rates.hpp>

#include <array>
#include <cstddef>
#include <deque>
#include <string>
#include <string_view>

namespace flytt::plan {

enum class DiskState : unsigned char { idle, ok, busy, saturated, stalled, throttled, cliff, resync, unknown };
inline constexpr std::size_t kDiskStates = 9;

std::string_view name(DiskState state) noexcept;  ///< "SATURATED"

/// Is a database slower in this state than it should be?
constexpr bool is_slow(DiskState s) noexcept {
  return s == DiskState::saturated || s == DiskState::stalled || s == DiskState::throttled || s == DiskState::cliff;
}

struct DiskLimits {
  double util = 100;     ///< percent
  double await_ms = 10;
};

/// One sample as the judge sees it.
struct DiskSample {
  DiskRates rates;
  double limit_share = 0;  ///< of a control group's limit, 1 for all of it
  bool resync = false;     ///< an array below is rebuilding
};

struct DiskVerdict {
  DiskState state = DiskState::unknown;
  std::string why;           ///< "cgroup", "plateau at 3000 IOPS", "250 to 90 MB/s", the reason of UNKNOWN; or empty
  double await_ms = 0;       ///< without what moving large requests takes
};

/// Judges samples in their order.
class DiskJudge {
 public:
  explicit DiskJudge(DiskLimits limits = {}) : limits_(limits) {}
  DiskVerdict add(const DiskSample& sample);

 private:
  struct Seen {
    double bytes, requests, queue;
    bool slow;     ///< util and await above their limits
    bool limited;  ///< at a control group's limit
    bool busy;
  };
  bool flat() const;
  std::string plateau() const;

  DiskLimits limits_;
  std::deque<Seen> last_;
  double fastest_ = 0;  ///< bytes a second
  ChangePoint change_;
  std::string cliff_;   ///< set from a fall until the throughput is back
  double before_cliff_ = 0;
};

}  // namespace flytt::plan
