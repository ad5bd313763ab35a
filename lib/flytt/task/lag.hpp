// lag-wait: how far the target is behind, and waiting until it is not. Positions decide, never a server's seconds.
// Layer: task (5).  Thread rule: call from one thread.  Output: man/lag-wait.1.
//
// The lag is measured with one clock, this host's: the source's position is read every so often and noted with the time; the lag is
// the age of the oldest noted position that the target has not applied yet, 0 when it has applied the newest. So it needs no write
// on the source, works while the source is idle, and its grain is the sampling interval.
//
// Exit: 0 reached; 1 with check: not reached now; 11 timeout, or no progress for `no_progress`; 15 at once when the channel is missing or
// its applier or receiver has stopped with an error; 69 a server cannot be reached; 77 a privilege is missing.
// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include <flytt/base/context.hpp>
#include <flytt/base/exit.hpp>
#include <flytt/engine/engine.hpp>
#include <flytt/task/output.hpp>

namespace flytt::task {

enum class LagMode {
  zero,      ///< what the source's position is now has been applied; says whether the source is fenced
  max_lag,   ///< the lag stays at most max_lag for sustained_for
  position,  ///< the given position has been applied; the source is not asked
  watch,     ///< print the lag every interval until the timeout (exit 0 then) or a signal
};

struct LagOptions {
  engine::Endpoint source;
  engine::Endpoint target;
  LagMode mode = LagMode::zero;
  std::string position;                          ///< GTID set, FILE:OFFSET or LSN
  std::chrono::nanoseconds max_lag{0};
  std::chrono::nanoseconds sustained_for{0};     ///< --for
  std::chrono::nanoseconds interval{1'000'000'000};  ///< --interval: of --watch lines
  std::chrono::nanoseconds sample{100'000'000};  ///< how often positions are read
  std::optional<std::chrono::nanoseconds> timeout;      ///< --timeout; none: wait for ever
  std::optional<std::chrono::nanoseconds> no_progress;  ///< --no-progress: the timer starts again while the target's position moves
  bool check = false;                            ///< --check: answer for now, do not wait
  std::string channel = "flytt";
};

/// Waits and prints one line: the lag in seconds and bytes, the position, and whether the source is fenced.
/// Throws Error: Exit::timeout, Exit::replication with the server's own message, Exit::unavailable, Exit::privilege.
base::Exit lag(const LagOptions& options, Output& out, const base::Context& ctx);

/// The same with servers that are open already; their endpoints stand in `options` too.
base::Exit lag(engine::Server& source, engine::Server& target, const LagOptions& options, Output& out, const base::Context& ctx);

}  // namespace flytt::task
