// Two readings of a disk's counters, and what happened in between.
// Layer: plan (4).  Thread rule: functions without state.  Source: Documentation/admin-guide/iostats.rst.
//
// Two things differ from iostat. util is at most the mean queue: a disk is not busier than it has requests, but kernels 5.0 to
// 6.9 add a whole tick for each start of a request (util_raw is what iostat shows). And a disk that answers nothing while
// requests wait is stalled; its await would be 0, since the kernel adds a request's time when it ends.
// SPDX-License-Identifier: MIT
#pragma once

#include <flytt/os/disk_counters.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace flytt::plan {

struct DiskRates {
  std::string unknown;  ///< why there is nothing to say: the device is gone, another one, its clock stood still; else empty
  double seconds = 0;
  double util = 0, util_raw = 0;  ///< percent
  double await_ms = 0, read_await_ms = 0, write_await_ms = 0;
  std::optional<double> flush_await_ms;  ///< nothing when there was no flush or the kernel does not count them
  double queue = 0;
  double read_bytes = 0, write_bytes = 0;  ///< a second
  double reads = 0, writes = 0, flushes = 0;  ///< a second
  double request_bytes = 0;  ///< mean size
  std::uint64_t in_flight = 0;
  bool stalled = false;

  bool known() const noexcept { return unknown.empty(); }
  double bytes() const noexcept { return read_bytes + write_bytes; }
};

/// `after` without a value: the device is gone. `same_disk` false: it was taken away and made again (diskseq).
DiskRates rates_between(const os::DiskCounters& before, const std::optional<os::DiskCounters>& after, double seconds, bool same_disk);

}  // namespace flytt::plan
