// One run of the switchover: acts, and writes the journal around each act.
// Layer: task (5).  Thread rule: one thread.  Decisions: plan/switchover.hpp.
// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <flytt/task/replicate_parts.hpp>

namespace flytt::task {

class SwitchoverRun {
 public:
  using Facts = std::vector<std::pair<std::string, std::string>>;

  SwitchoverRun(Pair& pair, Journal& journal, std::string run, plan::Switchover machine);
  /// This process goes on with what another began.
  void resumed() noexcept { resumed_ = begun_ = true; }
  /// Until nothing is left to do. Throws Error: Exit::promoted_not_opened, or an old server that cannot be opened again.
  void go();
  /// Says how it ended. Throws the Error that turned it back, or Exit::hook_failed.
  base::Exit report();

 private:
  struct DefinitionsRead {
    std::string mark;
    std::vector<engine::FixedDefinition> outline;
  };

  void write(plan::Step step, plan::Mark mark, const Facts& facts);
  void probe(plan::Step step, const char* point);
  void perform(plan::Step step);
  void record(plan::Step step);
  std::optional<base::Error> attempt_step(plan::Step step, Facts& facts);
  void failed(plan::Step step, const base::Error& e);
  void fail(const base::Error& e);
  [[noreturn]] void no_journal(const base::Error& e);
  void turn_back_when_late();
  Facts intent_facts(plan::Step step);
  Facts act(plan::Step step);

  Facts preflight();
  Facts arm();
  Facts fence();
  Facts freeze();
  Facts catch_up();
  Facts check();
  Facts promote();
  Facts open_old();
  Facts hook(const std::string& command, const std::string& name, std::chrono::nanoseconds within);
  std::string too_far_behind() const;
  std::string how_far_behind(const value::Position& p);
  DefinitionsRead read_definitions();
  void check_definitions();
  void prove_old_closed();
  void prove_put_back();
  void say_what_stays();
  void set_events();
  void forget_follower();
  void wait_applied(const value::Position& p, std::chrono::steady_clock::time_point end, const std::string& late);
  /// What is left for going forward: the end of the budget is kept for the way back.
  std::chrono::nanoseconds left() const;
  std::optional<std::chrono::milliseconds> blocked() const;

  Pair& pair_;
  Journal& journal_;
  std::string run_;
  plan::Switchover machine_;
  bool begun_ = false;
  bool resumed_ = false;
  bool events_failed_ = false;
  std::chrono::milliseconds reserve_{0};
  std::chrono::steady_clock::time_point deadline_;
  std::optional<std::chrono::steady_clock::time_point> blocked_since_, blocked_until_;
  value::Position position_;   // where the old server's history ends
  std::string previous_;       // what the fence changed
  value::Scope scope_;
  DefinitionsRead definitions_;  // of the old server, when everything was compared
  std::optional<base::Error> cause_, hook_error_;
};

/// Events and their states as a text for the journal, and back.
std::string events_text(const std::vector<engine::EventState>& events);
std::vector<engine::EventState> events_of_text(const std::string& text);
/// Events of the old server that the new one is to have, each as it is there now.
std::vector<engine::EventState> events_to_promote(Pair& pair, const value::Scope& scope);

/// Events of a copy (schema.name) and what the loader noted about their status on the source.
std::vector<std::pair<std::string, std::string>> event_statuses(engine::Server& target, const std::string& copy);

}  // namespace flytt::task
