// SPDX-License-Identifier: MIT
#include "support/catch.hpp"

#include <flytt/base/log.hpp>

using namespace flytt::base;

TEST_CASE("a field takes what one has and keeps its kind") {
  CHECK(std::holds_alternative<std::string>(FieldValue("text").variant()));
  CHECK(std::holds_alternative<std::string>(FieldValue(std::string_view("text")).variant()));
  CHECK(std::holds_alternative<bool>(FieldValue(true).variant()));
  CHECK(std::holds_alternative<std::int64_t>(FieldValue(-1).variant()));
  CHECK(std::holds_alternative<std::uint64_t>(FieldValue(std::size_t{1}).variant()));
  CHECK(std::holds_alternative<double>(FieldValue(0.5).variant()));
  CHECK(to_text("x") == "x");
  CHECK(to_text(std::uint64_t{18446744073709551615u}) == "18446744073709551615");
  CHECK(to_text(true) == "true");
  CHECK(to_text(-7) == "-7");
}

TEST_CASE("a memory log keeps what was written, in order") {
  MemoryLog log;
  log.warn("table has no key");
  log.event("chunk_loaded", {{"table", "shop.orders"}, {"rows", 17u}});
  const auto records = log.records();
  REQUIRE(records.size() == 2);
  CHECK(records[0].level == Level::warn);
  CHECK(records[0].event == "message");
  CHECK(records[1].level == Level::info);
  CHECK(records[1].fields[0].first == "table");
  CHECK(to_text(records[1].fields[1].second) == "17");
  CHECK(log.has("no key"));
  CHECK(log.has("chunk_loaded"));
  CHECK_FALSE(log.has("chunk"));
  CHECK(log.enabled(Level::trace));
}

TEST_CASE("a null log asks for no text") {
  NullLog log;
  log.error("x");
  CHECK_FALSE(log.enabled(Level::error));
  CHECK(name(Level::error) == "error");
  CHECK(name(Level::trace) == "trace");
}
