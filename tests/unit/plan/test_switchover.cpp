// The switchover's order, its way back, and what a journal may not say.
// SPDX-License-Identifier: MIT
#include <flytt/plan/switchover.hpp>

#include "support/catch.hpp"

#include <vector>

using namespace flytt;
using plan::Mark;
using plan::Phase;
using plan::Step;
using plan::Switchover;

namespace {

void run(Switchover& s, Step step) {
  if (!plan::is_record_only(step)) s.apply({step, Mark::intent});
  s.apply({step, Mark::done});
}

/// A switchover in which everything before `step` is done.
Switchover before(Step step) {
  Switchover s;
  while (*s.next() != step) run(s, *s.next());
  return s;
}

constexpr std::array kForward{Step::preflight, Step::arm,    Step::pre_fence, Step::fence,        Step::freeze, Step::catch_up,
                              Step::check,     Step::commit, Step::promote,   Step::post_promote, Step::finish};

std::vector<Step> rest(Switchover& s) {
  std::vector<Step> steps;
  while (s.next()) {
    steps.push_back(*s.next());
    run(s, *s.next());
  }
  return steps;
}

}  // namespace

TEST_CASE("a switchover without trouble goes through every step in order") {
  Switchover s;
  CHECK_FALSE(s.open());
  CHECK(rest(s) == std::vector<Step>(kForward.begin(), kForward.end()));
  CHECK(s.phase() == Phase::finished);
  CHECK_FALSE(s.open());
}

TEST_CASE("a failure before commit turns back, and opens the old server exactly when a fence was intended") {
  for (const Step step : kForward) {
    if (step >= Step::commit) continue;
    INFO(plan::name(step));
    Switchover s = before(step);
    s.apply({step, Mark::intent});
    s.apply({step, Mark::failed});
    CHECK(s.phase() == Phase::undoing);
    std::vector<Step> wanted;
    if (step >= Step::fence) wanted.push_back(Step::open_old);
    if (step >= Step::pre_fence) wanted.push_back(Step::rollback_hook);
    wanted.push_back(Step::rolled_back);
    CHECK(rest(s) == wanted);
    CHECK(s.phase() == Phase::undone);
  }
}

TEST_CASE("a process that dies before commit leaves only the way back; after commit only the way forward") {
  for (const Step step : kForward) {
    for (const bool begun : {false, true}) {
      if (begun && plan::is_record_only(step)) continue;
      if (step == Step::preflight && !begun) continue;
      INFO(plan::name(step) << (begun ? " begun" : " not begun"));
      Switchover s = before(step);
      if (begun) s.apply({step, Mark::intent});
      s.interrupted();
      CHECK(s.open());
      if (step > Step::commit) {
        CHECK(s.next() == step);
        CHECK_THROWS_AS(s.turn_back(), base::Error);
        CHECK_THROWS_AS(s.apply({Step::open_old, Mark::intent}), base::Error);
        rest(s);
        CHECK(s.phase() == Phase::finished);
        CHECK_THROWS_WITH(s.turn_back(), Catch::Contains("finished"));
      } else {
        CHECK(s.fence_possible() == (step > Step::fence || (step == Step::fence && begun)));
        CHECK_THROWS_AS(s.apply({Step::commit, Mark::done}), base::Error);
        CHECK_THROWS_AS(s.apply({Step::promote, Mark::intent}), base::Error);
        rest(s);
        CHECK(s.phase() == Phase::undone);
      }
    }
  }
}

TEST_CASE("no step can be left out, repeated, or ended without having begun") {
  for (const Step at : kForward) {
    Switchover s = before(at);
    for (const Step other : kForward) {
      if (other == at) continue;
      INFO(plan::name(other) << " at " << plan::name(at));
      Switchover copy = s;
      CHECK_THROWS_AS(copy.apply({other, plan::is_record_only(other) ? Mark::done : Mark::intent}), base::Error);
      CHECK_THROWS_AS(copy.apply({other, Mark::done}), base::Error);
    }
    if (!plan::is_record_only(at)) CHECK_THROWS_AS(s.apply({at, Mark::done}), base::Error);
  }
}

TEST_CASE("a failed hook after the promotion does not stop it; a failed promotion is tried again") {
  Switchover s = before(Step::promote);
  s.apply({Step::promote, Mark::intent});
  s.apply({Step::promote, Mark::failed});
  CHECK(s.phase() == Phase::committed);
  CHECK(s.next() == Step::promote);
  run(s, Step::promote);
  s.apply({Step::post_promote, Mark::intent});
  s.apply({Step::post_promote, Mark::failed});
  CHECK(s.hook_failed());
  CHECK(s.next() == Step::finish);
}

TEST_CASE("an interrupted way back is gone again from where it stands") {
  Switchover s = before(Step::catch_up);
  s.interrupted();
  s.apply({Step::open_old, Mark::intent});
  s.interrupted();
  CHECK(s.next() == Step::open_old);
  s.apply({Step::open_old, Mark::intent});
  s.apply({Step::open_old, Mark::failed});
  CHECK(s.next() == Step::open_old);
  run(s, Step::open_old);
  CHECK(s.next() == Step::rollback_hook);
}

TEST_CASE("names read back") {
  for (std::size_t i = 0; i < plan::kStepNames.size(); ++i)
    CHECK(plan::step_named(plan::kStepNames[i]) == static_cast<Step>(i));
  CHECK_FALSE(plan::step_named("fenc"));
  for (const Mark m : {Mark::intent, Mark::done, Mark::failed}) CHECK(plan::mark_named(plan::name(m)) == m);
  CHECK_FALSE(plan::mark_named(""));
}
