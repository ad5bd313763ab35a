// lag-wait's truth table: what is said for every state of a channel, and that unknown is never zero.
// SPDX-License-Identifier: MIT
#include <algorithm>

#include "fake_replication.hpp"

#include <flytt/task/lag.hpp>
#include <flytt/task/lag_meter.hpp>

#include "support/catch.hpp"

using namespace flytt;
using namespace std::chrono_literals;
using base::Exit;
using task::LagMode;

namespace {

struct LagCase {
  test::FakeWorld world;
  task::LagOptions options;
  task::MemoryOutput out;

  LagCase(LagMode mode) {
    options.mode = mode;
    options.timeout = 5s;
  }
  Exit run() { return task::lag(world.source, world.target, options, out, world.context()); }
};

}  // namespace

TEST_CASE("--zero says yes only when the source's position is applied") {
  LagCase c(LagMode::zero);
  const auto begin = c.world.clock.now();
  SECTION("it is") { c.options.check = true; CHECK(c.run() == Exit::done); }
  SECTION("it is not, and is not waited for") {
    c.world.applied = 90;
    c.options.check = true;
    CHECK(c.run() == Exit::no);
    CHECK_THAT(c.out.lines().at(0), test::contains("not applied gtid 100, 100 bytes behind"));
  }
  SECTION("it comes") { c.world.applied = 90; CHECK(c.run() == Exit::done); }
  SECTION("it does not come in time") {
    c.world.applied = 90;
    c.world.applies = false;
    REQUIRE_ERROR(c.run(), Exit::timeout, "did not apply gtid 100");
    CHECK(c.world.clock.now() - begin >= 5s);
    CHECK(c.world.clock.now() - begin < 6s);
  }
  SECTION("it says whether the source is fenced") {
    CHECK(c.run() == Exit::done);
    CHECK_THAT(c.out.lines().at(0), test::contains("not fenced"));
    c.world.source_open = false;
    CHECK(c.run() == Exit::done);
    CHECK_THAT(c.out.lines().at(1), test::contains("the source is fenced"));
  }
}

TEST_CASE("a channel that will never arrive is exit 15 at once, in every mode") {
  for (const LagMode mode : {LagMode::zero, LagMode::max_lag, LagMode::watch, LagMode::position}) {
    LagCase c(mode);
    c.options.position = "0-1-100";
    c.world.applied = 0;
    c.world.written = 100;
    c.world.applies = false;
    auto& s = c.world.status;
    if (mode == LagMode::position) c.options.position = "0-1-5";  // the fake reads it as 0: only a missing channel shows
    SECTION("no channel " + std::to_string(int(mode))) { s.exists = false; REQUIRE_ERROR(c.run(), Exit::replication, "no channel flytt"); }
    if (mode == LagMode::position) continue;
    SECTION("applier stopped " + std::to_string(int(mode))) {
      s.applying = false;
      s.error = "duplicate key";
      REQUIRE_ERROR(c.run(), Exit::replication, "duplicate key");
    }
    SECTION("receiver gave up " + std::to_string(int(mode))) {
      s.receiving = false;
      REQUIRE_ERROR(c.run(), Exit::replication, "replication has stopped");
    }
    CHECK(c.world.clock.slept() == 0s);
  }
}

TEST_CASE("a receiver that connects again is waited for") {
  LagCase c(LagMode::zero);
  c.world.applied = 90;
  c.world.applies = false;
  c.world.status.receiving = false;
  c.world.status.connecting = true;
  REQUIRE_ERROR(c.run(), Exit::timeout, "did not apply");
}

TEST_CASE("the lag is the age of the oldest position that is not applied, by one clock") {
  test::FakeWorld w;
  test::FakeReplication source(w, true), target(w, false);
  task::LagMeter meter(source, target, "flytt", w.clock);
  CHECK(meter.sample().lag == 0s);
  w.written = 101;
  CHECK(meter.sample().lag == 0s);  // just seen
  w.clock.advance(2s);
  w.written = 102;
  const auto r = meter.sample();
  CHECK(r.lag == 2s);
  CHECK_FALSE(r.at_least);
  CHECK(r.bytes == 20U);
  w.applied = 101;
  CHECK(meter.sample().lag == 0s);  // 102 was seen this moment
  w.clock.advance(1s);
  CHECK(meter.sample().lag == 1s);
  w.applied = 102;
  CHECK(meter.sample().lag == 0s);
  w.clock.advance(1h);
  CHECK(meter.sample().lag == 0s);  // idle, however long
}

TEST_CASE("before anything was seen applied the lag is a lower bound, and no proof that it is small") {
  LagCase c(LagMode::max_lag);
  c.options.max_lag = 500ms;
  c.options.check = true;
  c.world.applied = 0;
  c.world.applies = false;
  CHECK(c.run() == Exit::no);
  CHECK(c.world.clock.slept() >= 500ms);
  CHECK_THAT(c.out.lines().at(0), test::contains("or more"));
}

TEST_CASE("--for asks for a lag that stays small, and a timeout ends it") {
  LagCase c(LagMode::max_lag);
  c.options.max_lag = 500ms;
  c.options.sustained_for = 2s;
  SECTION("it stays") {
    CHECK(c.run() == Exit::done);
    CHECK(c.world.clock.slept() >= 2s);
  }
  SECTION("it never gets there") {
    c.world.applied = 0;
    REQUIRE_ERROR(c.run(), Exit::timeout, "the lag was not at most 0.500 s");
  }
}

TEST_CASE("--no-progress counts from the last move of the target, and the timeout does not") {
  LagCase c(LagMode::max_lag);
  c.options.max_lag = 0ns;
  c.options.timeout = 1s;
  c.options.no_progress = 3s;
  c.world.applied = 0;
  REQUIRE_ERROR(c.run(), Exit::timeout, "has not moved for 3.000 s");
  CHECK(c.world.clock.slept() >= 3s);
}

TEST_CASE("--watch prints every interval and ends with the timeout") {
  LagCase c(LagMode::watch);
  c.options.interval = 1s;
  c.options.timeout = 3s;
  CHECK(c.run() == Exit::done);
  CHECK(c.out.lines().size() == 4);
  for (const auto& line : c.out.lines()) CHECK(line.find("Z  lag ") == std::string("1970-01-01T00:00:00.000").size());
}

TEST_CASE("a stop is a stop") {
  LagCase c(LagMode::zero);
  c.world.applied = 90;
  c.world.applies = false;
  std::stop_source stop;
  stop.request_stop();
  REQUIRE_ERROR(task::lag(c.world.source, c.world.target, c.options, c.out, c.world.context(stop.get_token())), Exit::temporary, "stopped");
}
