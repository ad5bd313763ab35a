// Time as a thing that is handed in, so that tests need not wait.
// Layer: base (0).  Thread rule: every member from any thread.
// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <mutex>
#include <stop_token>
#include <string>

namespace flytt::base {

/// The two clocks and the one way to wait.
struct Clock {
  virtual ~Clock();

  /// For measuring and deadlines.
  virtual std::chrono::steady_clock::time_point now() = 0;

  /// For people and logs; may jump.
  virtual std::chrono::system_clock::time_point wall() = 0;

  /// Waits; wakes at once when stop is requested. True when the whole time has passed.
  virtual bool sleep_for(std::chrono::nanoseconds duration, std::stop_token stop) = 0;
};

/// The real clocks.
class SystemClock final : public Clock {
public:
  std::chrono::steady_clock::time_point now() override;
  std::chrono::system_clock::time_point wall() override;
  bool sleep_for(std::chrono::nanoseconds duration, std::stop_token stop) override;
};

/// For tests: time passes only by sleep_for (which returns at once) and advance.
class ManualClock final : public Clock {
public:
  std::chrono::steady_clock::time_point now() override;
  std::chrono::system_clock::time_point wall() override;
  bool sleep_for(std::chrono::nanoseconds duration, std::stop_token stop) override;

  void advance(std::chrono::nanoseconds duration);
  /// All sleeps so far, summed.
  std::chrono::nanoseconds slept() const;

private:
  mutable std::mutex mutex_;
  std::chrono::nanoseconds passed_{0};
  std::chrono::nanoseconds slept_{0};
};

/// "2026-01-31T23:59:58.123Z".
std::string iso8601_utc(std::chrono::system_clock::time_point when);

}  // namespace flytt::base
