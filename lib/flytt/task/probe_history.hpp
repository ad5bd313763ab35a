// What a report draws: a bounded number of points, however long the watch. When it is full, two neighbours become one.
// Layer: task (5).  Thread rule: one thread.
// SPDX-License-Identifier: MIT
#pragma once

#include <flytt/plan/disk_state.hpp>

#include <algorithm>
#include <cstddef>
#include <vector>

namespace flytt::task {

struct ProbePoint {
  float seconds = 0;
  float util = 0, await_ms = 0, megabytes = 0, queue = 0, flush_ms = 0;
  float commit_p50 = 0, commit_p99 = 0;
  plan::DiskState state = plan::DiskState::unknown;
};

class ProbeHistory {
 public:
  explicit ProbeHistory(std::size_t most = 1200) : most_(most) { points_.reserve(most); }

  void add(const ProbePoint& p) {
    pending_ = count_ == 0 ? p : merged(pending_, p, static_cast<float>(count_));
    if (++count_ < span_) return;
    points_.push_back(pending_);
    count_ = 0;
    if (points_.size() >= most_) halve();
  }
  const std::vector<ProbePoint>& points() const noexcept { return points_; }
  std::size_t samples_a_point() const noexcept { return span_; }

 private:
  /// Means of what is a load; the worst of what is a complaint: no stall disappears in a mean.
  static ProbePoint merged(const ProbePoint& a, const ProbePoint& b, float weight) {
    const auto mean = [weight](float x, float y) { return (x * weight + y) / (weight + 1); };
    ProbePoint out = a;
    out.util = mean(a.util, b.util), out.megabytes = mean(a.megabytes, b.megabytes), out.queue = mean(a.queue, b.queue);
    out.await_ms = std::max(a.await_ms, b.await_ms), out.flush_ms = std::max(a.flush_ms, b.flush_ms);
    out.commit_p50 = std::max(a.commit_p50, b.commit_p50), out.commit_p99 = std::max(a.commit_p99, b.commit_p99);
    if (plan::is_slow(b.state) || !plan::is_slow(a.state)) out.state = b.state;
    return out;
  }
  void halve() {
    std::size_t to = 0;
    for (std::size_t i = 0; i + 1 < points_.size(); i += 2) points_[to++] = merged(points_[i], points_[i + 1], 1);
    points_.resize(to);
    span_ *= 2;
  }

  std::size_t most_, span_ = 1, count_ = 0;
  ProbePoint pending_;
  std::vector<ProbePoint> points_;
};

}  // namespace flytt::task
