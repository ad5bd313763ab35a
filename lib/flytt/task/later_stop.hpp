// A stop some time after another one: for what goes on for a while after the first, to put things back or to say why, and then
// may wait for nobody any more. And the stop at the end of --timeout.
// Layer: task (5).  Thread rule: made and ended by one thread; the token is for any.
// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>
#include <utility>

#include <flytt/base/clock.hpp>

namespace flytt::task {

/// For what is put back on a server after a stop.
inline constexpr std::chrono::seconds kPutBackGrace{20};

class LaterStop {
 public:
  LaterStop(base::Clock& clock, std::stop_token first, std::chrono::nanoseconds grace)
      : thread_([this, &clock, first, grace](std::stop_token ended) {
          std::mutex mutex;
          std::unique_lock lock(mutex);
          std::condition_variable_any wake;
          const std::stop_callback on_first(first, [&] { wake.notify_all(); });
          while (!first.stop_requested() && !ended.stop_requested())
            wake.wait_for(lock, ended, std::chrono::milliseconds(200), [&] { return first.stop_requested(); });
          if (!ended.stop_requested() && clock.sleep_for(grace, ended)) later_.request_stop();
        }) {}
  std::stop_token token() const { return later_.get_token(); }

 private:
  std::stop_source later_;
  std::jthread thread_;
};

/// The user's stop, or the end of the time that there is: whichever comes first, and whether it was the time.
class TimeLimit {
 public:
  /// Without a limit only the user's stop.
  TimeLimit(base::Clock& clock, std::stop_token user, std::optional<std::chrono::nanoseconds> limit)
      : on_stop_(std::move(user), [this] { stop_.request_stop(); }), thread_([this, &clock, limit](std::stop_token ended) {
          if (!limit || !clock.sleep_for(*limit, ended) || stop_.stop_requested()) return;
          over_ = true;
          stop_.request_stop();
        }) {}
  std::stop_token token() const { return stop_.get_token(); }
  const std::atomic<bool>& over() const noexcept { return over_; }

 private:
  std::stop_source stop_;
  std::atomic<bool> over_{false};
  std::stop_callback<std::function<void()>> on_stop_;
  std::jthread thread_;
};

}  // namespace flytt::task
