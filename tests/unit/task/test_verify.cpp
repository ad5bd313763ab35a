// verify-rows against servers in memory: what it must find, and what it must not call a difference.
// SPDX-License-Identifier: MIT
#include "support/catch.hpp"

#include <algorithm>
#include <chrono>
#include <functional>
#include <thread>

#include "helper_verify.hpp"

using namespace verify_test;

TEST_CASE("equal tables are equal, in every order of chunks, segments and workers") {
  const unsigned jobs = GENERATE(1U, 3U);
  const std::uint64_t chunk = GENERATE(std::uint64_t{60}, std::uint64_t{1000}, std::uint64_t{1} << 20);
  Pair p;
  p.add(orders(500));
  p.add(events(100));
  std::reverse(p.target.tables[1].rows.begin(), p.target.tables[1].rows.end());
  p.add(fake::table("nothing", {column("id", Type::int32)}, {0}));
  p.options.jobs = jobs;
  p.options.chunk_bytes = chunk;
  CHECK(p.run() == Exit::done);
  INFO(p.text());
  CHECK(p.says("equal       shop.orders   rows 500/500  missing 0  extra 0  different 0"));
  CHECK(p.says("equal       shop.events   rows 100/100"));
  CHECK(p.says("equal       shop.nothing  rows 0/0"));
  CHECK(p.says("3 tables: 3 equal"));
}

TEST_CASE("missing, extra and different rows are counted and named") {
  const unsigned jobs = GENERATE(1U, 2U);
  const std::uint64_t chunk = GENERATE(std::uint64_t{60}, std::uint64_t{1} << 20);
  Pair p;
  p.options.jobs = jobs;
  p.options.chunk_bytes = chunk;
  p.add(orders(400));
  p.target.erase("orders", 1);
  p.target.erase("orders", 17);
  p.target.erase("orders", 400);
  p.target.row("orders", 200)[2] = "200.51";
  p.target.row("orders", 300)[1] = std::nullopt;
  p.target.at("orders").rows.push_back(p.source.row("orders", 5));
  p.target.at("orders").rows.back()[0] = i32(900);
  p.target.at("orders").rows.push_back(p.source.row("orders", 5));
  p.target.at("orders").rows.back()[0] = i32(-4);
  CHECK(p.run() == Exit::no);
  INFO(p.text());
  CHECK(p.says("different   shop.orders  rows 400/399  missing 3  extra 2  different 2"));
  CHECK(p.says("  missing    id=17"));
  CHECK(p.says("  extra      id=900"));
  CHECK(p.says("  extra      id=-4"));
  CHECK(p.says("  different  id=200  price: 200.50 | 200.51"));
  CHECK(p.says("  different  id=300  name: 'name 300' | NULL"));
}

// research/verify.md 2.9: what checksums of the field miss.
TEST_CASE("the detection matrix") {
  Pair p;
  fake::Table t = orders(8);
  for (auto& row : t.rows) row[1] = "A";
  p.add(t);
  auto& rows = p.target.at("orders").rows;
  auto& first = rows[0];
  struct Change {
    const char* what;
    std::function<void()> make;
  };
  const auto source_name = [&](const std::string& s) { p.source.at("orders").rows[0][1] = s; };
  const std::vector<Change> changes{
      {"an even number of rows one hour later", [&] { for (auto& r : rows) r[3] = fake::datetime(1, 4); }},
      {"an even number of rows A to Z", [&] { for (auto& r : rows) r[1] = "Z"; }},
      {"two rows, same change", [&] { rows[2][2] = "9.50", rows[3][2] = "9.50"; }},
      {"NULL for an empty text", [&] { source_name(""); first[1] = std::nullopt; }},
      {"NULL for 0.0", [&] { p.source.at("orders").rows[0][5] = fake::f64(0.0); first[5] = std::nullopt; }},
      {"NULL for 'NULL'", [&] { source_name("NULL"); first[1] = std::nullopt; }},
      {"NULL for '<null>'", [&] { source_name("<null>"); first[1] = std::nullopt; }},
      {"NULL for a blank", [&] { source_name(" "); first[1] = std::nullopt; }},
      {"FLOAT after the sixth digit", [&] { first[4] = fake::f32(0.1000001F); }},
      {"DOUBLE after the fifteenth digit", [&] { first[5] = fake::f64(0.10000000000000002); }},
      {"a trailing blank", [&] { first[1] = "A "; }},
      {"a fraction of a second", [&] { (*first[3])[7] = '\1'; }},
      {"case", [&] { first[1] = "a"; }},
      {"values of one column swapped between rows", [&] { std::swap(rows[0][2], rows[1][2]); }},
      {"a value in the next column's place", [&] { source_name("A1"); first[1] = "A", first[2] = "11.50"; }},
      {"the first row", [&] { p.target.erase("orders", 1); }},
      {"a row beyond the last", [&] { rows.push_back(rows[7]), rows.back()[0] = i32(1000); }},
      {"a large value for NULL", [&] { source_name(std::string(3 << 20, 'x')); first[1] = std::nullopt; }},
      {"the last byte of a large value", [&] { source_name(std::string(3 << 20, 'x')); first[1] = std::string((3 << 20) - 1, 'x') + "y"; }},
  };
  const auto i = GENERATE(range(0, 19));
  REQUIRE(changes.size() == 19);
  INFO(changes[static_cast<std::size_t>(i)].what);
  changes[static_cast<std::size_t>(i)].make();
  CHECK(p.run() == Exit::no);
  CHECK(p.says("different   shop.orders"));
}

TEST_CASE("a boundary between two texts is seen") {
  Pair p;
  fake::Table t = fake::table("pairs", {column("id", Type::int32), column("a", Type::text), column("b", Type::text)}, {0});
  t.rows.push_back({i32(1), "a#b", "c"});
  p.add(t);
  p.target.at("pairs").rows[0] = {i32(1), "a", "b#c"};
  CHECK(p.run() == Exit::no);
  CHECK(p.says("different  id=1  a: 'a#b' | 'a'  b: 'c' | 'b#c'"));
}

TEST_CASE("a table without a key is compared as a multiset") {
  Pair p;
  fake::Table t = fake::table("log", {column("n", Type::int32), column("text", Type::text)}, {});
  t.rows = {{i32(1), "A"}, {i32(1), "A"}, {i32(2), "x"}, {i32(3), "y"}};
  p.add(t);
  auto& rows = p.target.at("log").rows;
  SECTION("two equal rows for two other equal rows") {
    rows[0] = rows[1] = {i32(1), "B"};
    CHECK(p.run() == Exit::no);
    INFO(p.text());
    CHECK(p.says("rows 4/4  missing 2  extra 2  different 0"));
    CHECK(p.says("missing    n=1, text='A'  (2 times on the source, 0 on the target)"));
    CHECK(p.says("extra      n=1, text='B'"));
  }
  SECTION("one of two equal rows is gone") {
    rows.erase(rows.begin());
    CHECK(p.run() == Exit::no);
    INFO(p.text());
    CHECK(p.says("rows 4/3  missing 1  extra 0  different 0"));
  }
  SECTION("another order is no difference") {
    std::reverse(rows.begin(), rows.end());
    CHECK(p.run() == Exit::done);
  }
}

TEST_CASE("a key that cannot be sought names rows but does not walk them") {
  Pair p;
  fake::Table t = orders(300);
  t.definition.seekable = false;
  p.add(t);
  p.target.row("orders", 7)[1] = "other";
  p.target.erase("orders", 8);
  CHECK(p.run() == Exit::no);
  INFO(p.text());
  CHECK(p.says("missing 1  extra 0  different 1"));
  CHECK(p.says("different  id=7  name: 'name 7' | 'other'"));
  CHECK(p.says("missing    id=8"));
}

TEST_CASE("keys that the servers order differently cause no false difference") {
  Pair p;
  fake::Table t = fake::table("words", {column("word", Type::text), column("n", Type::int32)}, {0});
  for (char c = 'a'; c <= 'z'; ++c) t.rows.push_back({std::string(1, c), i32(c)});
  p.add(t);
  p.target.at("words").backwards = true;
  p.target.at("words").definition.key_order = "backwards";
  p.options.chunk_bytes = 40;
  SECTION("equal") {
    CHECK(p.run() == Exit::done);
    INFO(p.text());
    CHECK(p.says("rows 26/26  missing 0  extra 0  different 0"));
  }
  SECTION("one that lies in no range of the source") {
    p.target.at("words").rows.push_back({"ab", i32(1)});
    CHECK(p.run() == Exit::no);
    CHECK(p.says("rows 26/27  missing 0  extra 1  different 0"));
    CHECK(p.says("extra      word='ab'"));
  }
  SECTION("both in use") {
    p.options.live = true;
    p.target.at("words").rows[3][1] = i32(0);
    CHECK(p.run() == Exit::no);
    CHECK(p.says("missing 0  extra 0  different 1"));
  }
  SECTION("and neither says so: what was counted is not what is there, and that is not equal") {
    p.target.at("words").definition.key_order.clear();
    CHECK(p.run() == Exit::partial);
    CHECK(p.says("undecided"));
    CHECK(p.says("no row differs, but their numbers do"));
  }
  SECTION("different") {
    p.target.at("words").rows[3][1] = i32(0);
    p.target.at("words").rows.pop_back();
    CHECK(p.run() == Exit::no);
    CHECK(p.says("missing 1  extra 0  different 1"));
    CHECK(p.says("missing    word='z'"));
  }
}

TEST_CASE("many rows that only the target has are counted without being gathered") {
  Pair p;
  fake::Table t = fake::table("ids", {column("id", Type::int32)}, {0});
  p.add(t);
  auto& rows = p.target.at("ids").rows;
  for (std::int32_t i = 0; i < 250'000; ++i) rows.push_back({i32(i)});
  p.options.chunk_bytes = 1 << 18;
  p.source.at("ids").rows.push_back({i32(100'000)});
  CHECK(p.run() == Exit::no);
  INFO(p.text());
  CHECK(p.says("rows 1/250000  missing 0  extra 249999  different 0"));
  CHECK(p.says("and 249979 more"));
}

TEST_CASE("rows in pieces are put together") {
  Pair p;
  p.add(orders(20));
  p.source.piece = 7;
  p.target.piece = 11;
  CHECK(p.run() == Exit::done);
  p.target.row("orders", 20)[5] = fake::f64(0.2);
  CHECK(p.run() == Exit::no);
}

TEST_CASE("counts only") {
  Pair p;
  p.options.count_only = true;
  p.add(orders(10));
  p.target.row("orders", 3)[2] = "0";
  CHECK(p.run() == Exit::done);
  CHECK(p.says("equal       shop.orders  rows 10/10"));
  CHECK(p.says("counts only, values not compared"));
  p.target.erase("orders", 4);
  CHECK(p.run() == Exit::no);
  CHECK(p.says("different   shop.orders  rows 10/9"));
}

TEST_CASE("one server given twice is refused") {
  Pair p;
  p.add(orders(1));
  SECTION("by address") { p.target.address().host = "old"; }
  SECTION("by what it says of itself") { p.target.self().uuid = "old"; }
  try {
    p.run();
    FAIL("compared");
  } catch (const base::Error& e) {
    CHECK(e.code() == Exit::refused);
    CHECK_THAT(e.message(), Catch::Contains("source and target are the same server"));
  }
}

TEST_CASE("a lost connection is an error that names the table and the side") {
  Pair p;
  p.add(orders(100));
  p.add(events(10));
  p.options.jobs = GENERATE(1U, 3U);
  p.options.chunk_bytes = 200;
  auto& broken = GENERATE(true, false) ? p.source : p.target;
  broken.fail_at_row = 50;
  try {
    p.run();
    FAIL("compared");
  } catch (const base::Error& e) {
    CHECK(e.code() == Exit::unavailable);
    CHECK_THAT(e.text(), Catch::Contains("lost the connection: while comparing shop."));
  }
  CHECK(p.source.cancelled > 0);
  CHECK(p.target.cancelled > 0);
}

TEST_CASE("a stop ends it, and is not an answer") {
  Pair p;
  p.add(orders(100));
  p.options.chunk_bytes = 60;
  p.target.on_open = [&](const engine::ReadJob&) { p.stop.request_stop(); };
  try {
    p.run();
    FAIL("compared");
  } catch (const base::Error& e) {
    CHECK(e.message() == "stopped on request");
  }
}

TEST_CASE("no more rows are named than asked for") {
  Pair p;
  p.add(orders(100));
  for (auto& row : p.target.at("orders").rows) row[2] = "0";
  p.options.max_diffs = 3;
  CHECK(p.run() == Exit::no);
  INFO(p.text());
  CHECK(p.says("different 100"));
  CHECK(p.says("id=3"));
  CHECK_FALSE(p.says("id=4"));
  CHECK(p.says("and 97 more"));
}

TEST_CASE("values that look alike when cut are told apart by their size") {
  Pair p;
  p.add(orders(1));
  p.source.at("orders").rows[0][1] = std::string(5000, 'x');
  p.target.at("orders").rows[0][1] = std::string(5001, 'x');
  CHECK(p.run() == Exit::no);
  INFO(p.text());
  CHECK(p.says("(5000 bytes)"));
  CHECK(p.says("(5001 bytes)"));
}

TEST_CASE("records for programs") {
  Pair p;
  p.add(orders(3));
  p.target.row("orders", 2)[2] = "0";
  p.run();
  const auto events = p.out.events();
  REQUIRE(events.size() == 3);
  CHECK(events[0].name == "table");
  CHECK(events[0].fields[1].first == "verdict");
  CHECK(base::to_text(events[0].fields[1].second) == "different");
  CHECK(events[1].name == "row");
  CHECK(events[2].name == "value");
  CHECK(base::to_text(events[2].fields[2].second) == "price");
}

namespace {

/// orders with a column that the servers compute.
fake::Table computed_orders(std::int32_t rows) {
  fake::Table t = orders(rows);
  t.definition.generated = {column("total", Type::decimal), column("letter", Type::text)};
  for (auto& c : t.definition.generated) c.generated = true;
  for (auto& row : t.rows) row.insert(row.end(), {"3.00", "x"});
  return t;
}

}  // namespace

TEST_CASE("what the servers compute is compared with what they store") {
  Pair p;
  p.add(computed_orders(20));
  SECTION("equal") {
    CHECK(p.run() == Exit::done);
    CHECK(p.says("equal       shop.orders"));
  }
  SECTION("other values from the same rows are said to be that") {
    p.target.row("orders", 2)[6] = "3.01";
    p.target.row("orders", 3)[7] = std::nullopt;
    CHECK(p.run() == Exit::no);
    INFO(p.text());
    CHECK(p.says("different 2"));
    CHECK(p.says("  only generated columns differ: 'letter', 'total'"));
    CHECK(p.says("  different  id=2  generated column total: 3.00 | 3.01"));
    CHECK(p.says("  different  id=3  generated column letter: 'x' | NULL"));
  }
  SECTION("more rows than are named") {
    for (std::int32_t id = 1; id < 20; ++id) p.target.row("orders", id)[6] = "0";
    p.options.max_diffs = 3;
    CHECK(p.run() == Exit::no);
    CHECK(p.says("in the rows that were looked at only generated columns differ: 'total'"));
  }
  SECTION("beside a stored value it is one of several") {
    p.target.row("orders", 2)[6] = "3.01";
    p.target.row("orders", 2)[1] = "other";
    CHECK(p.run() == Exit::no);
    CHECK(p.says("  different  id=2  name: 'name 2' | 'other'  generated column total: 3.00 | 3.01"));
    CHECK_FALSE(p.says("only generated"));
  }
  SECTION("left out by name") {
    p.target.row("orders", 2)[6] = "3.01";
    p.options.exclude_columns = {"shop.orders.total"};
    CHECK(p.run() == Exit::done);
  }
  SECTION("stored on one side, computed on the other") {
    auto& target = p.target.at("orders").definition;
    target.columns.insert(target.columns.end(), target.generated.begin(), target.generated.end());
    for (auto& c : target.columns) c.generated = false;
    target.generated.clear();
    CHECK(p.run() == Exit::no);
    CHECK(p.says("column 'total' is generated on the source only"));
  }
  SECTION("only there") {
    p.source.at("orders").definition.generated.pop_back();
    for (auto& row : p.source.at("orders").rows) row.pop_back();
    CHECK(p.run() == Exit::no);
    CHECK(p.says("column 'letter' is only on the target"));
  }
}

TEST_CASE("the first failure is told, whatever the other sessions run into when they are ended") {
  Pair p;
  p.options.jobs = 2;
  // Two tables without a key: each worker reads one, with two sessions.
  p.add(events(50));
  fake::Table other = events(50);
  other.definition.name.table = "other";
  p.add(other);
  const auto wait_for_cancels = [&](unsigned count) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (p.target.cancelled < count && std::chrono::steady_clock::now() < end) std::this_thread::yield();
  };
  p.target.on_open = [](const engine::ReadJob& job) {
    if (job.table->name.table == "events") throw base::Error(Exit::data, "damaged");
  };
  // The worker that failed waits for its other side, until the other worker has failed of being ended and has told so.
  p.source.on_open = [&](const engine::ReadJob& job) {
    if (job.table->name.table == "events") return wait_for_cancels(3);
    wait_for_cancels(1);
    throw base::Error(Exit::temporary, "stopped on request");
  };
  CHECK_THROWS_WITH(p.run(), Catch::Contains("damaged"));
}
