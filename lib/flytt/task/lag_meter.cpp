// SPDX-License-Identifier: MIT
#include <flytt/task/lag_meter.hpp>

namespace flytt::task {
namespace {

/// Positions kept at most: with 100 ms between two, more than an hour; then every second one is let go.
constexpr std::size_t kMost = 1 << 16;

}  // namespace

LagReading LagMeter::sample() {
  LagReading r;
  const auto asked = clock_.now();  // before the answer: the lag is never made smaller by a slow server
  r.newest = source_.current_position();
  if (waiting_.empty() || waiting_.back().position != r.newest) waiting_.push_back({asked, r.newest});
  if (waiting_.size() > kMost)
    for (std::size_t i = 1; i + 1 < waiting_.size(); ++i) waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(i));
  while (!waiting_.empty()) {
    const auto applied = target_.applied(channel_, waiting_.front().position);
    if (applied == engine::Applied::stopped) {
      r.stopped = true;
      return r;
    }
    if (applied == engine::Applied::not_yet) break;
    any_applied_ = true;
    waiting_.pop_front();
  }
  if (waiting_.empty()) {
    r.bytes = 0;
    return r;
  }
  r.lag = clock_.now() - waiting_.front().at;
  r.at_least = !any_applied_;
  r.bytes = target_.bytes_behind(channel_, r.newest);
  return r;
}

}  // namespace flytt::task
