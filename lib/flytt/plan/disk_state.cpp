// SPDX-License-Identifier: MIT
#include <flytt/plan/disk_state.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

#include <flytt/base/text.hpp>

namespace flytt::plan {
namespace {

constexpr std::size_t kWindow = 10;       // samples that SATURATED looks at
constexpr std::size_t kSlowOfWindow = 5;  // how many of them must be slow
constexpr std::size_t kPlateau = 20;      // samples that a plateau must last
constexpr double kIdle = 20;              // percent
constexpr double kReference = 100e6;      // bytes a second: what a slow disk moves; larger requests may take their time

double median(std::vector<double> values) {
  if (values.empty()) return 0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

/// The nearest multiple of `step` that the value is at, within 2 %; 0 when none.
double round_number(double value, double step) {
  const double nearest = std::round(value / step) * step;
  return nearest > 0 && std::abs(value - nearest) <= 0.02 * nearest ? nearest : 0;
}

}  // namespace

std::string_view name(DiskState state) noexcept {
  constexpr std::array<std::string_view, kDiskStates> kNames{"IDLE", "OK", "BUSY", "SATURATED", "STALLED", "THROTTLED", "CLIFF", "RESYNC", "UNKNOWN"};
  return kNames[static_cast<std::size_t>(state)];
}

/// Does more waiting bring no more work? Then the disk gives all that it has. With a queue that does not vary, it does too.
bool DiskJudge::flat() const {
  std::vector<double> queues;
  for (const Seen& s : last_) queues.push_back(s.queue);
  const double middle = median(queues);
  std::vector<double> shorter, longer;
  for (const Seen& s : last_) (s.queue > middle ? longer : shorter).push_back(s.bytes);
  if (longer.size() < 2 || shorter.size() < 2) return true;
  return median(longer) < 1.25 * median(shorter);
}

/// A token bucket's mark: the same round number for so long, however much waits.
std::string DiskJudge::plateau() const {
  if (last_.size() < kPlateau) return {};
  double bytes = 0, bytes2 = 0, requests = 0, requests2 = 0, queue = 0;
  for (const Seen& s : last_) {
    if (!s.busy) return {};
    bytes += s.bytes, bytes2 += s.bytes * s.bytes, requests += s.requests, requests2 += s.requests * s.requests, queue += s.queue;
  }
  const auto n = static_cast<double>(last_.size());
  if (queue / n < 4) return {};
  const auto even = [n](double sum, double squares) {
    const double mean = sum / n;
    return mean > 0 && std::sqrt(std::max(0.0, squares / n - mean * mean)) < 0.03 * mean;
  };
  if (const double at = even(requests, requests2) ? round_number(requests / n, 500) : 0; at > 0) return base::concat("plateau at ", static_cast<std::uint64_t>(at), " IOPS");
  const double mib = bytes / n / (1024 * 1024);
  if (const double at = even(bytes, bytes2) ? round_number(mib, 125) : 0; at > 0) return base::concat("plateau at ", static_cast<std::uint64_t>(at), " MiB/s");
  return {};
}

DiskVerdict DiskJudge::add(const DiskSample& sample) {
  const DiskRates& r = sample.rates;
  if (!r.known()) {
    last_.clear();
    return {DiskState::unknown, r.unknown, 0};
  }
  DiskVerdict out;
  fastest_ = std::max(fastest_, r.bytes());
  // A disk that never showed more than the reference is not excused for being slow.
  out.await_ms = std::max(0.0, r.await_ms - 1000 * r.request_bytes / std::max(fastest_, kReference));
  const bool full = r.util >= limits_.util - 1;
  last_.push_back({r.bytes(), r.reads + r.writes, r.queue, full && out.await_ms > limits_.await_ms, sample.limit_share >= 0.9, r.util >= 95});
  if (last_.size() > kPlateau) last_.pop_front();

  if (r.util >= 95) {
    if (const auto change = change_.add(r.bytes())) {
      before_cliff_ = change->before;
      cliff_ = base::concat("from ", static_cast<std::uint64_t>(change->before / 1e6), " to ", static_cast<std::uint64_t>(change->after / 1e6), " MB/s");
    }
    if (r.bytes() > 0.85 * before_cliff_) cliff_.clear();
  }
  const auto recent = std::min(last_.size(), kWindow);
  const auto begin = last_.end() - static_cast<std::ptrdiff_t>(recent);
  const auto slow = static_cast<std::size_t>(std::count_if(begin, last_.end(), [](const Seen& s) { return s.slow; }));
  const auto limited = static_cast<std::size_t>(std::count_if(begin, last_.end(), [](const Seen& s) { return s.limited; }));

  const auto is = [&out](DiskState state, std::string why = {}) {
    out.state = state;
    out.why = std::move(why);
    return out;
  };
  if (r.stalled) return is(DiskState::stalled, base::concat(r.in_flight, " requests wait and none ends"));
  if (last_.back().limited && limited >= 3) return is(DiskState::throttled, "at the limit of a control group");
  if (!cliff_.empty() && r.util >= 95) return is(DiskState::cliff, cliff_);
  if (auto at = plateau(); !at.empty()) return is(DiskState::throttled, at);
  if (last_.back().slow && slow >= kSlowOfWindow && flat()) return is(DiskState::saturated);
  if (sample.resync) return is(DiskState::resync);
  if (r.util >= 95) return is(DiskState::busy);
  return is(r.util < kIdle ? DiskState::idle : DiskState::ok);
}

}  // namespace flytt::plan
