// The counters of block devices and of waiting: /proc/diskstats, /proc/pressure, /proc/stat, a process's and the network's.
// Layer: os (1).  Thread rule: functions without state.  Source: Documentation/admin-guide/iostats.rst, accounting/psi.rst.
// SPDX-License-Identifier: MIT
#pragma once

#include <flytt/os/kernel_files.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace flytt::os {

/// The number of a device.
struct DeviceNumber {
  unsigned major = 0;
  unsigned minor = 0;
  friend auto operator<=>(const DeviceNumber&, const DeviceNumber&) = default;
  std::string text() const;  ///< "259:1"
};

/// "259:1". Nothing for anything else.
std::optional<DeviceNumber> parse_device_number(std::string_view text);

/// One line of /proc/diskstats. Times are milliseconds that wrap at 32 bits.
struct DiskCounters {
  DeviceNumber device;
  std::string name;
  unsigned fields = 0;  ///< how many the kernel has: 11, 15 or 17 and more
  std::uint64_t reads = 0, read_sectors = 0, read_ms = 0;
  std::uint64_t writes = 0, write_sectors = 0, write_ms = 0;
  std::uint64_t in_flight = 0, busy_ms = 0, weighted_ms = 0;
  std::uint64_t discards = 0, discard_ms = 0;
  std::uint64_t flushes = 0, flush_ms = 0;
};

/// All lines that have at least 11 counters; others are passed over.
std::vector<DiskCounters> parse_diskstats(std::string_view text);
/// The line of each of these devices, in their order; nothing where there is none.
std::vector<std::optional<DiskCounters>> find_diskstats(std::string_view text, const std::vector<DeviceNumber>& devices);

/// Microseconds for which some, and all, tasks that could run have waited.
struct Pressure {
  std::uint64_t some_us = 0;
  std::uint64_t full_us = 0;
};
/// A file of /proc/pressure or a cgroup; nothing when the kernel keeps none.
std::optional<Pressure> read_pressure(const KernelFiles& files, std::string_view path);

/// Jiffies of all processors.
struct CpuTime {
  std::uint64_t busy = 0, waiting = 0, total = 0;
};
std::optional<CpuTime> read_cpu(const KernelFiles& files);

/// One process.
struct ProcessTime {
  char state = '?';            ///< R running, S sleeping, D waiting for a disk, Z dead
  std::uint64_t jiffies = 0;   ///< user and system
  std::uint64_t started = 0;   ///< jiffies after boot: tells a process from its successor of the same number
};
std::optional<ProcessTime> read_process(const KernelFiles& files, unsigned pid);

/// Bytes through the network interfaces, without loopback, and the bytes a second of the fastest whose speed is known.
struct NetworkBytes {
  std::uint64_t received = 0, sent = 0;
  std::uint64_t speed = 0;  ///< 0: no interface says
};
NetworkBytes read_network(const KernelFiles& files);

}  // namespace flytt::os
