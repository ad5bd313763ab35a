// The canary: one small write with fdatasync now and then in the directory of the data, in a thread of its own.
// Layer: task (5).  Thread rule: members from the thread that made it.
// SPDX-License-Identifier: MIT
#pragma once

#include <flytt/os/fd.hpp>
#include <flytt/plan/latency.hpp>

#include <atomic>
#include <chrono>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace flytt::task {

/// A file without a name: nothing is left behind, whatever ends the program.
/// Throws: Exit::privilege, Exit::io; Exit::partial where a filesystem has no files without names.
os::UniqueFd open_unlinked(const std::string& directory, int flags = 0);

class ProbeCanary {
 public:
  /// Throws: Exit::privilege, Exit::io.
  ProbeCanary(const std::string& directory, std::chrono::nanoseconds every);
  ~ProbeCanary() = default;

  /// All so far, and the one that is under way as long as it has taken by now. Throws what the writing met: Exit::io.
  plan::Latencies total();
  /// Those since the last call of this.
  plan::Latencies recent();

 private:
  void run(std::stop_token stop, std::chrono::nanoseconds every);
  void check();
  void add_pending(plan::Latencies& to) const;

  os::UniqueFd file_;
  std::mutex mutex_;
  plan::Latencies all_, since_;
  int error_ = 0;
  std::optional<std::chrono::steady_clock::time_point> began_;
  std::jthread thread_;  // last: it starts when all else is there
};

}  // namespace flytt::task
