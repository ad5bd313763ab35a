// What a task needs from around it: time, a log, and to be told when to stop.
// Layer: base (0).  Thread rule: copy it into each thread; what it refers to is thread-safe and outlives the task.
// SPDX-License-Identifier: MIT
#pragma once

#include <flytt/base/clock.hpp>
#include <flytt/base/error.hpp>
#include <flytt/base/log.hpp>

#include <stop_token>
#include <utility>

namespace flytt::base {

struct Context {
  Clock& clock;
  Log& log;
  std::stop_token stop;

  /// Throws Exit::temporary when stop was requested. After a signal cli/ ends by that signal, whatever the code.
  void check_stop() const {
    if (stop.stop_requested()) throw Error(Exit::temporary, "stopped on request");
  }

  /// The same surroundings with another stop token, for a group of workers with a stop of its own.
  Context with_stop(std::stop_token other) const { return {clock, log, std::move(other)}; }
};

}  // namespace flytt::base
