// A snapshot is one view for all its workers, holds its tables, and knows when it has lost them.
// SPDX-License-Identifier: MIT
#include <future>

#include "fixture.hpp"
#include "rows.hpp"

using namespace flytt;
using namespace flytt::test;
using namespace std::chrono_literals;

namespace {

constexpr unsigned kJobs = 3;

std::unique_ptr<engine::Snapshot> snapshot_of(engine::Server& server) {
  engine::SnapshotRequest request;
  request.scope = rows_only();
  request.jobs = kJobs;
  return server.snapshot(request);
}

void small_table(Fixture& f) {
  f.sql().run_all({"CREATE TABLE t (k INT PRIMARY KEY, v INT)", "CREATE TABLE other (k INT PRIMARY KEY)", "INSERT INTO t VALUES (1, 10), (2, 20)"});
}

}  // namespace

TEST_CASE("all workers of a snapshot see what was committed before it and nothing that came later") {
  Fixture f;
  small_table(f);
  auto open = f.sql();
  if (!f.words.snapshot_waits_for_writers) open.run("START TRANSACTION");
  if (!f.words.snapshot_waits_for_writers) open.run("INSERT INTO t VALUES (3, 30)");
  const auto server = f.server("flytt_dump");
  const auto snapshot = snapshot_of(*server);
  if (f.words.snapshot_waits_for_writers) open.run("INSERT INTO t VALUES (3, 30)");
  else open.run("COMMIT");
  f.sql().run_all({"INSERT INTO t VALUES (4, 40)", "DELETE FROM t WHERE k = 1", "UPDATE t SET v = 21 WHERE k = 2", "INSERT INTO other VALUES (1)"});

  REQUIRE(snapshot->jobs() == kJobs);
  CHECK(snapshot->position().known());
  CHECK_FALSE(value::Position().known());
  const auto t = table_in(snapshot->contents(), "t"), other = table_in(snapshot->contents(), "other");
  const auto first = set_of(t, read(snapshot->reader(0), t));
  CHECK(first.size() == 2);
  for (unsigned worker = 0; worker < kJobs; ++worker) {
    INFO(worker);
    CHECK((set_of(t, read(snapshot->reader(worker), t)) == first));
    CHECK(snapshot->reader(worker).count_rows(t, {}) == 2);
    CHECK(snapshot->reader(worker).count_rows(t, "v = 20") == 1);
    CHECK(snapshot->reader(worker).count_rows(other, {}) == 0);
  }
  CHECK_NOTHROW(snapshot->prove());
  snapshot->close();
  const auto next = snapshot_of(*server);
  CHECK(next->reader(0).count_rows(t, {}) == 3);
  CHECK_FALSE(next->position() == snapshot->position());
  next->close();
}

TEST_CASE("a table in a snapshot is not replaced, and whoever wants to is named") {
  Fixture f;
  small_table(f);
  const auto server = f.server("flytt_dump");
  const auto snapshot = snapshot_of(*server);
  CHECK(snapshot->waiters().empty());
  auto impatient = f.sql();
  impatient.run(f.words.short_wait);
  CHECK_THROWS_AS(impatient.run("TRUNCATE TABLE t"), SqlError);
  CHECK_NOTHROW(snapshot->prove());

  auto patient = std::async(std::launch::async, [&] { f.sql().run("TRUNCATE TABLE t"); });
  std::vector<engine::Waiter> waiters;
  for (int i = 0; i < 100 && waiters.empty(); ++i) {
    f.clock.sleep_for(50ms, {});
    waiters = snapshot->waiters();
  }
  CHECK(waiters.size() == 1);
  if (!waiters.empty()) {
    CHECK_THAT(waiters[0].who, contains(Fixture::endpoint().user));
    CHECK_THAT(waiters[0].statement, contains("TRUNCATE"));
  }
  CHECK_NOTHROW(snapshot->prove());
  snapshot->close();
  CHECK_NOTHROW(patient.get());
}

TEST_CASE("a snapshot that has lost its hold on a table is not proved") {
  Fixture f;
  small_table(f);
  const auto server = f.server("flytt_dump");
  const auto snapshot = snapshot_of(*server);
  auto sql = f.sql();
  const auto holders = sql.run(f.words.holders);
  REQUIRE_FALSE(holders.empty());
  for (const auto& row : holders) sql.run(f.words.end_session + row[0].value_or("") + f.words.end_session_tail);
  sql.run("TRUNCATE TABLE t");
  REQUIRE_ERROR(snapshot->prove(), Exit::unavailable, f.words.lost_snapshot);
}

TEST_CASE("a table that is made anew has another identity") {
  Fixture f;
  small_table(f);
  const auto server = f.server("flytt_dump");
  const auto identity = [&] { return table_in(server->catalog()->contents(scope()), "t").identity; };
  const auto before = identity();
  CHECK_FALSE(before.empty());
  f.sql().run("INSERT INTO t VALUES (5, 50)");
  CHECK(identity() == before);
  f.sql().run("TRUNCATE TABLE t");
  const auto emptied = identity();
  CHECK(emptied != before);
  f.sql().run_all({"DROP TABLE t", "CREATE TABLE t (k INT PRIMARY KEY, v INT)"});
  CHECK(identity() != emptied);
}
