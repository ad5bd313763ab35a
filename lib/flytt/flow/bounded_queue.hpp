// A queue between threads that is bounded by number and by weight, and that carries a failure to both ends.
// Layer: flow (1).  Thread rule: every member from any thread; all threads are done with it before it ends.
// SPDX-License-Identifier: MIT
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <limits>
#include <mutex>
#include <optional>
#include <stop_token>
#include <utility>

namespace flytt::flow {

template <class T>
class BoundedQueue {
public:
  using Weight = std::function<std::uint64_t(const T&)>;
  static constexpr std::uint64_t kUnlimited = std::numeric_limits<std::uint64_t>::max();

  /// Holds at most `max_items` (at least one) that weigh at most `max_weight` together; an item heavier than that goes in
  /// alone. `weight` is asked once for each item, before it is queued.
  explicit BoundedQueue(std::size_t max_items, std::uint64_t max_weight = kUnlimited, Weight weight = {})
      : max_items_(max_items == 0 ? 1 : max_items), max_weight_(max_weight), weight_of_(std::move(weight)) {}

  BoundedQueue(const BoundedQueue&) = delete;
  BoundedQueue& operator=(const BoundedQueue&) = delete;

  /// Waits for room. False when the queue was closed or stop was requested: the item is gone.
  /// Throws: what fail() was given.
  [[nodiscard]] bool push(T item, std::stop_token stop = {}) {
    const std::uint64_t weight = weight_of_ ? weight_of_(item) : 0;
    std::unique_lock lock(mutex_);
    room_.wait(lock, stop, [&] { return failure_ || closed_ || fits(weight); });
    rethrow_failure();
    if (closed_ || !fits(weight) || stop.stop_requested()) return false;
    items_.emplace_back(std::move(item), weight);
    weight_ += weight;
    lock.unlock();
    filled_.notify_one();
    return true;
  }

  /// Waits for an item. Nothing when the queue is closed and empty, or stop was requested: who must know which asks the token.
  /// Throws: what fail() was given, at once, whatever is still queued.
  std::optional<T> pop(std::stop_token stop = {}) {
    std::unique_lock lock(mutex_);
    filled_.wait(lock, stop, [&] { return failure_ || closed_ || !items_.empty(); });
    rethrow_failure();
    if (items_.empty() || stop.stop_requested()) return std::nullopt;
    std::optional<T> item(std::move(items_.front().first));
    weight_ -= items_.front().second;
    items_.pop_front();
    lock.unlock();
    room_.notify_all();  // not one: the first waiter may be too heavy for the room there is, another not
    return item;
  }

  /// No more items: pop() empties the queue and then gives nothing. May be called again.
  void close() {
    {
      std::lock_guard lock(mutex_);
      closed_ = true;
    }
    wake_all();
  }

  /// Ends the queue for both sides with an exception; the first one stays.
  void fail(std::exception_ptr why) {
    {
      std::lock_guard lock(mutex_);
      if (!failure_) failure_ = std::move(why);
    }
    wake_all();
  }

  std::size_t size() const {
    std::lock_guard lock(mutex_);
    return items_.size();
  }
  std::uint64_t weight() const {
    std::lock_guard lock(mutex_);
    return weight_;
  }

private:
  bool fits(std::uint64_t weight) const {
    if (items_.empty()) return true;
    return items_.size() < max_items_ && weight_ <= max_weight_ && weight <= max_weight_ - weight_;
  }
  void rethrow_failure() const {
    if (failure_) std::rethrow_exception(failure_);
  }
  void wake_all() {
    room_.notify_all();
    filled_.notify_all();
  }

  const std::size_t max_items_;
  const std::uint64_t max_weight_;
  const Weight weight_of_;

  mutable std::mutex mutex_;
  std::condition_variable_any room_;
  std::condition_variable_any filled_;
  std::deque<std::pair<T, std::uint64_t>> items_;
  std::uint64_t weight_ = 0;
  bool closed_ = false;
  std::exception_ptr failure_;
};

}  // namespace flytt::flow
