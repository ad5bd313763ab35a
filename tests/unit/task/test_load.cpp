// load-stream against a server in memory: exactly once, whatever breaks, and nothing changed when something stands in the way.
// SPDX-License-Identifier: MIT
#include <flytt/task/load.hpp>

#include <algorithm>
#include <atomic>
#include <cstring>

#include "support/catch.hpp"
#include "unit/task/helper_copy.hpp"

using namespace flytt;
using base::Exit;
using copying::failing_load;
using copying::load_well;
using copying::Source;
using copying::World;
using task::Input;

namespace {

struct LoaderKilled {};

std::string uuid_of(fake_engine::Store& target) { return target.ledger.back().uuid; }

}  // namespace

TEST_CASE("what was dumped is loaded") {
  Source source;
  fake_engine::Store target;
  World world;
  REQUIRE(copying::load(target, world, source.bytes) == Exit::done);
  copying::require_equal(source.store, target);
  CHECK(target.remarks == std::vector<std::pair<std::string, std::string>>{{"event shop.nightly", R"({"status":"ENABLED"})"}});
  const auto result = world.out.result_fields();
  const auto field = [&](const std::string& name) {
    for (const auto& [key, value] : result)
      if (key == name) return base::to_text(value);
    return std::string("none");
  };
  CHECK(field("rows") == "7500");
  CHECK(field("rows_loaded") == "7500");
  CHECK(field("position") == "gtid 0-1-100, binlog.000003:4711");
}

TEST_CASE("the same stream again changes nothing") {
  Source source;
  fake_engine::Store target;
  load_well(target, source.bytes);
  load_well(target, source.bytes);
  copying::require_equal(source.store, target);
  REQUIRE(target.ledger.size() == 1);
  // Also then it is read to its end.
  CHECK(failing_load(target, std::string_view(source.bytes).substr(0, source.bytes.size() - 5)).code() == Exit::data);
}

TEST_CASE("objects are created in their order, indexes after the rows unless told otherwise") {
  Source source;
  for (const bool defer : {true, false}) {
    fake_engine::Store target;
    std::vector<std::string> steps;
    std::mutex mutex;
    target.hook = [&](const std::string& what) {
      const std::lock_guard lock(mutex);
      steps.push_back(what);
    };
    task::LoadOptions options;
    options.defer_indexes = defer;
    load_well(target, source.bytes, options);
    const auto at = [&](const std::string& what) { return std::find(steps.begin(), steps.end(), what) - steps.begin(); };
    const auto first_commit = std::find_if(steps.begin(), steps.end(), [](const auto& s) { return s.starts_with("commit "); }) - steps.begin();
    CHECK(at("create database shop") < at("create table shop.orders"));
    CHECK(at("create table shop.log") < first_commit);
    CHECK((at("create index shop.orders.by_note") > first_commit) == defer);
    CHECK(at("create foreign key shop.log.fk_orders") > first_commit);
    CHECK(at("create foreign key shop.log.fk_orders") < at("orphans fk_orders"));
    CHECK(at("create table shop.log") < at("create view shop.base"));
    CHECK(at("created view shop.top") < first_commit);
    CHECK(at("orphans fk_orders") < at("create trigger shop.on_insert"));
    CHECK(at("created view shop.base") < at("created view shop.middle"));
    CHECK(at("created view shop.middle") < at("created view shop.top"));
    CHECK(at("created view shop.top") < at("create trigger shop.on_insert"));
    CHECK(at("create trigger shop.on_insert") < at("create event shop.nightly"));
  }
}

TEST_CASE("after a kill at any step the same stream completes the copy, exactly once") {
  Source source(1500);
  const auto kill_at = [&](int kill) {
    fake_engine::Store target;
    std::atomic<int> step{0};
    // From this step on nothing gets through, as after kill -9: also not what would put things right.
    target.hook = [&](const std::string&) {
      if (++step >= kill) throw LoaderKilled{};
    };
    World world;
    CAPTURE(kill);
    bool killed = false;
    try {
      copying::load(target, world, source.bytes);
    } catch (const LoaderKilled&) {
      killed = true;
    }
    CHECK(killed == (step >= kill));
    target.hook = {};
    load_well(target, source.bytes);
    copying::require_equal(source.store, target);
    return killed;
  };
  CHECK(copying::each_step(kill_at) > 30);
}

TEST_CASE("a stream that is cut at any frame fails, and the whole one completes") {
  Source source(1500);
  const auto frames = [&] {
    std::vector<std::size_t> starts;
    for (std::size_t at = 0; at < source.bytes.size();) {
      starts.push_back(at);
      std::uint64_t length;
      std::memcpy(&length, source.bytes.data() + at + 40, 8);
      at += 64 + length;
    }
    return starts;
  }();
  REQUIRE(frames.size() > 15);
  for (const auto start : frames) {
    for (const std::size_t extra : {0, 30, 70}) {
      fake_engine::Store target;
      CAPTURE(start, extra);
      const auto size = std::min(start + extra, source.bytes.size() - 1);
      CHECK(failing_load(target, std::string_view(source.bytes).substr(0, size)).code() == Exit::data);
      load_well(target, source.bytes);
      copying::require_equal(source.store, target);
    }
  }
}

TEST_CASE("a live pipe that broke names the command that removes the half copy") {
  Source source;
  fake_engine::Store target;
  const auto error = failing_load(target, std::string_view(source.bytes).substr(0, source.bytes.size() / 2), {}, Input::live);
  CHECK(error.code() == Exit::data);
  CHECK_THAT(base::join(error.hints(), " "), test::contains("load-stream --discard " + uuid_of(target) + " fake://db/shop"));
  World world;
  fake_engine::Server server(target);
  CHECK(task::discard(server, uuid_of(target), world.context, world.out) == Exit::done);
  CHECK(target.objects.empty());
  CHECK(target.rows.empty());
  CHECK(target.ledger.empty());
  load_well(target, source.bytes);
}

TEST_CASE("half of another copy is refused, and a complete one is not discarded") {
  Source first, second;
  fake_engine::Store target;
  failing_load(target, std::string_view(first.bytes).substr(0, first.bytes.size() / 2));
  const auto uuid = uuid_of(target);
  const auto error = failing_load(target, second.bytes);
  CHECK(error.code() == Exit::refused);
  CHECK_THAT(base::join(error.hints(), " "), test::contains("load-stream --discard " + uuid));
  load_well(target, first.bytes);
  World world;
  fake_engine::Server server(target);
  REQUIRE_ERROR(task::discard(server, uuid, world.context, world.out), Exit::refused, "complete");
  REQUIRE_ERROR(task::discard(server, "01234567-89ab-4cde-8f01-23456789abcd", world.context, world.out), Exit::refused, "not known");
}

TEST_CASE("a sender that failed is the loader's failure, with its code and words") {
  fake_engine::Store broken;
  copying::fill(broken);
  std::atomic<int> reads{0};
  broken.hook = [&](const std::string& what) {
    if (what.starts_with("read") && ++reads == 4) fake_engine::lose_connection();
  };
  World world;
  std::string bytes;
  const auto sent = test::error_of([&] { copying::dump(broken, world, bytes); });
  fake_engine::Store target;
  const auto error = failing_load(target, bytes, {}, Input::live);
  CHECK(error.code() == sent.code());
  CHECK_THAT(error.text(), test::contains(sent.text()));
  CHECK_THAT(base::join(error.hints(), " "), test::contains("Dump again."));
  CHECK_THAT(base::join(error.hints(), " "), test::contains("--discard"));
  CHECK(target.ledger.back().state == "loading");
}

TEST_CASE("a deadlock is tried again, another failure is not") {
  Source source;
  fake_engine::Store target;
  std::atomic<int> deadlocks{0};
  target.hook = [&](const std::string& what) {
    if (what.starts_with("commit ") && ++deadlocks % 3 == 1) fake_engine::deadlock();
  };
  load_well(target, source.bytes);
  copying::require_equal(source.store, target);
  CHECK(deadlocks > 3);
  fake_engine::Store lost;
  lost.hook = [&](const std::string& what) {
    if (what == "commit 2") fake_engine::lose_connection();
  };
  const auto error = failing_load(lost, source.bytes);
  CHECK(error.code() == Exit::unavailable);
  CHECK_THAT(error.text(), test::contains("chunk 2"));
  CHECK_THAT(error.text(), test::contains("while loading shop."));
  CHECK(lost.cancelled > 0);
  lost.hook = {};
  load_well(lost, source.bytes);
  copying::require_equal(source.store, lost);
}

TEST_CASE("a ledger with fewer chunks than END says is no success") {
  Source source;
  fake_engine::Store target;
  target.hook = [&](const std::string& what) {
    if (what != "committed 3") return;
    const std::lock_guard lock(target.mutex);
    target.ledger.back().chunks.erase(3);
  };
  const auto error = failing_load(target, source.bytes);
  CHECK(error.code() == Exit::data);
  CHECK_THAT(error.text(), test::contains("in the ledger"));
}

TEST_CASE("findings are told all at once, before anything is changed") {
  Source source;
  fake_engine::Store target;
  target.findings = {{true, "packet", "max_allowed_packet", "max_allowed_packet is small", "raise it"},
                     {true, "space", "", "the disk is full", "make room"},
                     {false, "zone", "", "no time zones", ""}};
  auto error = failing_load(target, source.bytes);
  CHECK(error.code() == Exit::refused);
  CHECK_THAT(error.text(), test::contains("max_allowed_packet is small; the disk is full"));
  CHECK(error.hints() == std::vector<std::string>{"raise it", "make room"});
  CHECK(target.ledger.empty());
  CHECK(target.objects.empty());
  target.findings = {{true, "privilege", "CREATE", "lacks CREATE", "GRANT CREATE"}};
  CHECK(failing_load(target, source.bytes).code() == Exit::privilege);
  task::LoadOptions options;
  options.dry_run = true;
  World world;
  CHECK(copying::load(target, world, source.bytes, options) == Exit::privilege);
  target.findings.clear();
  CHECK(copying::load(target, world, source.bytes, options) == Exit::done);
  CHECK(target.ledger.empty());
}

TEST_CASE("what is there: fail, drop, append") {
  Source source;
  fake_engine::Store target;
  target.add_table("orders", 10);
  target.rows["shop.orders"].clear();
  target.add_table("other", 5);
  const auto error = failing_load(target, source.bytes);
  CHECK(error.code() == Exit::refused);
  CHECK_THAT(error.text(), test::contains("table shop.orders is there already"));
  CHECK(target.ledger.empty());
  task::LoadOptions options;
  options.if_exists = engine::IfExists::append;
  load_well(target, source.bytes, options);
  CHECK(target.rows["shop.orders"] == source.store.rows["shop.orders"]);
  CHECK_FALSE(target.has("index shop.orders.by_note"));  // a table that was there keeps its own indexes
  CHECK(target.has("index shop.log.by_note"));

  fake_engine::Store again;
  again.add_table("orders", 10);
  options.if_exists = engine::IfExists::drop;
  CHECK_THAT(failing_load(again, source.bytes, options).text(), test::contains("would be dropped"));
  CHECK(again.rows["shop.orders"].size() == 10);
  options.yes = true;
  load_well(again, source.bytes, options);
  copying::require_equal(source.store, again);
}

TEST_CASE("append goes on with the tables it found after a kill") {
  Source source(1500);
  fake_engine::Store target;
  target.add_table("orders", 0);
  task::LoadOptions options;
  options.if_exists = engine::IfExists::append;
  target.hook = [](const std::string& what) {
    if (what == "committed 2") throw LoaderKilled{};
  };
  World world;
  CHECK_THROWS_AS(copying::load(target, world, source.bytes, options), LoaderKilled);
  target.hook = {};
  load_well(target, source.bytes, options);
  CHECK(target.rows == source.store.rows);
  CHECK_FALSE(target.has("index shop.orders.by_note"));
}

TEST_CASE("rows alone need their tables") {
  fake_engine::Store store;
  copying::fill(store, 1500);
  auto options = copying::dump_options();
  options.scope.data_only = true;
  World world;
  std::string bytes;
  copying::dump(store, world, bytes, options);
  fake_engine::Store target;
  CHECK_THAT(failing_load(target, bytes).text(), test::contains("table shop.orders is not there"));
  target.add_table("orders", 0);
  target.add_table("log", 3);
  target.add_table("empty", 0);
  CHECK_THAT(failing_load(target, bytes).text(), test::contains("table shop.log holds rows already"));
  target.rows["shop.log"].clear();
  load_well(target, bytes);
  CHECK(target.rows == store.rows);
}

TEST_CASE("rows without their parents are named, and the load is partial") {
  Source source;
  fake_engine::Store target;
  target.orphans["fk_orders"] = 3;
  World world;
  CHECK(copying::load(target, world, source.bytes) == Exit::partial);
  const auto lines = world.out.lines();
  CHECK(std::count(lines.begin(), lines.end(), "foreign key shop.log.fk_orders: 3 rows lack their parent") == 1);
  CHECK(target.ledger.back().state == "done");
}

TEST_CASE("a view that needs what never comes is an error that names it") {
  fake_engine::Store store;
  copying::fill(store, 100);
  std::erase_if(store.objects, [](const auto& o) { return o.name == "base"; });
  fake_engine::Store target;
  const auto error = failing_load(target, copying::dump(store));
  CHECK_THAT(error.text(), test::contains("no such thing: view shop.base"));
  CHECK_THAT(error.text(), test::contains("while creating view shop.middle"));
}

TEST_CASE("settings are put back, also after a failure and a stop") {
  Source source;
  task::LoadOptions options;
  options.import_mode = true;
  fake_engine::Store target;
  bool changed = false;
  target.hook = [&](const std::string& what) {
    if (what == "commit 3") {
      changed = !target.changed.empty();
      fake_engine::lose_connection();
    }
  };
  failing_load(target, source.bytes, options);
  CHECK(changed);
  CHECK(target.changed.empty());
  World world;
  target.hook = [&](const std::string& what) {
    if (what.starts_with("commit ")) world.stop.request_stop();
  };
  const auto error = test::error_of([&] { copying::load(target, world, source.bytes, options); });
  CHECK(error.code() == Exit::temporary);
  CHECK_THAT(base::join(error.hints(), " "), test::contains("continues copy " + uuid_of(target)));
  CHECK(target.cancelled > 0);
  CHECK(target.changed.empty());
  target.hook = {};
  load_well(target, source.bytes, options);
  copying::require_equal(source.store, target);
}
