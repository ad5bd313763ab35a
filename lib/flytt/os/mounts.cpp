// SPDX-License-Identifier: MIT
#include <flytt/os/mounts.hpp>

#include <flytt/base/error.hpp>
#include <flytt/base/text.hpp>

#include <algorithm>
#include <array>
#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>

namespace flytt::os {
namespace {

using base::concat;

/// mountinfo writes blanks and the like as \040.
std::string unescape(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto digit = [&](std::size_t at) { return at < text.size() && text[at] >= '0' && text[at] <= '7'; };
    if (text[i] == '\\' && digit(i + 1) && digit(i + 2) && digit(i + 3)) {
      out.push_back(static_cast<char>((text[i + 1] - '0') * 64 + (text[i + 2] - '0') * 8 + (text[i + 3] - '0')));
      i += 3;
    } else {
      out.push_back(text[i]);
    }
  }
  return out;
}

std::optional<Mount> parse_mount(std::string_view line) {
  const auto words = base::split(line, ' ');
  const auto dash = std::find(words.begin(), words.end(), "-");
  if (words.size() < 7 || words.end() - dash < 3) return std::nullopt;
  Mount out;
  out.id = base::parse_u64(words[0]).value_or(0);
  out.device = parse_device_number(words[2]).value_or(DeviceNumber{});
  out.point = unescape(words[4]);
  out.type = std::string(*(dash + 1));
  out.source = unescape(*(dash + 2));
  if (words.end() - dash > 3) out.options = unescape(*(dash + 3));
  return out;
}

std::optional<std::uint64_t> mount_id(const std::string& path) {
  struct statx status{};
  if (::statx(AT_FDCWD, path.c_str(), 0, STATX_MNT_ID, &status) != 0) base::throw_errno("cannot look at " + base::quote_for_message(path));
  if ((status.stx_mask & STATX_MNT_ID) == 0) return std::nullopt;  // kernels before 5.8
  return status.stx_mnt_id;
}

bool holds(const std::string& point, const std::string& path) {
  if (point == "/" || path == point) return true;
  return path.starts_with(point) && path.size() > point.size() && path[point.size()] == '/';
}

}  // namespace

std::string Mount::option(std::string_view name) const {
  for (const auto part : base::split(options, ',')) {
    if (part.starts_with(name) && part.size() > name.size() && part[name.size()] == '=') return std::string(part.substr(name.size() + 1));
  }
  return {};
}

std::vector<Mount> parse_mountinfo(std::string_view text) {
  std::vector<Mount> out;
  for (const auto line : base::split(text, '\n')) {
    if (auto one = parse_mount(line)) out.push_back(std::move(*one));
  }
  return out;
}

std::optional<Mount> find_mount(const KernelFiles& files, const std::string& path) {
  const auto mounts = parse_mountinfo(files.read("/proc/self/mountinfo").value_or(""));
  if (files.live()) {
    if (const auto id = mount_id(path)) {
      for (const Mount& one : mounts) {
        if (one.id == *id) return one;
      }
    }
  }
  std::optional<Mount> best;
  for (const Mount& one : mounts) {  // of two on one point, the later hides the earlier
    if (holds(one.point, path) && (!best || one.point.size() >= best->point.size())) best = one;
  }
  return best;
}

std::vector<DeviceNumber> devices_of(const KernelFiles& files, const Mount& mount) {
  if (mount.device.major != 0) return {mount.device};
  std::vector<DeviceNumber> out;
  if (mount.type != "btrfs") return out;
  const std::string source = mount.source.substr(mount.source.rfind('/') + 1);
  for (const std::string& uuid : files.list("/sys/fs/btrfs")) {
    const auto names = files.list(concat("/sys/fs/btrfs/", uuid, "/devices"));
    if (std::find(names.begin(), names.end(), source) == names.end()) continue;
    for (const std::string& name : names) {
      if (const auto device = parse_device_number(files.read(concat("/sys/class/block/", name, "/dev")).value_or(""))) out.push_back(*device);
    }
  }
  return out;
}

std::string blind_spot(const Mount& mount) {
  constexpr std::array<std::string_view, 3> kMemory{"tmpfs", "ramfs", "devtmpfs"};
  constexpr std::array<std::string_view, 7> kNetwork{"nfs", "nfs4", "cifs", "smb3", "ceph", "9p", "virtiofs"};
  const auto in = [&mount](const auto& list) { return std::find(list.begin(), list.end(), mount.type) != list.end(); };
  if (in(kMemory)) return mount.type + " is memory: it says nothing about a disk";
  if (in(kNetwork)) return mount.type + " has no block device here: its disks belong to another host";
  if (mount.type == "overlay") return "a container's overlay: the disks below " + mount.option("upperdir") + " belong to the host";
  if (mount.type == "zfs") return "ZFS keeps its own counters: the disks of pool " + mount.source + " are not followed";
  if (mount.type.starts_with("fuse") && mount.type != "fuseblk") return mount.type + " is a program's filesystem: no block device can be named for it";
  if (mount.device.major == 0 && mount.type != "btrfs") return mount.type + " has no block device";
  return {};
}

}  // namespace flytt::os
