// Indexes beside the rows, against a server in memory.
// SPDX-License-Identifier: MIT
#include <flytt/task/load.hpp>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <set>

#include <flytt/base/text.hpp>

#include "support/catch.hpp"
#include "unit/task/helper_copy.hpp"

using namespace flytt;
using base::Exit;
using copying::failing_load;
using copying::load_well;
using copying::Source;

namespace {

/// The step of the stream's last chunk.
std::string last_commit(std::string_view bytes) {
  fake_engine::Store whole;
  load_well(whole, bytes);
  return base::concat("commit ", whole.ledger.back().chunks.size());
}

}  // namespace

TEST_CASE("indexes of a table are built while rows of others are loaded") {
  Source source;
  const auto last = last_commit(source.bytes);
  fake_engine::Store target;
  std::mutex mutex;
  std::condition_variable changed;
  std::set<std::string> built;
  bool beside = false;
  // The last chunk is of one of the two tables: it waits until the other one has its index.
  target.hook = [&](const std::string& what) {
    std::unique_lock lock(mutex);
    if (what.starts_with("created index ")) built.insert(what), changed.notify_all();
    if (what == last) beside = changed.wait_for(lock, std::chrono::minutes(1), [&] { return !built.empty(); });
  };
  task::LoadOptions options;
  options.jobs = 2;
  load_well(target, source.bytes, options);
  CHECK(beside);
  CHECK(built.size() == 2);
  copying::require_equal(source.store, target);

  // With one job rows come first: the source's snapshot is as old as they take.
  std::vector<std::string> steps;
  fake_engine::Store alone;
  alone.hook = [&](const std::string& what) {
    const std::lock_guard lock(mutex);
    if (what.starts_with("commit ") || what.starts_with("create index ")) steps.push_back(what);
  };
  options.jobs = 1;
  load_well(alone, source.bytes, options);
  CHECK(std::is_partitioned(steps.begin(), steps.end(), [](const auto& s) { return s.starts_with("commit "); }));
}

TEST_CASE("an index that fails beside the rows is what is told, not what ended because of it") {
  Source source;
  const auto last = last_commit(source.bytes);
  fake_engine::Store target;
  std::mutex mutex;
  std::condition_variable changed;
  bool failed = false;
  target.hook = [&](const std::string& what) {
    std::unique_lock lock(mutex);
    if (what.starts_with("create index ")) {
      failed = true;
      changed.notify_all();
      throw base::Error(Exit::unavailable, "the disk is full");
    }
    // The last chunk hangs until it is cancelled.
    if (what == last) {
      for (int i = 0; i < 6000 && target.cancelled == 0; ++i) changed.wait_for(lock, std::chrono::milliseconds(10));
      CHECK(failed);
      throw base::Error(Exit::temporary, "stopped on request");
    }
  };
  task::LoadOptions options;
  options.jobs = 2;
  const auto error = failing_load(target, source.bytes, options);
  CHECK(error.code() == Exit::unavailable);
  CHECK_THAT(error.text(), test::contains("the disk is full"));
  CHECK_THAT(error.text(), test::contains("while creating index shop."));
  target.hook = {};
  load_well(target, source.bytes, options);
  copying::require_equal(source.store, target);
}

TEST_CASE("a stream that ends too early does not wait for an index") {
  Source source;
  fake_engine::Store target;
  std::mutex mutex;
  std::condition_variable changed;
  bool begun = false, cancelled = false;
  target.hook = [&](const std::string& what) {
    if (!what.starts_with("create index ")) return;
    std::unique_lock lock(mutex);
    begun = true;
    changed.notify_all();
    for (int i = 0; i < 6000 && target.cancelled == 0; ++i) changed.wait_for(lock, std::chrono::milliseconds(10));
    cancelled = target.cancelled > 0;
    throw base::Error(Exit::temporary, "stopped on request");
  };
  /// Everything but the last bytes; the end comes as soon as an index is being built.
  struct Cut final : wire::ByteSource {
    std::string_view left;
    std::function<void()> before_end;
    std::size_t read(char* into, std::size_t size) override {
      if (left.size() < size) before_end();
      const auto n = left.copy(into, size);
      left.remove_prefix(n);
      return n;
    }
  } cut;
  cut.left = std::string_view(source.bytes).substr(0, source.bytes.size() - 5);
  cut.before_end = [&] {
    std::unique_lock lock(mutex);
    changed.wait_for(lock, std::chrono::minutes(1), [&] { return begun; });
  };
  copying::World world;
  fake_engine::Server server(target), settings(target);
  task::LoadOptions options;
  options.jobs = 2;
  const auto error = test::error_of([&] { task::load_into(server, settings, options, cut, task::Input::file, {}, world.context, world.out); });
  CHECK(begun);
  CHECK(cancelled);
  CHECK(error.code() == Exit::data);
  CHECK_THAT(error.text(), test::contains("stream ends without END"));
  target.hook = {};
  load_well(target, source.bytes, options);
  copying::require_equal(source.store, target);
}
