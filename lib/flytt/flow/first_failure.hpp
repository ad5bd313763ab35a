// The first failure of several threads that fail as one. What the others run into when their work is ended because of it is no cause.
// Layer: flow (1).  Thread rule: every member from any thread.
// SPDX-License-Identifier: MIT
#pragma once

#include <exception>
#include <mutex>
#include <utility>

namespace flytt::flow {

class FirstFailure {
public:
  /// To be called before anything is ended because of it. False: another one came before.
  bool keep(std::exception_ptr why) noexcept {
    const std::lock_guard lock(mutex_);
    if (first_) return false;
    first_ = std::move(why);
    return true;
  }
  /// The first one so far, or null.
  std::exception_ptr get() const noexcept {
    const std::lock_guard lock(mutex_);
    return first_;
  }
  /// Throws the first one, if there is any.
  void rethrow() const {
    if (const auto why = get()) std::rethrow_exception(why);
  }

private:
  mutable std::mutex mutex_;
  std::exception_ptr first_;
};

}  // namespace flytt::flow
