// A block device and what lies below it: partitions, LVM, crypt, multipath, md, loop, down to the disks.
// Layer: os (1).  Thread rule: functions without state.  Source: Documentation/ABI/stable/sysfs-block.
// SPDX-License-Identifier: MIT
#pragma once

#include <flytt/os/disk_counters.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace flytt::os {

/// One layer. A leaf is a disk as far as this kernel can see.
struct Layer {
  DeviceNumber device;
  std::string name;    ///< "dm-3", "nvme0n1": what iostat and diskstats call it
  std::string label;   ///< "vg0-mysql", or the disk's model; may be empty
  std::string kind;    ///< partition, lvm, crypt, multipath, mapper, raid1, loop, disk, …
  std::string detail;  ///< a loop's file, a resync that goes on; may be empty
  std::uint64_t bytes = 0;
  bool rotational = false;
  bool counted = true;  ///< false: queue/iostats is 0 and its counters stand still
  std::uint64_t sequence = 0;  ///< diskseq: another one is another disk under the same name; 0 when the kernel has none
  std::string problem;  ///< why it cannot be followed further; empty when it could
  std::vector<Layer> below;
};

/// The device and everything below it. A device without a directory in sysfs has `problem` set.
Layer describe_device(const KernelFiles& files, DeviceNumber device);

/// All layers, the uppermost first; each device once.
std::vector<const Layer*> all_layers(const Layer& top);
/// The disks at the bottom; each once.
std::vector<const Layer*> leaves(const Layer& top);

/// Is an array below rebuilding or checking itself now? "resync", "recover", "check", …; empty when not.
std::string resync_of(const KernelFiles& files, const Layer& top);

/// diskseq of a device now; 0 when the kernel has none or the device is gone.
std::uint64_t sequence_of(const KernelFiles& files, DeviceNumber device);

}  // namespace flytt::os
