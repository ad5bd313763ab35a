// A group of threads that fails as one: the first exception stops the others and comes out of join().
// Layer: flow (1).  Thread rule: made, joined and ended by one thread; stop() and failure() from any.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>
#include <vector>

namespace flytt::flow {

class WorkerPool {
public:
  /// What each thread does. The index counts from 0. Returning early is fine; throwing stops all.
  using Work = std::function<void(std::size_t index, std::stop_token stop)>;
  /// Told the first failure, in the thread that failed, before the others are stopped. The place to fail() a queue. Must not throw.
  using OnFailure = std::function<void(std::exception_ptr)>;

  /// Starts the threads. `parent`: a stop requested there is requested here.
  WorkerPool(std::size_t threads, Work work, std::stop_token parent = {}, OnFailure on_failure = {});

  /// Stops and waits. A failure nobody joined for is dropped.
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  /// Waits for all. Throws: the first exception of a worker.
  void join();

  /// Asks all to stop; does not wait.
  void stop() { stop_.request_stop(); }
  std::stop_token token() const { return stop_.get_token(); }

  /// The first failure so far, or null.
  std::exception_ptr failure() const;

private:
  void run(std::size_t index) noexcept;
  void wait() noexcept;

  struct RequestStop {
    std::stop_source source;
    void operator()() { source.request_stop(); }
  };

  Work work_;
  OnFailure on_failure_;
  std::stop_source stop_;
  mutable std::mutex mutex_;
  std::exception_ptr failure_;
  std::vector<std::thread> threads_;
  std::stop_callback<RequestStop> from_parent_;
};

}  // namespace flytt::flow
