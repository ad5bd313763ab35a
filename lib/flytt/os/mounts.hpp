// Which mount a path lies on, and which block devices that mount writes to.
// Layer: os (1).  Thread rule: functions without state.  Source: proc_pid_mountinfo(5).
// SPDX-License-Identifier: MIT
#pragma once

#include <flytt/os/disk_counters.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace flytt::os {

/// One line of mountinfo.
struct Mount {
  std::uint64_t id = 0;
  DeviceNumber device;
  std::string point;    ///< "/var/lib/mysql"
  std::string type;     ///< "ext4"
  std::string source;   ///< "/dev/mapper/vg0-mysql"
  std::string options;  ///< of the filesystem: "rw,lowerdir=…,upperdir=…"

  /// The value of one of its options; "" when it has none.
  std::string option(std::string_view name) const;
};

std::vector<Mount> parse_mountinfo(std::string_view text);

/// The mount that holds the path: by the kernel's own mount id on this host, by the longest mount point elsewhere.
/// Nothing when there is none. Throws: Exit::io when the path is not there, Exit::privilege when it may not be looked at.
std::optional<Mount> find_mount(const KernelFiles& files, const std::string& path);

/// The devices that the filesystem itself names; several for btrfs, none for tmpfs, NFS, overlay, ZFS.
std::vector<DeviceNumber> devices_of(const KernelFiles& files, const Mount& mount);

/// Why the disks below this mount cannot be judged: memory, network, another kernel's path. Empty when they can.
std::string blind_spot(const Mount& mount);

}  // namespace flytt::os
