// Live pairs: rows that were late are equal, wrong ones stay wrong, and what never stands still is undecided.
// SPDX-License-Identifier: MIT
#include "support/catch.hpp"

#include <atomic>

#include "helper_verify.hpp"

using namespace verify_test;

// A live pair: the source is written while it is read, and the target follows when somebody waits for it.
TEST_CASE("live: rows that were only late are equal") {
  Pair p;
  p.add(orders(200));
  p.options.live = true;
  p.options.chunk_bytes = 500;
  const bool channel = GENERATE(true, false);
  p.target.has_channel = channel;
  p.source.row("orders", 10)[1] = "new";
  p.source.erase("orders", 20);
  p.source.at("orders").rows.push_back(p.source.row("orders", 1));
  p.source.at("orders").rows.back()[0] = i32(5000);
  const auto follow = [&] {
    const std::lock_guard lock(p.target.mutex);
    p.target.at("orders").rows = p.source.at("orders").rows;
  };
  p.target.on_wait = [&] { return follow(), engine::Applied::yes; };
  if (!channel) {
    p.target.on_open = [&](const engine::ReadJob& job) {
      if (!job.keys.empty()) follow();
    };
  }
  CHECK(p.run() == Exit::done);
  INFO(p.text());
  CHECK(p.says("missing 0  extra 0  different 0"));
}

TEST_CASE("live: the target may hold the version that was seen first or the one that is there now") {
  Pair p;
  p.add(orders(5));
  p.options.live = true;
  p.target.has_channel = true;
  p.source.row("orders", 3)[1] = "1";
  // Each wait brings the target to what the source was, and the source moves on at once.
  p.target.on_wait = [&] {
    const std::scoped_lock lock(p.source.mutex, p.target.mutex);
    p.target.row("orders", 3)[1] = p.source.row("orders", 3)[1];
    p.source.row("orders", 3)[1] = "moved on";
    return engine::Applied::yes;
  };
  CHECK(p.run() == Exit::done);
}

TEST_CASE("live: rows that are wrong stay wrong") {
  Pair p;
  p.add(orders(50));
  p.add(events(20));
  p.options.live = true;
  p.target.has_channel = GENERATE(true, false);
  p.target.row("orders", 10)[1] = "wrong";
  p.target.erase("orders", 20);
  p.target.at("orders").rows.push_back(p.source.row("orders", 1));
  p.target.at("orders").rows.back()[0] = i32(5000);
  p.target.at("events").rows.pop_back();
  CHECK(p.run() == Exit::no);
  INFO(p.text());
  CHECK(p.says("shop.orders  rows 50/50  missing 1  extra 1  different 1"));
  CHECK(p.says("different  id=10  name: 'name 10' | 'wrong'"));
  CHECK(p.says("shop.events  rows 20/19  missing 1  extra 0  different 0"));
}

TEST_CASE("live: a row that never stands still is undecided, not equal") {
  Pair p;
  p.add(orders(50));
  p.options.live = true;
  p.target.has_channel = GENERATE(true, false);
  p.target.row("orders", 10)[1] = "wrong";
  std::atomic<int> version = 0;
  p.source.on_open = [&](const engine::ReadJob& job) {
    const std::lock_guard lock(p.source.mutex);
    if (!job.keys.empty()) p.source.row("orders", 10)[1] = std::to_string(++version);
  };
  CHECK(p.run() == Exit::partial);
  INFO(p.text());
  CHECK(p.says("undecided   shop.orders  rows 50/50  missing 0  extra 0  different 0  undecided 1"));
}

TEST_CASE("live: a channel that stands still or is late decides nothing") {
  Pair p;
  p.add(orders(50));
  p.options.live = true;
  p.target.has_channel = true;
  p.target.row("orders", 10)[1] = "behind";
  SECTION("stopped") {
    p.target.on_wait = [] { return engine::Applied::stopped; };
    CHECK(p.run() == Exit::partial);
    CHECK(p.says("undecided 1"));
    CHECK(p.says("channel flytt on the target does not apply: duplicate entry"));
  }
  SECTION("late") {
    p.target.on_wait = [&] {
      p.clock.advance(std::chrono::seconds(1));
      return engine::Applied::not_yet;
    };
    CHECK(p.run() == Exit::partial);
    CHECK(p.says("undecided 1"));
    CHECK(p.says("did not reach the source's position"));
  }
}
