// What a comparison reads: rows in the order of their key, images that tell what values they are, rows by their keys.
// SPDX-License-Identifier: MIT
#include "fixture.hpp"
#include "rows.hpp"

using namespace flytt;
using namespace flytt::test;

namespace {

using Shown = std::vector<std::vector<std::string>>;

struct Reading {
  Reading(Fixture& f, const std::string& name) : server(f.server("flytt_verify")), table(table_in(server->catalog()->contents(scope()), name)), reader(server->reader()) {}

  std::string image(engine::ReadJob job = {}) {
    job.table = &table;
    return read(*reader, job).image();
  }

  ServerPtr server;
  value::Table table;
  std::unique_ptr<engine::BulkReader> reader;
};

}  // namespace

TEST_CASE("an image tells NULL from nothing, and is the same for the same row") {
  Fixture f;
  f.sql().run_all({"CREATE TABLE mixed (k INT PRIMARY KEY, t VARCHAR(20), n BIGINT)",
               "INSERT INTO mixed VALUES (3, 'x', -1), (-1, '', 0), (2, NULL, NULL), (1, 'NULL', 9223372036854775807)"});
  Reading r(f, "mixed");
  const auto first = r.image();
  CHECK((shown(r.table, first) == Shown{{"-1", "''", "0"}, {"1", "'NULL'", "9223372036854775807"}, {"2", "NULL", "NULL"}, {"3", "'x'", "-1"}}));
  CHECK((r.image() == first));
  CHECK((Reading(f, "mixed").image() == first));

  f.sql().run("UPDATE mixed SET t = NULL WHERE k = -1");
  const auto then = r.image();
  CHECK((then != first));
  CHECK((shown(r.table, then)[0] == std::vector<std::string>{"-1", "NULL", "0"}));
}

TEST_CASE("rows come in the order in which the server has their keys") {
  Fixture f;
  auto sql = f.sql();
  sql.run("CREATE TABLE words (w VARCHAR(30) NOT NULL, b INT NOT NULL, PRIMARY KEY (w, b))");
  const std::vector<std::string> words{"zoo", "Zebra", "apfel", "Öl", "a", "", " a", "a b", "10", "9", "ß", "ss1", "_x"};
  sql.run(insert("words", static_cast<int>(words.size()) * 3, [&](int n) {
    return "'" + words[static_cast<std::size_t>(n) / 3] + "', " + std::to_string(n % 3 * -5);
  }));
  Reading r(f, "words");
  Shown expected;
  for (const auto& row : sql.run("SELECT w, b FROM words ORDER BY w, b")) expected.push_back({"'" + *row[0] + "'", *row[1]});
  CHECK((shown(r.table, r.image()) == expected));
  // In a range too: its bounds are compared as the server compares them.
  const auto keys = keys_of(r.table, r.image());
  engine::ReadJob job;
  job.range = {keys[4], keys[20]};
  CHECK((shown(r.table, r.image(job)) == Shown(expected.begin() + 5, expected.begin() + 21)));
}

TEST_CASE("rows are fetched by their keys, and those alone") {
  Fixture f;
  auto sql = f.sql();
  sql.run("CREATE TABLE pairs (a VARCHAR(10) NOT NULL, b INT NOT NULL, v INT, PRIMARY KEY (b, a))");
  sql.run(insert("pairs", 40, [](int n) { return "'it''s" + std::to_string(n % 7) + "', " + std::to_string(n / 7) + ", " + std::to_string(n); }));
  Reading r(f, "pairs");
  const auto whole = r.image();
  const auto keys = keys_of(r.table, whole);
  const auto rows = shown(r.table, whole);
  REQUIRE(keys.size() == 40);
  sql.run("DELETE FROM pairs WHERE v = " + rows[30][2]);
  engine::ReadJob job;
  job.keys = {keys[31], keys[0], keys[30], keys[17]};
  const auto image = r.image(job);
  std::multiset<std::string> got, wanted{rows[0][2], rows[17][2], rows[31][2]};
  for (const auto& row : shown(r.table, image)) got.insert(row[2]);
  CHECK(got == wanted);
}

TEST_CASE("a condition leaves out rows, whole and in a range") {
  Fixture f;
  auto sql = f.sql();
  sql.run("CREATE TABLE t (k INT PRIMARY KEY, v INT)");
  sql.run(insert("t", 100, [](int n) { return std::to_string(n) + ", " + std::to_string(n % 2); }));
  Reading r(f, "t");
  const auto keys = keys_of(r.table, r.image());
  engine::ReadJob job;
  job.condition = "v = 1 OR v = 7";
  CHECK(shown(r.table, r.image(job)).size() == 50);
  job.range = {keys[9], keys[19]};
  CHECK(shown(r.table, r.image(job)).size() == 5);
  CHECK(r.server->catalog()->count_rows(r.table, job.condition) == 50);
}

TEST_CASE("outside a snapshot the newest rows are read") {
  Fixture f;
  f.sql().run_all({"CREATE TABLE t (k INT PRIMARY KEY)", "INSERT INTO t VALUES (1)"});
  Reading r(f, "t");
  CHECK(shown(r.table, r.image()).size() == 1);
  f.sql().run("INSERT INTO t VALUES (2)");
  CHECK(shown(r.table, r.image()).size() == 2);
  CHECK(r.reader->count_rows(r.table, {}) == 2);
}
