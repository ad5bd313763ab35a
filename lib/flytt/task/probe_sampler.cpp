// SPDX-License-Identifier: MIT
#include <flytt/task/probe_sampler.hpp>

#include <flytt/base/text.hpp>

#include <algorithm>

#include <unistd.h>

namespace flytt::task {
namespace {

void add_once(std::vector<os::DeviceNumber>& list, os::DeviceNumber device) {
  if (std::find(list.begin(), list.end(), device) == list.end()) list.push_back(device);
}

WatchedPlace watched(const ProbePlace& place, const plan::DiskLimits& limits) {
  WatchedPlace out;
  out.role = place.role, out.path = place.path, out.unknown = place.unknown, out.layers = place.devices;
  for (const auto& top : place.devices) {
    const os::Layer& judged = top.kind == "partition" && !top.below.empty() ? top.below.front() : top;
    add_once(out.tops, judged.device);
    out.judges.emplace_back(limits);
    out.disk += (out.disk.empty() ? "" : ",") + judged.name;
    for (const auto* leaf : os::leaves(top)) add_once(out.leaves, leaf->device);
  }
  return out;
}

/// How much a state matters when one place has several disks.
int weight(plan::DiskState s) {
  using S = plan::DiskState;
  constexpr S kOrder[] = {S::idle, S::ok, S::busy, S::resync, S::unknown, S::saturated, S::cliff, S::throttled, S::stalled};
  return static_cast<int>(std::find(std::begin(kOrder), std::end(kOrder), s) - std::begin(kOrder));
}

}  // namespace

ProbeSampler::ProbeSampler(os::KernelFiles& files, const ProbePlaces& places, const plan::DiskLimits& limits, WatchedProcesses processes)
    : files_(files), processes_(std::move(processes)) {
  for (const auto& place : places.places) {
    auto one = watched(place, limits);
    const auto same = std::find_if(places_.begin(), places_.end(), [&](const WatchedPlace& p) { return p.tops == one.tops && p.unknown == one.unknown; });
    if (same == places_.end()) {
      places_.push_back(std::move(one));
    } else {
      const auto roles = base::split(same->role, ',');
      if (std::find(roles.begin(), roles.end(), one.role) == roles.end()) same->role += "," + one.role;
    }
  }
  std::vector<os::DeviceNumber> every_layer;
  for (auto& place : places_) {
    place.end.role = place.role, place.end.unknown = place.unknown;
    for (const auto device : place.tops) add_once(devices_, device);
    for (const auto device : place.leaves) add_once(devices_, device);
    for (const auto& top : place.layers)
      for (const auto* layer : os::all_layers(top)) add_once(every_layer, layer->device);
  }
  std::vector<std::string> who{"self"};
  for (const unsigned pid : processes_.pids) who.push_back(std::to_string(pid));
  for (const auto& process : who)
    for (auto& limit : os::io_limits(files_, process, every_layer)) {
      const bool known = std::any_of(limited_.begin(), limited_.end(), [&](const Limited& l) { return l.limit.directory == limit.directory && l.limit.device == limit.device; });
      if (!known) limited_.push_back({std::move(limit), {}, 0});
    }
}

std::vector<std::string> ProbeSampler::limit_groups() const {
  std::vector<std::string> out;
  for (const auto& one : limited_) out.push_back(one.limit.directory);
  return out;
}

bool ProbeSampler::sample(double now) {
  before_ = std::move(now_);
  now_.clear();
  const auto found = os::find_diskstats(files_.read("/proc/diskstats").value_or(""), devices_);
  for (std::size_t i = 0; i < devices_.size(); ++i) {
    const auto counted = files_.word("/sys/dev/block/" + devices_[i].text() + "/queue/iostats");
    now_[devices_[i]] = {found[i], os::sequence_of(files_, devices_[i]), counted.value_or("1") != "0"};
  }
  const bool first = !last_;
  seconds = first ? 0 : now - *last_;
  last_ = now;
  for (auto& one : limited_) {
    const auto use = os::io_use(files_, one.limit);
    one.share = os::share_used(one.limit, one.use, use, seconds);
    one.use = use;
  }
  read_around();
  if (first) return false;
  for (auto& place : places_) judge(place);
  return true;
}

plan::DiskRates ProbeSampler::rates_of(os::DeviceNumber device) {
  const Reading& now = now_[device];
  const auto before = before_.find(device);
  plan::DiskRates out;
  if (!now.counted) {
    out.unknown = "its queue/iostats is 0: it counts nothing";
  } else if (before == before_.end() || !before->second.counters) {
    out.unknown = now.counters ? "the device has just appeared" : "the device is gone";
  } else {
    out = plan::rates_between(*before->second.counters, now.counters, seconds, before->second.sequence == now.sequence);
  }
  return out;
}

void ProbeSampler::judge(WatchedPlace& place) {
  place.verdict = {plan::DiskState::unknown, place.unknown, 0};
  place.rates = {};
  if (!place.unknown.empty()) return;
  bool resync = false;
  for (const auto& layer : place.layers) resync = resync || !os::resync_of(files_, layer).empty();
  double share = 0;
  for (const auto& one : limited_)
    for (const auto& top : place.layers)
      for (const auto* layer : os::all_layers(top))
        if (layer->device == one.limit.device) share = std::max(share, one.share);
  for (std::size_t i = 0; i < place.tops.size(); ++i) {
    const auto rates = rates_of(place.tops[i]);
    auto verdict = place.judges[i].add({rates, share, resync});
    if (i == 0 || rates.util > place.rates.util) place.rates = rates;
    if (i == 0 || weight(verdict.state) > weight(place.verdict.state)) place.verdict = std::move(verdict);
  }
  place.leaf_await_ms = 0;
  for (const auto leaf : place.leaves) place.leaf_await_ms = std::max(place.leaf_await_ms, rates_of(leaf).await_ms);
  // A clock that stands still must not hide that something is unknown.
  place.end.shares.add(place.verdict.state, seconds > 0 ? seconds : nominal);
  ++place.end.samples;
  place.end.worst_await_ms = std::max(place.end.worst_await_ms, place.rates.await_ms);
}

void ProbeSampler::read_around() {
  around = {};
  pressure_some = pressure_full = -1;
  const auto pressure = os::read_pressure(files_, "/proc/pressure/io");
  if (pressure && pressure_ && seconds > 0) {
    pressure_some = static_cast<double>(pressure->some_us - pressure_->some_us) / 1e6 / seconds;
    pressure_full = static_cast<double>(pressure->full_us - pressure_->full_us) / 1e6 / seconds;
  }
  pressure_ = pressure;
  const auto cpu = os::read_cpu(files_);
  if (cpu && cpu_ && cpu->total > cpu_->total) around.cpu = static_cast<double>(cpu->busy - cpu_->busy) / static_cast<double>(cpu->total - cpu_->total);
  cpu_ = cpu;
  const auto network = os::read_network(files_);
  if (network.speed > 0 && seconds > 0 && network.received >= network_.received && network.sent >= network_.sent) {
    const auto most = std::max(network.received - network_.received, network.sent - network_.sent);
    if (network_.received != 0) around.network = static_cast<double>(most) / seconds / static_cast<double>(network.speed);
  }
  network_ = network;
  const double hertz = static_cast<double>(::sysconf(_SC_CLK_TCK));
  for (const unsigned pid : processes_.pids) {
    const auto time = os::read_process(files_, pid);
    if (!time) continue;
    const auto before = process_times_.find(pid);
    if (before != process_times_.end() && before->second.started == time->started && seconds > 0) {
      around.process_cores = std::max(around.process_cores, static_cast<double>(time->jiffies - before->second.jiffies) / hertz / seconds);
    }
    process_times_[pid] = *time;
  }
}

}  // namespace flytt::task
