// SPDX-License-Identifier: MIT
#include <flytt/os/disk_counters.hpp>

#include <flytt/base/text.hpp>

#include <algorithm>
#include <cctype>

namespace flytt::os {
namespace {

/// The words of a line, cut at blanks; point into it.
class Words {
public:
  explicit Words(std::string_view line) : rest_(line) {}
  std::string_view next() {
    const auto begin = rest_.find_first_not_of(" \t");
    if (begin == std::string_view::npos) return {};
    rest_.remove_prefix(begin);
    const auto word = rest_.substr(0, rest_.find_first_of(" \t"));
    rest_.remove_prefix(word.size());
    return word;
  }
  std::uint64_t number() { return base::parse_u64(next()).value_or(0); }

private:
  std::string_view rest_;
};

/// Calls `take` for each line.
template <class Take>
void each_line(std::string_view text, Take take) {
  while (!text.empty()) {
    const auto end = text.find('\n');
    take(text.substr(0, end));
    if (end == std::string_view::npos) return;
    text.remove_prefix(end + 1);
  }
}

std::optional<DiskCounters> parse_line(std::string_view line) {
  Words words(line);
  DiskCounters out;
  const auto major = base::parse_u64(words.next());
  const auto minor = base::parse_u64(words.next());
  out.name = words.next();
  if (!major || !minor || out.name.empty()) return std::nullopt;
  out.device = {static_cast<unsigned>(*major), static_cast<unsigned>(*minor)};
  std::array<std::uint64_t, 17> f{};
  for (auto word = words.next(); !word.empty(); word = words.next()) {
    const auto value = base::parse_u64(word);
    if (!value) break;
    if (out.fields < f.size()) f[out.fields] = *value;
    ++out.fields;
  }
  if (out.fields < 11) return std::nullopt;
  out.reads = f[0], out.read_sectors = f[2], out.read_ms = f[3];
  out.writes = f[4], out.write_sectors = f[6], out.write_ms = f[7];
  out.in_flight = f[8], out.busy_ms = f[9], out.weighted_ms = f[10];
  out.discards = f[11], out.discard_ms = f[14];
  out.flushes = f[15], out.flush_ms = f[16];
  return out;
}

std::uint64_t total_of(std::string_view line) {
  const auto at = line.find("total=");
  if (at == std::string_view::npos) return 0;
  const auto text = line.substr(at + 6);
  return base::parse_u64(text.substr(0, text.find_first_of(" \n"))).value_or(0);
}

}  // namespace

std::string DeviceNumber::text() const { return base::concat(major, ':', minor); }

std::optional<DeviceNumber> parse_device_number(std::string_view text) {
  const auto parts = base::split(base::trim(text), ':');
  if (parts.size() != 2) return std::nullopt;
  const auto major = base::parse_u64(parts[0]);
  const auto minor = base::parse_u64(parts[1]);
  if (!major || !minor) return std::nullopt;
  return DeviceNumber{static_cast<unsigned>(*major), static_cast<unsigned>(*minor)};
}

std::vector<DiskCounters> parse_diskstats(std::string_view text) {
  std::vector<DiskCounters> out;
  each_line(text, [&out](std::string_view line) {
    if (auto one = parse_line(line)) out.push_back(std::move(*one));
  });
  return out;
}

std::vector<std::optional<DiskCounters>> find_diskstats(std::string_view text, const std::vector<DeviceNumber>& devices) {
  std::vector<std::optional<DiskCounters>> out(devices.size());
  each_line(text, [&](std::string_view line) {
    Words words(line);
    const DeviceNumber device{static_cast<unsigned>(words.number()), static_cast<unsigned>(words.number())};
    const auto found = std::find(devices.begin(), devices.end(), device);
    if (found != devices.end()) out[static_cast<std::size_t>(found - devices.begin())] = parse_line(line);
  });
  return out;
}

std::optional<Pressure> read_pressure(const KernelFiles& files, std::string_view path) {
  const auto text = files.read(path);
  if (!text || text->empty()) return std::nullopt;
  Pressure out;
  each_line(*text, [&out](std::string_view line) {
    if (line.starts_with("some")) out.some_us = total_of(line);
    if (line.starts_with("full")) out.full_us = total_of(line);
  });
  return out;
}

std::optional<CpuTime> read_cpu(const KernelFiles& files) {
  const auto text = files.read("/proc/stat");
  if (!text || !text->starts_with("cpu ")) return std::nullopt;
  Words words(std::string_view(*text).substr(0, text->find('\n')));
  words.next();
  std::array<std::uint64_t, 8> t{};  // user nice system idle iowait irq softirq steal
  for (auto& part : t) part = words.number();
  CpuTime out;
  for (const auto part : t) out.total += part;
  out.waiting = t[4];
  out.busy = out.total - t[3] - t[4];
  return out;
}

std::optional<ProcessTime> read_process(const KernelFiles& files, unsigned pid) {
  const auto text = files.read(base::concat("/proc/", pid, "/stat"));
  if (!text) return std::nullopt;
  const auto close = text->rfind(')');  // the name before it may hold anything
  if (close == std::string::npos) return std::nullopt;
  Words words(std::string_view(*text).substr(close + 1));
  ProcessTime out;
  const auto state = words.next();
  if (!state.empty()) out.state = state.front();
  for (int skip = 0; skip < 10; ++skip) words.next();
  out.jiffies = words.number();
  out.jiffies += words.number();
  for (int skip = 0; skip < 6; ++skip) words.next();
  out.started = words.number();
  return out;
}

NetworkBytes read_network(const KernelFiles& files) {
  NetworkBytes out;
  const auto text = files.read("/proc/net/dev");
  if (!text) return out;
  each_line(*text, [&](std::string_view line) {
    const auto colon = line.find(':');
    if (colon == std::string_view::npos) return;
    const auto name = base::trim(line.substr(0, colon));
    if (name == "lo") return;
    Words words(line.substr(colon + 1));
    out.received += words.number();
    for (int skip = 0; skip < 7; ++skip) words.next();
    out.sent += words.number();
    const auto speed = files.word(base::concat("/sys/class/net/", name, "/speed"));  // Mbit/s, -1 when unknown
    if (speed) out.speed = std::max(out.speed, base::parse_u64(*speed).value_or(0) * 125'000);
  });
  return out;
}

}  // namespace flytt::os
