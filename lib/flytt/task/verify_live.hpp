// Waits until the target holds what the source held a moment ago.
// Layer: task (5).  Thread rule: one thread per object.
// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string>

#include <flytt/flow/backoff.hpp>
#include <flytt/task/verify_reader.hpp>

namespace flytt::task::compare {

/// What a wait has shown.
enum class CaughtUp : std::uint8_t {
  yes,      ///< all that the source had committed when the wait began is applied
  unknown,  ///< no channel tells: only time has passed
  late,     ///< not within --live-wait
  stopped,  ///< the channel does not apply
};

class LagWait {
 public:
  explicit LagWait(Run& run);
  CaughtUp wait();
  /// Begins with short waits again.
  void reset() { backoff_.reset(); }
  /// Why the last wait showed less than `yes`; empty when nothing is wrong.
  const std::string& remark() const noexcept { return remark_; }

 private:
  bool follow();

  Run& run_;
  flow::Backoff backoff_;
  bool asked_ = false;
  std::unique_ptr<engine::Replication> source_;
  std::unique_ptr<engine::Replication> target_;  // null: no channel
  std::string remark_;
};

}  // namespace flytt::task::compare
