// SPDX-License-Identifier: MIT
#include <flytt/os/cgroup_io.hpp>

#include <flytt/base/text.hpp>
#include <flytt/os/mounts.hpp>

#include <algorithm>

namespace flytt::os {
namespace {

using base::concat;

std::uint64_t number(std::string_view text) { return base::parse_u64(text).value_or(0); }  // "max" is no limit: 0

/// Calls `take` with the words of each line that is about the device.
template <class Take>
void lines_of(const KernelFiles& files, const std::string& path, DeviceNumber device, Take take) {
  const auto text = files.read(path);
  if (!text) return;
  const std::string wanted = device.text();
  for (const auto line : base::split(*text, '\n')) {
    const auto words = base::split(line, ' ');
    if (words.size() > 1 && words[0] == wanted) take(words);
  }
}

/// "wbps=1048576" of a line of io.max or io.stat.
std::uint64_t keyed(const std::vector<std::string_view>& words, std::string_view key) {
  for (const auto word : words) {
    if (word.starts_with(key) && word.size() > key.size() && word[key.size()] == '=') return number(word.substr(key.size() + 1));
  }
  return 0;
}

void add_second(const KernelFiles& files, const std::string& directory, DeviceNumber device, std::vector<IoLimit>& out) {
  lines_of(files, directory + "/io.max", device, [&](const auto& words) {
    out.push_back({directory, true, device, keyed(words, "rbps"), keyed(words, "wbps"), keyed(words, "riops"), keyed(words, "wiops")});
  });
}

void add_first(const KernelFiles& files, const std::string& directory, DeviceNumber device, std::vector<IoLimit>& out) {
  IoLimit limit{directory, false, device, 0, 0, 0, 0};
  const auto read = [&](const char* name, std::uint64_t& into) {
    lines_of(files, concat(directory, "/blkio.throttle.", name, "_device"), device, [&](const auto& words) { into = number(words[1]); });
  };
  read("read_bps", limit.read_bytes);
  read("write_bps", limit.write_bytes);
  read("read_iops", limit.reads);
  read("write_iops", limit.writes);
  if (limit.read_bytes + limit.write_bytes + limit.reads + limit.writes != 0) out.push_back(limit);
}

/// The group's directory and those above it, down to the mount point.
std::vector<std::string> with_ancestors(const std::string& mount, std::string path) {
  std::vector<std::string> out;
  for (;;) {
    while (!path.empty() && path.back() == '/') path.pop_back();
    out.push_back(mount + path);
    if (path.empty()) return out;
    path.erase(path.rfind('/') == std::string::npos ? 0 : path.rfind('/'));
  }
}

bool names(std::string_view list, std::string_view wanted) {
  const auto parts = base::split(list, ',');
  return std::find(parts.begin(), parts.end(), wanted) != parts.end();
}

}  // namespace

std::vector<IoLimit> io_limits(const KernelFiles& files, const std::string& process, const std::vector<DeviceNumber>& devices) {
  std::vector<IoLimit> out;
  const auto mounts = parse_mountinfo(files.read("/proc/self/mountinfo").value_or(""));
  const auto groups = files.read(concat("/proc/", process, "/cgroup")).value_or("");
  for (const auto line : base::split(groups, '\n')) {
    const auto first = line.find(':');
    const auto second = first == std::string_view::npos ? first : line.find(':', first + 1);
    if (second == std::string_view::npos) continue;
    const auto controllers = line.substr(first + 1, second - first - 1);
    const bool v2 = controllers.empty();
    if (!v2 && !names(controllers, "blkio")) continue;
    const auto mount = std::find_if(mounts.begin(), mounts.end(), [&](const Mount& m) { return v2 ? m.type == "cgroup2" : m.type == "cgroup" && names(m.options, "blkio"); });
    if (mount == mounts.end()) continue;
    for (const std::string& directory : with_ancestors(mount->point, std::string(line.substr(second + 1)))) {
      for (const DeviceNumber device : devices) v2 ? add_second(files, directory, device, out) : add_first(files, directory, device, out);
    }
  }
  return out;
}

IoUse io_use(const KernelFiles& files, const IoLimit& limit) {
  IoUse out;
  if (limit.second_version) {
    lines_of(files, limit.directory + "/io.stat", limit.device, [&](const auto& words) {
      out = {keyed(words, "rbytes"), keyed(words, "wbytes"), keyed(words, "rios"), keyed(words, "wios")};
    });
    return out;
  }
  const auto read = [&](const char* name, std::uint64_t& reads, std::uint64_t& writes) {
    lines_of(files, concat(limit.directory, "/blkio.throttle.", name), limit.device, [&](const auto& words) {
      if (words.size() < 3) return;
      if (words[1] == "Read") reads = number(words[2]);
      if (words[1] == "Write") writes = number(words[2]);
    });
  };
  read("io_service_bytes", out.read_bytes, out.write_bytes);
  read("io_serviced", out.reads, out.writes);
  return out;
}

double share_used(const IoLimit& limit, const IoUse& before, const IoUse& after, double seconds) {
  if (seconds <= 0) return 0;
  const auto share = [seconds](std::uint64_t a, std::uint64_t b, std::uint64_t most) {
    return most == 0 || b < a ? 0.0 : static_cast<double>(b - a) / seconds / static_cast<double>(most);
  };
  return std::max({share(before.read_bytes, after.read_bytes, limit.read_bytes), share(before.write_bytes, after.write_bytes, limit.write_bytes),
                   share(before.reads, after.reads, limit.reads), share(before.writes, after.writes, limit.writes)});
}

}  // namespace flytt::os
