// Limits on block devices that a process's control groups set, of both versions, and how much of them is used.
// Layer: os (1).  Thread rule: functions without state.  Source: Documentation/admin-guide/cgroup-v2.rst, cgroup-v1/blkio-controller.rst.
// SPDX-License-Identifier: MIT
#pragma once

#include <flytt/os/disk_counters.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace flytt::os {

/// One group that limits one device. Zero: no limit of that kind.
struct IoLimit {
  std::string directory;  ///< of the group, "/sys/fs/cgroup/db"
  bool second_version = true;
  DeviceNumber device;
  std::uint64_t read_bytes = 0, write_bytes = 0, reads = 0, writes = 0;  ///< a second
};

/// What a group has done to a device so far.
struct IoUse {
  std::uint64_t read_bytes = 0, write_bytes = 0, reads = 0, writes = 0;
};

/// The limits of the process's own group and of every group above it, on these devices. `process` is a number or "self".
std::vector<IoLimit> io_limits(const KernelFiles& files, const std::string& process, const std::vector<DeviceNumber>& devices);
IoUse io_use(const KernelFiles& files, const IoLimit& limit);

/// The nearest limit's share that was used between two readings, 1 for all of it; 0 when no time has passed.
double share_used(const IoLimit& limit, const IoUse& before, const IoUse& after, double seconds);

}  // namespace flytt::os
