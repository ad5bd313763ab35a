// Waiting longer after each failure, with some chance in it so that several do not come back at the same moment.
// Layer: flow (1).  Thread rule: one thread an object.
// SPDX-License-Identifier: MIT
#pragma once

#include <flytt/base/clock.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <random>
#include <stop_token>

namespace flytt::flow {

class Backoff {
public:
  using Duration = std::chrono::nanoseconds;

  /// The first wait is `first`, each next one twice as long, none above `most`; each is then cut by up to a quarter by chance.
  explicit Backoff(Duration first = std::chrono::milliseconds(100), Duration most = std::chrono::seconds(10),
                   std::uint32_t seed = std::random_device{}())
      : first_(std::max(first, Duration(1))), most_(std::max(most, first_)), next_(first_), random_(seed) {}

  /// How long to wait now. Each call counts as one more failure.
  Duration next() {
    const Duration full = next_;
    next_ = full > most_ / 2 ? most_ : full * 2;
    ++failures_;
    std::uniform_int_distribution<Duration::rep> cut(0, full.count() / 4);
    return full - Duration(cut(random_));
  }

  /// Waits next(). False when stop was requested meanwhile.
  bool wait(base::Clock& clock, std::stop_token stop) { return clock.sleep_for(next(), std::move(stop)); }

  /// It worked: begin with the first wait again.
  void reset() {
    next_ = first_;
    failures_ = 0;
  }

  /// Calls of next() since the last reset.
  unsigned failures() const noexcept { return failures_; }

private:
  Duration first_;
  Duration most_;
  Duration next_;
  unsigned failures_ = 0;
  std::minstd_rand random_;
};

}  // namespace flytt::flow
