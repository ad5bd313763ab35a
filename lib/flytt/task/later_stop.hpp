// A stop some time after another one: for what goes on for a while after the first, to put things back or to say why, and then
// may wait for nobody any more.
// Layer: task (5).  Thread rule: made and ended by one thread; the token is for any.
// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <thread>

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

}  // namespace flytt::task
