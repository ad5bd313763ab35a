// The journal of replica-ctl: whose it is, whether it was edited, which servers it is about, and what of it a crash may have torn.
// SPDX-License-Identifier: MIT
#include "replica_case.hpp"

#include <flytt/base/text.hpp>
#include <flytt/task/journal.hpp>

#include "support/catch.hpp"

#include <cstdio>
#include <cstdlib>

using namespace flytt;
using base::Exit;
using plan::Step;
using task::ReplicaVerb;
using test::Killed;
using Case = test::ReplicaCase;

TEST_CASE("a journal with a line that cannot stand there is refused by its number, and stays as it is") {
  Case c;
  CHECK(c.run(ReplicaVerb::fence) == Exit::done);
  const auto good = os::read_all(c.options.journal);
  const auto refused = [&](const std::string& content, const std::string& why) {
    INFO(content);
    os::replace_file(c.options.journal, content);
    for (const auto verb : {ReplicaVerb::fence, ReplicaVerb::unfence, ReplicaVerb::switchover, ReplicaVerb::resume, ReplicaVerb::status, ReplicaVerb::drop})
      REQUIRE_ERROR(c.run(verb), Exit::data, why);
    CHECK(os::read_all(c.options.journal) == content);
  };
  refused(good + "nonsense\n", "line 3");
  refused(good + "nonsense", "line 3");
  refused("a file of somebody's, without a line end", "line 1");
  refused(std::string(8, '\0'), "line 1");
  refused("{\"v\":1,\"a\":\"JSON, but not ours\"}\n", "no record of replica-ctl");
  refused("{\"v\":1,\"ts\":\"t\",\"kind\":\"fence\"}\n", "no record of replica-ctl");
  refused("{\"v\":2,\"ts\":\"t\",\"kind\":\"fence\"}\n", "version 2");
  refused("\n" + good, "line 1");
  os::replace_file(c.options.journal, "");
  {
    task::Journal journal(c.options.journal, c.world.clock, task::Journal::Access::append);
    journal.append({.run = "r", .kind = "switchover", .step = "promote", .mark = "intent"});
  }
  REQUIRE_ERROR(c.run(ReplicaVerb::resume), Exit::data, "cannot have been written so");
}

TEST_CASE("a journal that was edited is told from one that a crash has torn") {
  Case c;
  CHECK(c.run(ReplicaVerb::fence) == Exit::done);
  CHECK(c.run(ReplicaVerb::unfence) == Exit::done);
  const auto good = os::read_all(c.options.journal);
  const auto lines = base::split(good, '\n');
  REQUIRE(lines.size() == 5);
  const auto joined = [&](std::vector<std::size_t> order) {
    std::string out;
    for (const auto i : order) out += std::string(lines[i]) + "\n";
    return out;
  };
  std::string changed = good;
  changed.replace(changed.find("true"), 4, "null");
  for (const auto& edited : {changed, joined({1, 2, 3}), joined({0, 2, 3}), joined({1, 0, 2, 3}), joined({0, 0, 1, 2, 3})}) {
    INFO(edited);
    os::replace_file(c.options.journal, edited);
    REQUIRE_ERROR(c.run(ReplicaVerb::unfence), Exit::data, "somebody has edited the journal");
    CHECK(os::read_all(c.options.journal) == edited);
  }
  const std::string whole(lines[0]);
  for (const std::size_t size : {std::size_t{1}, std::size_t{10}, whole.size() / 2, whole.size()}) {
    os::replace_file(c.options.journal, good + whole.substr(0, size));
    c.world.source_open = true;  // as that journal says
    CHECK(c.run(ReplicaVerb::status) == Exit::done);
    CHECK(os::read_all(c.options.journal) == good + whole.substr(0, size));
    CHECK(c.run(ReplicaVerb::fence) == Exit::done);
    CHECK(os::read_all(c.options.journal).starts_with(good + "{"));
  }
  os::replace_file(c.options.journal, good + std::string(20, '\0'));
  CHECK(c.run(ReplicaVerb::fence) == Exit::done);
}

TEST_CASE("a journal of other servers puts nothing back on these") {
  Case c;
  CHECK(c.run(ReplicaVerb::fence) == Exit::done);
  c.world.target_open = false;
  c.options.dry_run = true;
  c.options.verb = ReplicaVerb::fence;
  REQUIRE_ERROR(task::replicate(c.world.target, c.world.target, c.options, c.out, c.world.context()), Exit::refused, "is about the server old, and");
  c.options.dry_run = false;
  for (const auto verb : {ReplicaVerb::fence, ReplicaVerb::unfence}) {
    c.options.verb = verb;
    REQUIRE_ERROR(task::replicate(c.world.target, c.world.target, c.options, c.out, c.world.context()), Exit::refused, "is about the server old, and");
  }
  CHECK_FALSE(c.world.target_open);
  Case d;
  d.failpoint(Step::fence, "after", true);
  CHECK_THROWS_AS(d.run(ReplicaVerb::switchover), Killed);
  d.options.verb = ReplicaVerb::rollback;
  REQUIRE_ERROR(task::replicate(d.world.source, d.world.source, d.options, d.out, d.world.context()), Exit::refused, "is about a target new, and");
}

TEST_CASE("a journal that lacks its end does not make a closed server count as put back") {
  Case c;
  c.options.failpoint = [](Step at, const char* where) {
    if (at == Step::catch_up && std::string(where) == "before") throw Killed{};
  };
  CHECK_THROWS_AS(c.run(ReplicaVerb::switchover), Killed);
  c.options.failpoint = {};
  REQUIRE_FALSE(c.world.source_open);
  const auto all = os::read_all(c.options.journal);
  os::replace_file(c.options.journal, all.substr(0, all.rfind('\n', all.find("\"fence\"")) + 1));
  for (int again = 0; again < 2; ++again) REQUIRE_ERROR(c.run(ReplicaVerb::rollback), Exit::refused, "is closed to writes");
  CHECK(c.run(ReplicaVerb::status) == Exit::no);
  CHECK_THAT(base::join(c.out.lines(), "\n"), test::contains("by the journal the switchover is rolled back, and fake://old:1 is closed"));
}

TEST_CASE("a verb that only looks makes no journal") {
  Case c;
  c.world.status.exists = c.world.status.receiving = c.world.status.applying = true;
  CHECK(c.run(ReplicaVerb::status) == Exit::done);
  CHECK(c.run(ReplicaVerb::preflight) == Exit::done);
  c.options.dry_run = true;
  for (const auto verb : {ReplicaVerb::start, ReplicaVerb::switchover, ReplicaVerb::fence, ReplicaVerb::promote}) static_cast<void>(c.run(verb));
  CHECK_FALSE(os::exists(c.options.journal));
}

namespace {

/// $XDG_STATE_HOME of a test's own.
struct OwnState {
  os::TempDir dir;
  OwnState() { ::setenv("XDG_STATE_HOME", dir.path().c_str(), 1); }
  ~OwnState() { ::unsetenv("XDG_STATE_HOME"); }
  std::string path(const std::string& name) const { return dir.path() + "/flytt/" + name; }
};

}  // namespace

TEST_CASE("a journal has a name made of who the servers are") {
  const OwnState state;
  CHECK_THAT(task::default_journal("71-ab", "72-cd"), test::contains("/flytt/replica-71-ab--72-cd.journal"));
  CHECK_THAT(task::default_journal("71-ab", ""), test::contains("/flytt/replica-71-ab.journal"));
  const auto blank = task::default_journal("7/a b", "8/c"), line = task::default_journal("7/a_b", "8/c");
  CHECK_THAT(blank, test::contains("/flytt/replica-7_a_b-"));
  CHECK(blank != line);
}

TEST_CASE("a journal is found on whatever URL, by another flytt's name too, and only by its servers") {
  const OwnState state;
  Case c;
  c.options.journal.clear();
  c.failpoint(Step::fence, "after", true);
  CHECK_THROWS_AS(c.run(ReplicaVerb::switchover), Killed);
  REQUIRE_FALSE(c.world.source_open);
  const auto own = state.path("replica-old--new.journal");
  REQUIRE(os::exists(own));
  const auto content = os::read_all(own);
  REQUIRE(std::rename(own.c_str(), state.path("replica-run_mysqld.sock--10.0.0.2_3306.journal").c_str()) == 0);
  os::replace_file(state.path("replica-other.journal"), "nonsense\n");
  c.options.failpoint = {};
  CHECK(c.run(ReplicaVerb::status) == Exit::no);
  CHECK_THAT(base::join(c.out.lines(), "\n"), test::contains("switchover: "));
  CHECK(c.run(ReplicaVerb::rollback) == Exit::done);
  CHECK(c.world.source_open);
  CHECK_FALSE(os::exists(own));
  // Another pair that shares the file is not held up by this one's switchover.
  os::replace_file(state.path("replica-run_mysqld.sock--10.0.0.2_3306.journal"), content);
  const task::Journal journal(state.path("replica-run_mysqld.sock--10.0.0.2_3306.journal"), c.world.clock, task::Journal::Access::read);
  CHECK_FALSE(journal.newest_run("old", "new").empty());
  CHECK(journal.newest_run("old", "newer").empty());
}

TEST_CASE("rollback without a journal says 0 only for a server that takes writes") {
  const OwnState state;
  Case c;
  c.options.journal.clear();
  CHECK(c.run(ReplicaVerb::rollback) == Exit::done);
  CHECK_THAT(base::join(c.out.lines(), "\n"), test::contains("takes writes: nothing to do"));
  REQUIRE_ERROR(c.run(ReplicaVerb::resume), Exit::refused, "there is no journal");
  CHECK(c.run(ReplicaVerb::status) == Exit::done);
  c.world.source_open = false;
  REQUIRE_ERROR(c.run(ReplicaVerb::rollback), Exit::refused, "is closed to writes");
  CHECK(c.run(ReplicaVerb::status) == Exit::no);
  CHECK_THAT(base::join(c.out.lines(), "\n"), test::contains("replica-ctl unfence --yes fake://old:1"));
  c.world.source_open = true;
  CHECK(c.run(ReplicaVerb::fence) == Exit::done);
  CHECK(c.run(ReplicaVerb::status) == Exit::done);  // it is known here who closed it
}
