// Watches while a dump works: who waits for our locks, and whether the stream is silent for too long.
// Layer: task (5).  Thread rule: made and ended by one thread; it has a thread of its own.
// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <set>
#include <stop_token>
#include <string>
#include <thread>

#include <flytt/base/context.hpp>
#include <flytt/engine/snapshot.hpp>
#include <flytt/wire/stream_writer.hpp>

namespace flytt::task {

class DumpWatcher {
 public:
  /// `give_up` is called once, with the reason, when --on-ddl=fail and somebody waits.
  DumpWatcher(engine::Snapshot& snapshot, wire::StreamWriter& writer, engine::OnDdl on_ddl, base::Context& context,
              std::function<void(base::Error)> give_up);
  /// Ends the watching; nothing is written or called any more when it returns.
  ~DumpWatcher() = default;

 private:
  void watch(std::stop_token stop);
  void look_for_waiters();
  void keep_alive();

  engine::Snapshot& snapshot_;
  wire::StreamWriter& writer_;
  const engine::OnDdl on_ddl_;
  base::Context& context_;
  std::function<void(base::Error)> give_up_;
  std::set<std::string> named_;
  bool given_up_ = false;
  std::uint64_t frames_ = 0;
  std::chrono::steady_clock::time_point last_frame_;
  std::jthread thread_;  // last: it starts when all else is there
};

}  // namespace flytt::task
