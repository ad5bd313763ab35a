// How far a task is: counters that workers add to, and a thread that reports them now and then.
// Layer: flow (1).  Thread rule: every member from any thread.
// SPDX-License-Identifier: MIT
#pragma once

#include <flytt/base/clock.hpp>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>

namespace flytt::flow {

/// The counters at one moment.
struct ProgressReport {
  std::uint64_t bytes = 0;
  std::uint64_t rows = 0;
  std::uint64_t done = 0;   ///< parts finished, of `total`; the unit is the task's own (chunks, estimated bytes)
  std::uint64_t total = 0;  ///< 0: not known
  std::chrono::nanoseconds elapsed{0};
  std::chrono::nanoseconds interval{0};  ///< since the last report
  std::uint64_t interval_bytes = 0;
  std::uint64_t interval_rows = 0;

  /// How much of `total` is done, in percent; nothing where there is no total, it was too low an estimate, or it is too early to say.
  std::optional<unsigned> percent() const;
  /// The time left if it goes on as so far; nothing while that cannot be said.
  std::optional<std::chrono::nanoseconds> eta() const;
};

/// The counters. Adding is cheap enough for each batch, not for each row.
class Progress {
public:
  void add_bytes(std::uint64_t n) noexcept { bytes_.fetch_add(n, std::memory_order_relaxed); }
  void add_rows(std::uint64_t n) noexcept { rows_.fetch_add(n, std::memory_order_relaxed); }
  void add_done(std::uint64_t n) noexcept { done_.fetch_add(n, std::memory_order_relaxed); }
  void add_total(std::uint64_t n) noexcept { total_.fetch_add(n, std::memory_order_relaxed); }
  /// A part of the total was `expected` and has turned out to be `actual`.
  void correct_total(std::uint64_t expected, std::uint64_t actual) noexcept { total_.fetch_add(actual - expected, std::memory_order_relaxed); }

  std::uint64_t bytes() const noexcept { return bytes_.load(std::memory_order_relaxed); }
  std::uint64_t rows() const noexcept { return rows_.load(std::memory_order_relaxed); }
  std::uint64_t done() const noexcept { return done_.load(std::memory_order_relaxed); }
  std::uint64_t total() const noexcept { return total_.load(std::memory_order_relaxed); }

private:
  std::atomic<std::uint64_t> bytes_{0};
  std::atomic<std::uint64_t> rows_{0};
  std::atomic<std::uint64_t> done_{0};
  std::atomic<std::uint64_t> total_{0};
};

/// Calls a sink every `interval`, in a thread of its own, until it ends. It does not report at the end: the task prints that.
class ProgressReporter {
public:
  /// A sink that throws is not called again: a message that cannot be shown must not end a copy.
  using Sink = std::function<void(const ProgressReport&)>;

  /// Interval 0: only when asked.
  ProgressReporter(const Progress& progress, base::Clock& clock, std::chrono::nanoseconds interval, Sink sink);
  ~ProgressReporter();
  ProgressReporter(const ProgressReporter&) = delete;
  ProgressReporter& operator=(const ProgressReporter&) = delete;

  /// Asks for a report now; does not wait for it.
  void report_now();

private:
  void run(std::stop_token stop);
  ProgressReport take();

  const Progress& progress_;
  base::Clock& clock_;
  const std::chrono::nanoseconds interval_;
  Sink sink_;
  std::chrono::steady_clock::time_point started_;
  ProgressReport last_;  // of the thread alone

  std::mutex mutex_;
  std::condition_variable_any wake_;
  bool asked_ = false;
  std::jthread thread_;  // last: it starts when all else is there
};

}  // namespace flytt::flow
