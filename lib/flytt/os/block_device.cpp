// SPDX-License-Identifier: MIT
#include <flytt/os/block_device.hpp>

#include <flytt/base/error.hpp>
#include <flytt/base/text.hpp>
#include <flytt/os/mounts.hpp>

#include <algorithm>

namespace flytt::os {
namespace {

using base::concat;

constexpr int kDeepest = 16;  // loop on loop on loop: somewhere it must end

std::string base_of(DeviceNumber device) { return "/sys/dev/block/" + device.text(); }

/// The name of uevent's DEVNAME, which is what diskstats says.
std::string name_of(const KernelFiles& files, const std::string& base, DeviceNumber device) {
  const auto uevent = files.read(base + "/uevent");
  if (uevent) {
    for (const auto line : base::split(*uevent, '\n')) {
      if (line.starts_with("DEVNAME=")) return std::string(line.substr(8));
    }
  }
  return device.text();
}

std::string mapper_kind(std::string_view uuid) {
  if (uuid.starts_with("LVM-")) return "lvm";
  if (uuid.starts_with("CRYPT-")) return "crypt";
  if (uuid.starts_with("mpath-")) return "multipath";
  return "mapper";
}

Layer describe(const KernelFiles& files, DeviceNumber device, int depth);

void add_below(const KernelFiles& files, Layer& layer, std::optional<DeviceNumber> device, int depth) {
  if (device) layer.below.push_back(describe(files, *device, depth + 1));
}

void describe_loop(const KernelFiles& files, const std::string& base, Layer& layer, int depth) {
  layer.kind = "loop";
  layer.detail = files.word(base + "/loop/backing_file").value_or("");
  if (layer.detail.empty()) return;
  std::optional<Mount> mount;
  try {
    mount = find_mount(files, layer.detail);
  } catch (const base::Error&) {  // deleted, or the name is one of another namespace
  }
  if (!mount) {
    layer.problem = "the file behind it cannot be found here";
  } else if (auto below = devices_of(files, *mount); below.empty()) {
    layer.problem = "the file behind it lies on " + mount->type + ", which has no block device";
  } else {
    for (const DeviceNumber one : below) add_below(files, layer, one, depth);
  }
}

void describe_kind(const KernelFiles& files, const std::string& base, Layer& layer, int depth) {
  if (files.exists(base + "/partition")) {
    layer.kind = "partition";
    add_below(files, layer, parse_device_number(files.read(base + "/../dev").value_or("")), depth);
    return;
  }
  if (const auto uuid = files.word(base + "/dm/uuid")) {
    layer.kind = mapper_kind(*uuid);
    layer.label = files.word(base + "/dm/name").value_or("");
  } else if (const auto level = files.word(base + "/md/level")) {
    layer.kind = *level;
    const auto action = files.word(base + "/md/sync_action").value_or("idle");
    if (action != "idle") layer.detail = action;
  } else if (files.exists(base + "/loop")) {
    return describe_loop(files, base, layer, depth);
  } else {
    layer.kind = layer.name.starts_with("zram") ? "memory" : "disk";
    layer.label = files.word(base + "/device/model").value_or("");
  }
  for (const std::string& slave : files.list(base + "/slaves")) {
    add_below(files, layer, parse_device_number(files.read(concat(base, "/slaves/", slave, "/dev")).value_or("")), depth);
  }
}

Layer describe(const KernelFiles& files, DeviceNumber device, int depth) {
  const std::string base = base_of(device);
  Layer layer;
  layer.device = device;
  layer.name = name_of(files, base, device);
  if (!files.exists(base)) {
    layer.kind = "unknown";
    layer.problem = "the kernel shows no device " + device.text() + " in /sys/dev/block";
    return layer;
  }
  if (depth >= kDeepest) {
    layer.problem = "too many layers";
    return layer;
  }
  layer.bytes = base::parse_u64(files.word(base + "/size").value_or("0")).value_or(0) * 512;
  layer.sequence = sequence_of(files, device);
  describe_kind(files, base, layer, depth);
  const std::string queue = layer.kind == "partition" ? base + "/../queue" : base + "/queue";
  layer.counted = files.word(queue + "/iostats").value_or("1") != "0";
  layer.rotational = files.word(queue + "/rotational").value_or("0") == "1";
  return layer;
}

void collect(const Layer& layer, bool only_leaves, std::vector<const Layer*>& out) {
  const bool seen = std::any_of(out.begin(), out.end(), [&](const Layer* other) { return other->device == layer.device; });
  if (!seen && (!only_leaves || layer.below.empty())) out.push_back(&layer);
  for (const Layer& one : layer.below) collect(one, only_leaves, out);
}

}  // namespace

Layer describe_device(const KernelFiles& files, DeviceNumber device) { return describe(files, device, 0); }

std::vector<const Layer*> all_layers(const Layer& top) {
  std::vector<const Layer*> out;
  collect(top, false, out);
  return out;
}

std::vector<const Layer*> leaves(const Layer& top) {
  std::vector<const Layer*> out;
  collect(top, true, out);
  return out;
}

std::string resync_of(const KernelFiles& files, const Layer& top) {
  for (const Layer* layer : all_layers(top)) {
    if (!layer->kind.starts_with("raid")) continue;
    const auto action = files.word(base_of(layer->device) + "/md/sync_action").value_or("idle");
    if (action != "idle" && action != "frozen") return action;
  }
  return {};
}

std::uint64_t sequence_of(const KernelFiles& files, DeviceNumber device) {
  const std::string base = base_of(device);
  auto text = files.word(base + "/diskseq");
  if (!text) text = files.word(base + "/../diskseq");  // of a partition's disk
  return text ? base::parse_u64(*text).value_or(0) : 0;
}

}  // namespace flytt::os
