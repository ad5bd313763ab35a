// Events at a switchover: the source's list under the fence is what counts, also for another process; and what a restart of the target has
// undone is noticed and put back.
// SPDX-License-Identifier: MIT
#include "replica_case.hpp"

#include <flytt/base/text.hpp>
#include <flytt/task/replicate_switchover.hpp>

#include "support/catch.hpp"

using namespace flytt;
using base::Exit;
using plan::Step;
using task::ReplicaVerb;
using test::Killed;
using Case = test::ReplicaCase;

namespace {

void check_same(const std::vector<engine::EventState>& a, const std::vector<engine::EventState>& b) {
  REQUIRE(a.size() == b.size());
  for (std::size_t i = 0; i < a.size(); ++i) {
    CHECK(a[i].schema == b[i].schema);
    CHECK(a[i].name == b[i].name);
    CHECK(a[i].enabled == b[i].enabled);
    CHECK(a[i].of_replica == b[i].of_replica);
    CHECK(a[i].spent == b[i].spent);
  }
}

std::string told(const Case& c) { return base::join(c.out.lines(), "\n"); }

}  // namespace

TEST_CASE("events come back from a journal as they were noted, whatever their names are") {
  const std::vector<engine::EventState> events{{"shop", "a.b \"c\" \n", true, false, false}, {"caf\xc3\xa9", "\\", false, true, true}};
  check_same(task::events_of_text(task::events_text(events)), events);
  CHECK(task::events_of_text(task::events_text({})).empty());
}

TEST_CASE("events are what they were on the source when it was fenced, and what could not be done is exit 10") {
  Case c;
  c.world.old_events = {{"shop", "nightly", false, false, false}};
  c.world.on_act = [&](const std::string& what) {
    if (what == "old fence") c.world.old_events = {{"shop", "nightly", true, false, false}, {"shop", "made", true, false, false}};
  };
  CHECK(c.run(ReplicaVerb::switchover) == Exit::done);
  check_same(c.world.set_to, c.world.old_events);
  CHECK(c.world.set_to.size() == 2);
  Case d;
  d.world.events_fail = {"event shop.gone is not there"};
  CHECK(d.run(ReplicaVerb::switchover) == Exit::partial);
  CHECK(d.world.target_open);
}

TEST_CASE("whoever goes on after the point of no return needs no source for the events") {
  Case c;
  c.world.old_events = {{"shop", "nightly", true, false, false}};
  c.failpoint(Step::promote, "before", true);
  CHECK_THROWS_AS(c.run(ReplicaVerb::switchover), Killed);
  c.options.failpoint = {};
  const auto noted = c.world.old_events;
  c.world.old_events.clear();
  CHECK(c.run(ReplicaVerb::resume) == Exit::done);
  check_same(c.world.set_to, noted);
}

TEST_CASE("without the source nobody knows what became of the events that it changed") {
  Case c;
  c.options.yes = true;
  c.world.status.drained = true;
  c.world.new_events = {{"shop", "nightly", true, false, false}};
  CHECK(c.run(ReplicaVerb::promote) == Exit::done);
  Case d;
  d.options.yes = true;
  d.world.status.drained = true;
  d.world.new_events = {{"shop", "made", false, true, false}};
  CHECK(d.run(ReplicaVerb::promote) == Exit::partial);
  CHECK(d.world.target_open);
}

TEST_CASE("what a restart of the target has undone is told by status, stands in a switchover's way, and is put back by start") {
  Case c;
  c.world.limited = false;
  c.world.target_open = true;
  CHECK(c.run(ReplicaVerb::status) == Exit::no);
  CHECK_THAT(told(c), test::contains("channel-limits: channel flytt carries everything, and was limited to shop"));
  CHECK_THAT(told(c), test::contains("target-open: the target is not closed"));
  CHECK(c.run(ReplicaVerb::preflight) == Exit::refused);
  REQUIRE_ERROR(c.run(ReplicaVerb::switchover), Exit::refused, "stand in the way");
  c.options.dry_run = true;
  CHECK(c.run(ReplicaVerb::start) == Exit::done);
  CHECK(c.world.target_open);
  c.options.dry_run = false;
  c.world.log.clear();
  CHECK(c.run(ReplicaVerb::start) == Exit::done);
  CHECK(c.world.limited);
  CHECK_FALSE(c.world.target_open);
  // Nothing is applied before the limits stand.
  const auto at = [&](const std::string& what) { return std::find(c.world.log.begin(), c.world.log.end(), what) - c.world.log.begin(); };
  CHECK(at("new stop channel") < at("new limit channel"));
  CHECK(c.run(ReplicaVerb::status) == Exit::done);
  c.world.limited = true;
  CHECK(c.run(ReplicaVerb::switchover) == Exit::done);
}

TEST_CASE("an old server that a switchover has closed, and that is open again, is told until somebody opens it by name") {
  Case c;
  CHECK(c.run(ReplicaVerb::switchover) == Exit::done);
  c.world.source_open = true;
  CHECK(c.run(ReplicaVerb::status) == Exit::no);
  CHECK_THAT(told(c), test::contains("was closed to writes by the switchover and is not any more"));
}
