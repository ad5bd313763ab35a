// Whether somebody wrote, and the fence: writes stop, provably, and everything is put back.
// SPDX-License-Identifier: MIT
#include <algorithm>

#include "fixture.hpp"

using namespace flytt;
using namespace flytt::test;
using namespace std::chrono_literals;

namespace {

/// An application's write, in a session of its own.
bool app_can_write(Fixture& f) {
  try {
    f.sql("flytt_load").run("INSERT INTO t VALUES (1)");
    return true;
  } catch (const SqlError&) {
    return false;
  }
}

struct Operator {
  explicit Operator(Fixture& f) : server(f.server("flytt_ctl")), replication(server->replication()) {}
  engine::Replication* operator->() { return replication.get(); }
  ServerPtr server;
  std::unique_ptr<engine::Replication> replication;
};

/// What is set goes again with the test, whatever became of it.
struct Unfenced {
  ~Unfenced() {
    try {
      Operator(f)->unfence(previous);
    } catch (const base::Error&) {
      // The test has said so.
    }
  }
  Fixture& f;
  std::string previous;
};

}  // namespace

TEST_CASE("a position is known, and tells whether data was written since") {
  Fixture f;
  f.sql().run("CREATE TABLE t (k INT)");
  Operator op(f);
  const auto position = op->current_position();
  CHECK(position.known());
  CHECK_FALSE(position.display().empty());
  CHECK_FALSE(op->written_since(position));
  CHECK_FALSE(Operator(f)->written_since(position));
  f.sql().run("SELECT COUNT(*) FROM t");
  CHECK_FALSE(op->written_since(position));
  f.sql().run("INSERT INTO t VALUES (1)");
  CHECK(op->written_since(position));
  CHECK(Operator(f)->written_since(position));
  const auto later = op->current_position();
  CHECK_FALSE(later == position);
  CHECK_FALSE(op->written_since(later));
}

TEST_CASE("local history is the same as long as nobody writes") {
  Fixture f;
  f.sql().run("CREATE TABLE t (k INT)");
  Operator op(f);
  const auto before = op->local_history();
  CHECK(op->local_history() == before);
  f.sql().run("INSERT INTO t VALUES (1)");
  CHECK(op->local_history() != before);
}

TEST_CASE("a fence holds an application, and unfence puts back what was, also twice") {
  Fixture f;
  f.sql().run("CREATE TABLE t (k INT)");
  REQUIRE(app_can_write(f));
  Operator op(f);
  const auto before = op->fence_settings();
  const Unfenced guard{f, before};
  CHECK_FALSE(op->fence_state().fenced);
  CHECK_FALSE(op->describe_fence().empty());

  op->fence(5000ms);
  const auto state = op->fence_state();
  CHECK(state.fenced);
  CHECK_FALSE(state.evidence.empty());
  CHECK_FALSE(app_can_write(f));
  CHECK(Operator(f)->fence_state().fenced);
  const auto position = op->current_position();
  CHECK_FALSE(app_can_write(f));
  CHECK_FALSE(op->written_since(position));

  op->unfence(before);
  CHECK_FALSE(op->fence_state().fenced);
  CHECK(app_can_write(f));
  op->unfence(before);
  CHECK_FALSE(op->fence_state().fenced);
  CHECK(app_can_write(f));
  CHECK(Operator(f)->fence_settings() == before);
}

TEST_CASE("a fence is there in time, or it says who is in the way and is not there at all") {
  Fixture f;
  f.sql().run("CREATE TABLE t (k INT)");
  Operator op(f);
  const auto before = op->fence_settings();
  const Unfenced guard{f, before};
  auto holder = f.sql();
  holder.run(f.words.hold_table + "t" + f.words.hold_table_tail);
  const auto start = f.clock.now();
  try {
    op->fence(1000ms);
    CHECK(op->fence_state().fenced);
    CHECK_THROWS_AS(holder.run("INSERT INTO t VALUES (2)"), SqlError);
    CHECK_FALSE(app_can_write(f));
  } catch (const base::Error& e) {
    CHECK(e.code() == Exit::timeout);
    CHECK_THAT(e.text(), contains(Fixture::endpoint().user));
    CHECK_FALSE(op->fence_state().fenced);
    holder.run(f.words.let_go);
    CHECK(app_can_write(f));
  }
  CHECK(f.clock.now() - start < 4s);
  op->unfence(before);
  CHECK(Operator(f)->fence_settings() == before);
}

TEST_CASE("a server that was fenced is opened, and opening an open one is fine") {
  Fixture f;
  f.sql().run("CREATE TABLE t (k INT)");
  Operator op(f);
  const auto before = op->fence_settings();
  const Unfenced guard{f, before};
  op->fence(5000ms);
  CHECK_FALSE(app_can_write(f));
  op->open_writes(before);
  CHECK(app_can_write(f));
  CHECK_FALSE(op->fence_state().fenced);
  op->open_writes(before);
  CHECK(app_can_write(f));
}

TEST_CASE("accounts are named, and a channel that was never made is not there") {
  Fixture f;
  Operator op(f);
  const auto server = f.server();  // not every operator may see all accounts
  const auto accounts = server->replication()->accounts();
  CHECK(std::is_sorted(accounts.begin(), accounts.end()));
  CHECK(std::any_of(accounts.begin(), accounts.end(), [](const auto& name) { return name.find("flytt_load") != std::string::npos; }));
  CHECK_FALSE(op->channel("flytt").exists);
  CHECK(op->applied("flytt", op->current_position()) == engine::Applied::stopped);
  CHECK_NOTHROW(op->stop_channel("flytt"));
  CHECK_NOTHROW(op->drop_channel("flytt"));
}
