// SPDX-License-Identifier: MIT
#include <flytt/flow/token_bucket.hpp>

#include <algorithm>

namespace flytt::flow {

using std::chrono::nanoseconds;

TokenBucket::TokenBucket(base::Clock& clock, std::uint64_t per_second)
    : clock_(clock), per_second_(per_second), paid_until_(clock.now()) {}

void TokenBucket::set_rate(std::uint64_t per_second) {
  std::lock_guard lock(mutex_);
  per_second_ = per_second;
}

nanoseconds TokenBucket::reserve(std::uint64_t amount) {
  std::lock_guard lock(mutex_);
  if (per_second_ == 0) return nanoseconds(0);
  const auto now = clock_.now();
  const auto start = std::max(paid_until_, now - kMostSaved);
  // A century is enough for any wait, and far below what a time point can hold.
  constexpr double kLongest = 100.0 * 365 * 86400 * 1e9;
  const double cost = std::min(1e9 * static_cast<double>(amount) / static_cast<double>(per_second_), kLongest);
  paid_until_ = std::min(start + nanoseconds(static_cast<nanoseconds::rep>(cost)),
                         now + nanoseconds(static_cast<nanoseconds::rep>(kLongest)));
  return std::max(nanoseconds(start - now), nanoseconds(0));
}

bool TokenBucket::take(std::uint64_t amount, std::stop_token stop) {
  if (stop.stop_requested()) return false;
  const nanoseconds wait = reserve(amount);
  return wait == nanoseconds(0) || clock_.sleep_for(wait, std::move(stop));
}

}  // namespace flytt::flow
