// replica-ctl against two servers in memory: the switchover with a failure at every step, killed at every line of the journal,
// then resumed or rolled back. Always exactly one server that takes writes, and never a lost one.
// SPDX-License-Identifier: MIT
#include <algorithm>

#include "replica_case.hpp"

#include "support/catch.hpp"

using namespace flytt;
using base::Error;
using base::Exit;
using plan::Step;
using task::ReplicaVerb;
using test::Killed;
using Case = test::ReplicaCase;

namespace {

constexpr std::array kActs{Step::preflight, Step::arm,    Step::pre_fence, Step::fence,        Step::freeze, Step::catch_up,
                           Step::check,     Step::commit, Step::promote,   Step::post_promote, Step::finish};

}  // namespace

TEST_CASE("a switchover ends with the new server open and the old one closed") {
  Case c;
  c.world.applied = 95;
  CHECK(c.run(ReplicaVerb::switchover) == Exit::done);
  CHECK(c.world.target_open);
  CHECK_FALSE(c.world.source_open);
  CHECK(c.world.applied == c.world.written);
  CHECK_FALSE(c.world.status.exists);
  CHECK_THAT(c.out.lines().front(), test::contains("writes were blocked for"));
  REQUIRE_ERROR(c.run(ReplicaVerb::rollback), Exit::refused, "committed");
  CHECK(c.run(ReplicaVerb::resume) == Exit::done);
}

TEST_CASE("what the channel does not carry: definitions stand in the way, sequences go ahead and then stand exactly") {
  Case c;
  c.world.number = 7;
  c.world.old_definitions = c.world.new_definitions = {{"table shop.a", "x int", true}};
  SECTION("alike: done, and the old server keeps no history any more") {
    std::int64_t before_fence = 0;
    c.world.on_act = [&](const std::string& what) {
      if (what != "old fence") return;
      before_fence = c.world.set_number;
      c.world.number = 9;  // the last numbers that were given out before the fence
    };
    CHECK(c.run(ReplicaVerb::switchover) == Exit::done);
    CHECK(before_fence > 7);
    CHECK(c.world.set_number == 9);
    CHECK(c.world.did("old forget history"));
    c.world.on_act = nullptr;
    CHECK(c.run(ReplicaVerb::drop) == Exit::done);
    CHECK(c.world.did("old forget everything"));
  }
  SECTION("missing on the target") {
    c.world.old_definitions.push_back({"table shop.b", "y int", true});
    REQUIRE_ERROR(c.run(ReplicaVerb::switchover), Exit::refused, "stand in the way");
    CHECK(c.run(ReplicaVerb::status) == Exit::no);
    CHECK_FALSE(c.world.did("old fence"));
  }
  SECTION("different, and it matters") {
    c.world.new_definitions[0].definition = "x bigint";
    REQUIRE_ERROR(c.run(ReplicaVerb::switchover), Exit::refused, "stand in the way");
  }
  SECTION("different, and it does not") {
    c.world.old_definitions[0].must_agree = false;
    c.world.new_definitions[0].definition = "x bigint";
    CHECK(c.run(ReplicaVerb::switchover) == Exit::done);
  }
  SECTION("more on the target") {
    c.world.new_definitions.push_back({"table shop.b", "y int", true});
    CHECK(c.run(ReplicaVerb::switchover) == Exit::done);
  }
  SECTION("changed on the source after the comparison") {
    c.world.on_act = [&](const std::string& what) {
      if (what == "old fence") c.world.old_definitions[0].definition = "x bigint";
    };
    REQUIRE_ERROR(c.run(ReplicaVerb::switchover), Exit::refused, "definitions of the source were changed");
    CHECK(c.world.source_open);
    CHECK_FALSE(c.world.target_open);
  }
}

TEST_CASE("killed anywhere: rollback opens the old server before COMMIT, resume the new one after it") {
  for (const Step step : kActs)
    for (const std::string point : {"before", "after"})
      for (const ReplicaVerb then : {ReplicaVerb::rollback, ReplicaVerb::resume}) {
        INFO(plan::name(step) << " " << point << (then == ReplicaVerb::resume ? " resume" : " rollback"));
        Case c;
        c.failpoint(step, point, true);
        CHECK_THROWS_AS(c.run(ReplicaVerb::switchover), Killed);
        CHECK_FALSE((c.world.source_open && c.world.target_open));
        c.options.failpoint = nullptr;
        const bool committed = step > Step::commit || (step == Step::commit && point == "after");
        const bool over = step == Step::finish && point == "after";
        if (!over) REQUIRE_ERROR(c.run(ReplicaVerb::switchover), Exit::refused, "was interrupted");
        if (committed && then == ReplicaVerb::rollback) {
          REQUIRE_ERROR(c.run(then), Exit::refused, "committed");
          CHECK(c.run(ReplicaVerb::resume) == Exit::done);
        } else {
          CHECK(c.run(then) == Exit::done);
        }
        CHECK(c.one_open());
        CHECK(c.world.target_open == committed);
      }
}

TEST_CASE("an error anywhere before COMMIT puts everything back by itself") {
  for (const Step step : kActs)
    for (const std::string point : {"before", "after"}) {
      if (plan::is_record_only(step)) continue;
      INFO(plan::name(step) << " " << point);
      Case c;
      c.failpoint(step, point, false);
      if (step < Step::commit) {
        REQUIRE_ERROR(c.run(ReplicaVerb::switchover), Exit::unavailable, "switchover rolled back");
        CHECK(c.world.source_open);
        CHECK_FALSE(c.world.target_open);
        CHECK(c.world.status.exists);
      } else if (step == Step::promote) {
        REQUIRE_ERROR(c.run(ReplicaVerb::switchover), Exit::promoted_not_opened, "committed");
        CHECK_FALSE(c.world.source_open);
        c.options.failpoint = nullptr;
        CHECK(c.run(ReplicaVerb::resume) == Exit::done);
        CHECK(c.world.target_open);
      } else {
        REQUIRE_ERROR(c.run(ReplicaVerb::switchover), Exit::hook_failed, "promoted");
        CHECK(c.world.target_open);
      }
      CHECK(c.one_open());
    }
}

TEST_CASE("what a guard is for turns the switchover back") {
  Case c;
  const auto begin = c.world.clock.now();
  SECTION("a fence that was set and does not read back") {
    c.world.fence_lies = true;
    REQUIRE_ERROR(c.run(ReplicaVerb::switchover), Exit::refused, "the fence does not hold");
  }
  SECTION("somebody writes through the fence") {
    c.world.writes_through = true;
    REQUIRE_ERROR(c.run(ReplicaVerb::switchover), Exit::refused, "writes through the fence");
  }
  SECTION("somebody writes on the target") {
    c.world.on_act = [&](const std::string& what) {
      if (what == "old fence") c.world.local = "0-2-1";
    };
    REQUIRE_ERROR(c.run(ReplicaVerb::switchover), Exit::refused, "wrote on the target");
  }
  SECTION("the target does not follow closely") {
    c.world.applied = 1;
    c.world.applies = false;
    REQUIRE_ERROR(c.run(ReplicaVerb::switchover), Exit::timeout, "too far behind");
    CHECK_FALSE(c.world.did("old fence"));
  }
  SECTION("the applier stops after the fence") {
    c.world.on_act = [&](const std::string& what) {
      if (what != "old fence") return;
      c.world.written += 5;
      c.world.status.applying = false;
      c.world.status.error = "duplicate key";
    };
    REQUIRE_ERROR(c.run(ReplicaVerb::switchover), Exit::replication, "duplicate key");
  }
  SECTION("the target does not catch up within the budget") {
    c.world.on_act = [&](const std::string& what) {
      if (what != "old fence") return;
      c.world.written += 5;
      c.world.applies = false;
    };
    REQUIRE_ERROR(c.run(ReplicaVerb::switchover), Exit::timeout, "did not catch up");
    CHECK(c.world.clock.now() - begin < c.options.budget);
  }
  SECTION("a hook fails") {
    c.options.hook_pre_fence = "echo no route >&2; exit 3";
    REQUIRE_ERROR(c.run(ReplicaVerb::switchover), Exit::refused, "hook pre-fence: exit status 3: no route");
  }
  SECTION("a signal comes after the fence") {
    c.world.on_act = [&](const std::string& what) {
      if (what == "old fence") c.stop.request_stop();
    };
    REQUIRE_ERROR(c.run(ReplicaVerb::switchover), Exit::temporary, "stopped on request");
  }
  SECTION("the time is over after the fence") {
    c.world.on_act = [&](const std::string& what) {
      if (what == "old fence") c.world.clock.advance(std::chrono::seconds(9));
    };
    REQUIRE_ERROR(c.run(ReplicaVerb::switchover), Exit::timeout, "budget");
  }
  CHECK(c.world.source_open);
  CHECK_FALSE(c.world.target_open);
  CHECK(c.world.status.exists);
}

TEST_CASE("an old server that cannot be opened again is tried more than once and then named") {
  Case c;
  int attempts = 0;
  c.world.on_act = [&](const std::string& what) {
    if (what == "old unfence" && ++attempts < 3) throw Error(Exit::unavailable, "connection lost");
  };
  c.world.writes_through = true;
  REQUIRE_ERROR(c.run(ReplicaVerb::switchover), Exit::refused, "rolled back");
  CHECK(attempts == 3);
  CHECK(c.world.source_open);
}

TEST_CASE("resume after COMMIT refuses an old server that was written meanwhile") {
  Case c;
  c.failpoint(Step::commit, "after", true);
  CHECK_THROWS_AS(c.run(ReplicaVerb::switchover), Killed);
  c.options.failpoint = nullptr;
  c.world.source_open = true;  // it was restarted, and its fence is gone
  ++c.world.written;
  REQUIRE_ERROR(c.run(ReplicaVerb::resume), Exit::promoted_not_opened, "was written after the switchover was committed");
  CHECK_FALSE(c.world.source_open);
  CHECK_FALSE(c.world.target_open);
}

TEST_CASE("start proves whom the channel reaches, and leaves nothing behind when it is another server") {
  Case c;
  c.world.status = {};
  c.world.target_open = true;
  c.options.create_repl_user = true;
  SECTION("the right one") {
    c.world.status.source_server_id = 1;
    CHECK(c.run(ReplicaVerb::start) == Exit::done);
    CHECK(c.world.status.exists);
    CHECK_FALSE(c.world.target_open);
    CHECK(c.run(ReplicaVerb::drop) == Exit::done);
    CHECK_FALSE(c.world.status.exists);
    CHECK(c.world.target_open);
    CHECK(c.world.did("old drop account"));
  }
  SECTION("another one") {
    c.world.status.source_server_id = 7;
    REQUIRE_ERROR(c.run(ReplicaVerb::start), Exit::refused, "reached another server");
    CHECK_FALSE(c.world.status.exists);
    CHECK(c.world.target_open);
    CHECK(c.world.did("old drop account"));
    CHECK_FALSE(c.world.did("new resume channel"));
  }
  SECTION("nobody") {
    c.world.status.source_server_id = 0;
    REQUIRE_ERROR(c.run(ReplicaVerb::start), Exit::unavailable, "does not reach the source at old:1");
    CHECK_FALSE(c.world.status.exists);
  }
  SECTION("no finished copy") {
    c.world.copy.reset();
    REQUIRE_ERROR(c.run(ReplicaVerb::start), Exit::refused, "no finished copy");
    CHECK(c.world.log.empty());
  }
}

TEST_CASE("fence and unfence of one server put back what the journal says, however often it was fenced") {
  Case c;
  CHECK(c.run(ReplicaVerb::fence) == Exit::done);
  CHECK(c.run(ReplicaVerb::fence) == Exit::done);
  CHECK_FALSE(c.world.source_open);
  CHECK(c.run(ReplicaVerb::unfence) == Exit::done);
  CHECK(c.world.source_open);
  REQUIRE_ERROR(c.run(ReplicaVerb::unfence), Exit::refused, "holds no fence");
}

TEST_CASE("promote alone asks for --yes and applies first what was received") {
  Case c;
  REQUIRE_ERROR(c.run(ReplicaVerb::promote), Exit::refused, "without asking the source");
  c.options.yes = true;
  REQUIRE_ERROR(c.run(ReplicaVerb::promote), Exit::timeout, "not everything that was received");
  CHECK_FALSE(c.world.target_open);
  c.world.status.drained = true;
  CHECK(c.run(ReplicaVerb::promote) == Exit::done);
  CHECK(c.world.target_open);
}
