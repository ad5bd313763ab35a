// Definitions: what is a difference between two servers, and what is none.
// SPDX-License-Identifier: MIT
#include "support/catch.hpp"

#include "helper_verify.hpp"

using namespace verify_test;

TEST_CASE("definitions") {
  Pair p;
  p.add(orders(1));
  value::SchemaObject view;
  view.kind = value::ObjectKind::view;
  view.schema = "shop";
  view.name = "v";
  view.statement = "view as\n a\n b AUTO=5";
  p.source.objects = p.target.objects = {view};
  auto& other = p.target.objects[0];
  SECTION("equal but for what the engine leaves out") {
    other.statement = "view as\n a\n b AUTO=7";
    CHECK(p.run() == Exit::done);
  }
  SECTION("another text") {
    other.statement = "view as\n a\n c";
    CHECK(p.run() == Exit::no);
    CHECK(p.says("schema      view shop.v: 'b' on the source, 'c' on the target"));
    CHECK(p.says("definitions that differ: 1"));
  }
  SECTION("another mode") {
    other.sql_mode = "ANSI";
    CHECK(p.run() == Exit::no);
    CHECK(p.says("view shop.v: mode '' on the source, 'ANSI' on the target"));
  }
  SECTION("another status of an event is none") {
    other.attributes = "{\"status\":\"DISABLED\"}";
    CHECK(p.run() == Exit::done);
  }
  SECTION("missing") {
    p.target.objects.clear();
    CHECK(p.run() == Exit::no);
    CHECK(p.says("schema      view shop.v: is missing on the target"));
  }
  SECTION("only there, as every server makes it") {
    p.source.objects.clear();
    other.of_server = true;
    CHECK(p.run() == Exit::done);
    std::swap(p.source.objects, p.target.objects);
    CHECK(p.run() == Exit::no);
  }
  SECTION("a database's comment") {
    p.target.databases[0].comment = "other";
    CHECK(p.run() == Exit::no);
    CHECK(p.says("database shop: comment '' on the source, 'other' on the target"));
  }
  SECTION("a database's defaults") {
    p.target.databases[0].collation = "utf8mb4_bin";
    CHECK(p.run() == Exit::no);
    CHECK(p.says("database shop: default collation utf8mb4_general_ci on the source, utf8mb4_bin on the target"));
  }
  SECTION("not asked for") {
    p.target.objects.clear();
    p.options.schema = false;
    CHECK(p.run() == Exit::done);
  }
  SECTION("of another product they are compared by name, and that is said") {
    other.statement = "something else";
    p.target.self().product = "Other";
    CHECK(p.run() == Exit::partial);
    CHECK(p.says("compared by name only"));
  }
  SECTION("what cannot be compared exactly is not proven") {
    p.source.refusals.push_back({true, "history", "shop.orders", "its history is not read", ""});
    CHECK(p.run() == Exit::partial);
    CHECK(p.says("unproven    shop.orders: its history is not read"));
  }
}

TEST_CASE("a database that the target lacks is a difference") {
  Pair p;
  p.options.all_databases = false;
  p.options.databases = {"shop"};
  p.source.tables.push_back(orders(1));
  p.target.databases.clear();
  CHECK(p.run() == Exit::no);
  CHECK(p.says("database shop: is missing on the target"));
  CHECK(p.says("missing     shop.orders"));
}

TEST_CASE("what an account may not see is not equal: all missing privileges are named at once") {
  Pair p;
  p.add(orders(1));
  p.source.missing_privileges.push_back({true, "privilege", "EVENT ON shop", "the account lacks EVENT", "GRANT EVENT"});
  p.target.missing_privileges.push_back({true, "privilege", "TRIGGER ON shop", "the account lacks TRIGGER", "GRANT TRIGGER"});
  try {
    p.run();
    FAIL("compared");
  } catch (const base::Error& e) {
    CHECK(e.code() == Exit::privilege);
    CHECK_THAT(e.message(), Catch::Contains("fake://old, EVENT ON shop") && Catch::Contains("fake://new, TRIGGER ON shop"));
  }
}
