// How much a server may send before the first row of an answer. The client library reads what is said about the columns by itself,
// keeps it all, and believes any number of them; no call of ours comes in between.
// Layer: engine/mysql_family (3).  Thread rule: any thread.
// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <stop_token>
#include <thread>
#include <vector>

#include <flytt/os/fd.hpp>

namespace flytt::engine::mysql_family {

/// 4096 columns, the most that a table can have, with every name at its longest, take a quarter of that.
inline constexpr std::uint64_t kMostHeadBytes = std::uint64_t{16} << 20;

/// One thread that looks at all sessions that wait for the head of an answer, and sleeps while none does.
class HeadWatch {
 public:
  /// Around the call that sends a statement and reads the head of its answer.
  class Scope {
   public:
    Scope(HeadWatch& watch, int socket);
    ~Scope();
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;
    /// The socket was closed, since too much came.
    bool tripped() const noexcept { return tripped_; }

   private:
    friend class HeadWatch;
    HeadWatch& watch_;
    std::optional<std::uint64_t> before_;
    os::UniqueFd socket_;
    std::atomic<bool> tripped_{false};
  };

 private:
  void run(const std::stop_token& ended);

  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::vector<Scope*> waiting_;
  std::jthread thread_;  // ends before what it looks at
};

}  // namespace flytt::engine::mysql_family
