// Which tables and columns verify-rows compares, and what it says of those that it cannot.
// SPDX-License-Identifier: MIT
#include "support/catch.hpp"

#include "helper_verify.hpp"

using namespace verify_test;

TEST_CASE("keys of different types are compared all the same") {
  Pair p;
  p.add(orders(50));
  auto& t = p.target.at("orders");
  t.definition.columns[0].type = Type::int64;
  for (auto& row : t.rows) {
    std::int32_t id;
    std::memcpy(&id, row[0]->data(), 4);
    row[0] = fake::raw(std::int64_t{id});
  }
  SECTION("equal") { CHECK(p.run() == Exit::done); }
  SECTION("different") {
    t.rows[4][1] = "other";
    CHECK(p.run() == Exit::no);
    CHECK(p.says("missing 1  extra 1"));
  }
}

TEST_CASE("tables on one side only are a difference") {
  Pair p;
  p.add(orders(3));
  p.source.tables.push_back(events(1));
  p.target.tables.push_back(fake::table("select \"x\";", {column("id", Type::int32)}, {0}));
  CHECK(p.run() == Exit::no);
  INFO(p.text());
  CHECK(p.says("missing     shop.events"));
  CHECK(p.says("the target has no such table"));
  CHECK(p.says("extra       'shop.select \"x\";'"));
  CHECK(p.says("equal       shop.orders"));
}

TEST_CASE("columns") {
  Pair p;
  p.add(orders(3));
  auto& target = p.target.at("orders");
  SECTION("one that the target lacks") {
    target.definition.columns.pop_back();
    CHECK(p.run() == Exit::no);
    CHECK(p.says("column 'exact' is missing on the target"));
  }
  SECTION("one that only the target has") {
    p.source.at("orders").definition.columns.pop_back();
    CHECK(p.run() == Exit::no);
    CHECK(p.says("column 'exact' is only on the target"));
  }
  SECTION("one that is of another kind") {
    target.definition.columns[5] = column("exact", Type::bytes);
    CHECK(p.run() == Exit::no);
    CHECK(p.says("column 'exact' is float64 on the source and bytes on the target"));
  }
  SECTION("character sets that cannot be compared are not proven") {
    target.definition.columns[1].charset = "sjis";
    CHECK(p.run() == Exit::partial);
    CHECK(p.says("unproven    shop.orders"));
    CHECK(p.says("column 'name' is not compared: character sets utf8mb4 and sjis"));
  }
  SECTION("another order is none") {
    std::swap(target.definition.columns[1], target.definition.columns[2]);
    for (auto& row : target.rows) std::swap(row[1], row[2]);
    CHECK(p.run() == Exit::done);
  }
  SECTION("excluded ones do not count") {
    target.rows[0][2] = "7";
    target.definition.columns.pop_back();
    p.options.exclude_columns = {"price", "shop.orders.ex*"};
    CHECK(p.run() == Exit::done);
  }
  SECTION("excluding what is not there is an error") {
    p.options.exclude_columns = {"prices"};
    CHECK_THROWS_WITH(p.run(), Catch::Contains("--exclude-column 'prices' matches no column"));
  }
  SECTION("the key may be excluded and still names rows") {
    p.options.exclude_columns = {"id"};
    target.rows[1][2] = "7";
    CHECK(p.run() == Exit::no);
    CHECK(p.says("different  id=2  price: 2.50 | 7"));
  }
  SECTION("none left: rows are only counted, and that is said") {
    p.options.exclude_columns = {"*"};
    CHECK(p.run() == Exit::partial);
    CHECK(p.says("no column to compare: rows are only counted"));
  }
}

TEST_CASE("tables and rows by choice") {
  Pair p;
  p.add(orders(10));
  p.add(events(10));
  p.target.at("events").rows.pop_back();
  SECTION("only some tables") {
    p.options.tables = {"shop.ord*"};
    CHECK(p.run() == Exit::done);
    CHECK_FALSE(p.says("events"));
  }
  SECTION("without some tables") {
    p.options.exclude_tables = {"shop.events"};
    CHECK(p.run() == Exit::done);
  }
  SECTION("a condition") {
    p.options.tables = {"shop.orders"};
    p.target.row("orders", 3)[2] = "0";
    p.options.where = {{"shop.orders", "name 4"}};
    CHECK(p.run() == Exit::done);
    CHECK(p.says("rows 1/1"));
  }
  SECTION("names that match nothing") {
    p.options.tables = {"shop.order"};
    CHECK_THROWS_WITH(p.run(), Catch::Contains("--table 'shop.order' matches nothing"));
  }
  SECTION("conditions that match nothing") {
    p.options.where = {{"shop.order", "x"}};
    CHECK_THROWS_WITH(p.run(), Catch::Contains("--where 'shop.order' matches nothing"));
  }
}
