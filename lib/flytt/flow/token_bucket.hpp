// Holds work to a rate: rows or bytes a second. Idle time is not saved up beyond a quarter of a second, so that a pause is
// not followed by a burst on a server that is in use.
// Layer: flow (1).  Thread rule: every member from any thread.
// SPDX-License-Identifier: MIT
#pragma once

#include <flytt/base/clock.hpp>

#include <chrono>
#include <cstdint>
#include <mutex>
#include <stop_token>

namespace flytt::flow {

class TokenBucket {
public:
  static constexpr std::chrono::milliseconds kMostSaved{250};

  /// `per_second` 0 is no limit.
  TokenBucket(base::Clock& clock, std::uint64_t per_second);

  /// Waits until what was taken before is paid for, then takes `amount`. However large, it goes in one piece and is paid for by
  /// the next. False when stop was requested.
  bool take(std::uint64_t amount, std::stop_token stop);

  /// The rate from now on; 0 is no limit.
  void set_rate(std::uint64_t per_second);

private:
  std::chrono::nanoseconds reserve(std::uint64_t amount);

  base::Clock& clock_;
  std::mutex mutex_;
  std::uint64_t per_second_;
  std::chrono::steady_clock::time_point paid_until_;
};

}  // namespace flytt::flow
