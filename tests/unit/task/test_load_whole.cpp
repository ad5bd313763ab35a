// Tables that go in as a whole, against a server in memory.
// SPDX-License-Identifier: MIT
#include <flytt/task/load.hpp>

#include <map>
#include <set>

#include "support/catch.hpp"
#include "unit/task/helper_copy.hpp"

using namespace flytt;
using base::Exit;
using copying::failing_load;
using copying::load_well;

namespace {

/// A source whose tables are large by its own account.
struct Large {
  fake_engine::Store store;
  std::string bytes;
  Large() {
    copying::fill(store);
    for (auto& table : store.tables) table.bytes_estimate = std::uint64_t{8} << 20;
    bytes = copying::dump(store);
  }
};

/// A target that keeps whole tables better, and how often it was told to commit what.
struct Target {
  fake_engine::Store store;
  std::mutex mutex;
  std::map<std::string, unsigned> steps;
  std::string failing;  ///< a step that fails

  Target() {
    store.whole_tables = true;
    store.hook = [this](const std::string& what) {
      const std::lock_guard lock(mutex);
      ++steps[what.starts_with("commit ") && !what.starts_with("commit table ") ? "commit" : what];
      if (what == failing) throw base::Error(Exit::unavailable, "the disk is full");
    };
  }
  std::set<std::string> seen(const std::string& prefix) const {
    std::set<std::string> out;
    for (const auto& [what, times] : steps)
      if (what.starts_with(prefix)) out.insert(what);
    return out;
  }
};

task::LoadOptions with(unsigned jobs) {
  task::LoadOptions out;
  out.jobs = jobs;
  return out;
}

}  // namespace

TEST_CASE("large tables of a new copy go in as a whole, each once") {
  Large source;
  for (const unsigned jobs : {1U, 2U}) {
    INFO(jobs);
    Target target;
    load_well(target.store, source.bytes, with(jobs));
    copying::require_equal(source.store, target.store);
    const auto committed = target.seen("commit table ");
    CHECK_FALSE(committed.empty());
    CHECK(committed.size() == target.seen("begin table ").size());
    for (const auto& what : committed) CHECK(target.steps[what] == 1);
  }
}

TEST_CASE("with many workers a table that is most of the copy goes in by chunks, from all of them") {
  Large source;
  Target target;
  load_well(target.store, source.bytes, with(4));
  CHECK(target.seen("begin table ").size() == 0);  // each of three is more than a quarter
  copying::require_equal(source.store, target.store);
}

TEST_CASE("a table that the server does not take as a whole goes in by chunks") {
  Large source;
  Target target;
  for (const auto& table : source.store.tables) target.store.not_whole.insert(table.name.display());
  load_well(target.store, source.bytes, with(2));
  CHECK(target.seen("commit table ").empty());
  CHECK(target.steps["commit"] > 2);
  copying::require_equal(source.store, target.store);
}

TEST_CASE("what fails in the middle of a whole table leaves nothing of it, and the same stream completes the copy") {
  Large source;
  fake_engine::Store counting;
  load_well(counting, source.bytes, with(1));
  const auto chunks = counting.ledger.back().chunks.size();
  REQUIRE(chunks > 2);
  for (std::size_t failing = 1; failing <= chunks; ++failing) {
    INFO(failing);
    Target target;
    target.failing = "commit " + std::to_string(failing);
    CHECK(failing_load(target.store, source.bytes, with(2)).code() == Exit::unavailable);
    std::size_t in = 0;
    for (const auto& [table, rows] : target.store.rows) {
      in += rows.size();
      CHECK((rows.empty() || rows.size() == source.store.rows[table].size()));
    }
    CHECK(target.store.ledger.back().chunks.empty() == (in == 0));
    target.failing.clear();
    load_well(target.store, source.bytes, with(2));
    copying::require_equal(source.store, target.store);
  }
}

TEST_CASE("a table whose transaction cannot be committed is named") {
  Large source;
  Target target;
  target.failing = "commit table " + source.store.tables.front().name.display();
  const auto error = failing_load(target.store, source.bytes, with(2));
  CHECK_THAT(error.text(), flytt::test::contains("while loading " + source.store.tables.front().name.display()));
  target.failing.clear();
  load_well(target.store, source.bytes, with(2));
  copying::require_equal(source.store, target.store);
}
