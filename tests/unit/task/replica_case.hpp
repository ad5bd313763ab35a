// What the tests of replica-ctl share: two servers in memory, options, and a death that nothing catches.
// SPDX-License-Identifier: MIT
#pragma once

#include "fake_replication.hpp"

#include <flytt/os/dir.hpp>
#include <flytt/task/replicate.hpp>

#include <string>

namespace flytt::test {

using base::Error;
using base::Exit;
using plan::Step;
using task::ReplicaVerb;

struct Killed {};  // no base::Error: nothing between the failpoint and the test may catch it

struct ReplicaCase {
  FakeWorld world;
  os::TempDir dir;
  task::ReplicateOptions options;
  task::MemoryOutput out;
  std::stop_source stop;

  ReplicaCase() {
    options.journal = dir.path() + "/j";
    options.repl_password = "x";
    options.source_address = "old:1";
  }
  Exit run(ReplicaVerb verb) {
    options.verb = verb;
    return task::replicate(world.source, world.target, options, out, world.context(stop.get_token()));
  }
  /// The Error, or the exit status, of a switchover that fails at a step's action.
  void fail_at(const std::string& act, Exit code = Exit::unavailable) {
    world.on_act = [act, code](const std::string& what) {
      if (what == act) throw Error(code, "injected at " + act);
    };
  }
  void failpoint(Step step, const std::string& point, bool kill) {
    options.failpoint = [=](Step at, const char* where) {
      if (at != step || where != point) return;
      if (kill) throw Killed{};
      throw Error(Exit::unavailable, "injected");
    };
  }
  bool one_open() const { return world.source_open != world.target_open; }
};

}  // namespace flytt::test
