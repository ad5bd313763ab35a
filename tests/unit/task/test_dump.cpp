// dump-stream against a server in memory: what it sends, and that a failure never looks like an end.
// SPDX-License-Identifier: MIT
#include <flytt/task/dump.hpp>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <thread>

#include <flytt/wire/stream_reader.hpp>

#include "support/catch.hpp"
#include "support/soon.hpp"
#include "unit/task/helper_copy.hpp"

using namespace flytt;
using base::Exit;
using copying::World;

namespace {

/// The last thing in a stream: Totals, a SenderError, or nothing when it breaks off.
struct Ending {
  bool complete = false;
  std::optional<wire::SenderError> error;
  wire::Totals totals;
  value::Manifest manifest;
  std::vector<wire::Chunk> chunks;
};

Ending ending_of(std::string_view bytes) {
  Ending ending;
  wire::MemorySource source(bytes);
  wire::StreamReader reader(source);
  for (;;) {
    auto event = reader.next();
    if (auto* manifest = std::get_if<value::Manifest>(&event)) ending.manifest = *manifest;
    if (auto* chunk = std::get_if<wire::Chunk>(&event)) ending.chunks.push_back(std::move(*chunk));
    if (auto* error = std::get_if<wire::SenderError>(&event)) return ending.error = *error, ending;
    if (auto* totals = std::get_if<wire::Totals>(&event)) return ending.totals = *totals, ending.complete = true, ending;
  }
}

/// A stream that ends with an ERR that says the same as the error of the dump.
void require_told(std::string_view bytes, const base::Error& error) {
  const auto ending = ending_of(bytes);
  REQUIRE_FALSE(ending.complete);
  REQUIRE(ending.error);
  CHECK(ending.error->exit == static_cast<int>(error.code()));
  CHECK(ending.error->message == error.text());
}

/// The dump fails with this code, and its stream ends with an ERR that says so.
base::Error failing_dump(fake_engine::Store& store, task::DumpOptions options = copying::dump_options()) {
  World world;
  std::string bytes;
  const auto error = test::error_of([&] { copying::dump(store, world, bytes, options); });
  require_told(bytes, error);
  return error;
}

}  // namespace

TEST_CASE("a dump holds every row once, in chunks of about the size that was asked for") {
  fake_engine::Store store;
  copying::fill(store, 20000);
  World world;
  std::string bytes;
  auto options = copying::dump_options();
  options.recount = true;
  REQUIRE(copying::dump(store, world, bytes, options) == Exit::done);
  const auto ending = ending_of(bytes);
  REQUIRE(ending.complete);
  CHECK(ending.totals.rows == 25000);
  CHECK(ending.totals.schema_objects == store.objects.size());
  CHECK(ending.manifest.position.gtid == "0-1-100");
  CHECK(ending.manifest.scope.databases == std::vector<std::string>{"shop"});
  CHECK(ending.totals.table_rows == std::vector<std::uint64_t>{20000, 0, 5000});
  CHECK(ending.chunks.size() > 15);
  for (const auto& chunk : ending.chunks) CHECK(chunk.end.bytes < (1 << 16) + 100);
}

TEST_CASE("chunks of a key say their bounds, and the bounds adjoin") {
  fake_engine::Store store;
  store.add_table("orders", 20000, true, 40);
  World world;
  std::string bytes;
  REQUIRE(copying::dump(store, world, bytes) == Exit::done);
  std::set<std::string> ends, starts;
  unsigned open_starts = 0, open_ends = 0;
  for (const auto& chunk : ending_of(bytes).chunks) {
    chunk.end.bounds.after ? static_cast<void>(starts.insert(*chunk.end.bounds.after)) : static_cast<void>(++open_starts);
    chunk.end.bounds.through ? static_cast<void>(ends.insert(*chunk.end.bounds.through)) : static_cast<void>(++open_ends);
  }
  CHECK(open_starts == 1);
  CHECK(open_ends == 1);
  CHECK(starts == ends);
}

TEST_CASE("one large table is read by all workers") {
  fake_engine::Store store;
  store.add_table("orders", 30000, true, 100);
  std::mutex mutex;
  std::condition_variable came;
  std::set<std::thread::id> readers;
  // Who reads gives way between its chunks, so it cannot wait for the others in the first: each of the 50 waits a moment for them.
  store.hook = [&](const std::string& what) {
    if (what != "read shop.orders") return;
    std::unique_lock lock(mutex);
    readers.insert(std::this_thread::get_id());
    came.notify_all();
    came.wait_for(lock, std::chrono::milliseconds(400), [&] { return readers.size() == 3; });
  };
  copying::dump(store);
  CHECK(readers.size() == 3);
}

TEST_CASE("whatever step fails, the stream ends with ERR and never with END") {
  const unsigned jobs = GENERATE(1U, 3U);
  CAPTURE(jobs);
  auto options = copying::dump_options();
  options.jobs = jobs;
  const auto fail_at = [&](int fail) {
    fake_engine::Store store;
    copying::fill(store, 20000);
    std::atomic<int> step{0};
    std::atomic<bool> failed{false};
    store.hook = [&](const std::string&) {
      if (++step != fail) return;
      failed = true;
      fake_engine::lose_connection();
    };
    CAPTURE(fail);
    World world;
    std::string bytes;
    std::optional<base::Error> error;
    try {
      copying::dump(store, world, bytes, options);
    } catch (const base::Error& why) {
      error = why;
    }
    REQUIRE(failed == error.has_value());  // a step that failed is never swallowed
    if (error) {
      CHECK(error->code() == Exit::unavailable);
      require_told(bytes, *error);
    } else {
      CHECK(ending_of(bytes).complete);
    }
    return failed.load();
  };
  CHECK(copying::each_step(fail_at, 12) > 15);
}

TEST_CASE("each kind of step fails the dump when it fails") {
  // Alone, a worker takes the same steps each time, so each of these must come.
  auto options = copying::dump_options();
  options.jobs = 1;
  options.recount = true;
  for (const char* const kind : {"snapshot", "read shop.orders", "read shop.empty", "read shop.log", "count shop.orders", "prove", "close"}) {
    fake_engine::Store store;
    copying::fill(store);
    store.hook = [&](const std::string& what) {
      if (what == kind) fake_engine::lose_connection();
    };
    CAPTURE(kind);
    CHECK(failing_dump(store, options).code() == Exit::unavailable);
  }
}

TEST_CASE("a lost worker is named with its table") {
  fake_engine::Store store;
  copying::fill(store);
  std::atomic<int> reads{0};
  store.hook = [&](const std::string& what) {
    if (what == "read shop.orders" && ++reads == 3) fake_engine::lose_connection();
  };
  const auto error = failing_dump(store);
  CHECK(error.code() == Exit::unavailable);
  CHECK_THAT(error.text(), test::contains("while dumping shop.orders"));
  CHECK(store.cancelled > 0);
}

TEST_CASE("HELLO names the accounts that objects run as, unless they come along") {
  fake_engine::Store store;
  copying::fill(store);
  const auto definers = [&] {
    World world;
    std::string bytes;
    copying::dump(store, world, bytes, copying::dump_options());
    return ending_of(bytes).manifest.definers;
  };
  CHECK(definers().empty());
  for (auto& object : store.objects)
    if (object.kind == value::ObjectKind::view) object.definer = "shop@%";
    else if (object.kind == value::ObjectKind::event) object.definer = "nightly@localhost";
  CHECK(definers() == std::vector<std::string>{"nightly@localhost", "shop@%"});
  value::SchemaObject account;
  account.kind = value::ObjectKind::account;
  account.name = account.definer = "shop@%";
  store.objects.push_back(account);
  CHECK(definers() == std::vector<std::string>{"nightly@localhost"});
}

TEST_CASE("a table that was replaced fails the dump at the last moment") {
  fake_engine::Store store;
  copying::fill(store);
  store.hook = [](const std::string& what) {
    if (what == "prove") throw base::Error(Exit::unavailable, "table shop.orders was replaced during the dump");
  };
  CHECK_THAT(failing_dump(store).text(), test::contains("shop.orders was replaced"));
}

TEST_CASE("all missing privileges are named at once, and nothing but ERR is sent") {
  fake_engine::Store store;
  copying::fill(store);
  store.missing_privileges = {{true, "privilege", "SELECT ON shop.*", "lacks SELECT", "GRANT SELECT"},
                              {true, "privilege", "RELOAD ON *.*", "lacks RELOAD", "GRANT RELOAD"}};
  const auto error = failing_dump(store);
  CHECK(error.code() == Exit::privilege);
  CHECK_THAT(error.text(), test::contains("SELECT"));
  CHECK_THAT(error.text(), test::contains("RELOAD"));
  CHECK(error.hints() == std::vector<std::string>{"GRANT SELECT", "GRANT RELOAD"});
}

TEST_CASE("what cannot be carried is refused by name before HELLO") {
  fake_engine::Store store;
  copying::fill(store);
  store.refusals = {{true, "vector", "shop.orders.v", "is a VECTOR", "exclude it"}, {true, "versioned", "shop.log", "is versioned", ""}};
  const auto error = failing_dump(store);
  CHECK(error.code() == Exit::refused);
  CHECK_THAT(error.text(), test::contains("shop.orders.v: is a VECTOR; shop.log: is versioned"));
}

TEST_CASE("--recount finds rows that were not read") {
  fake_engine::Store store;
  copying::fill(store);
  auto options = copying::dump_options();
  options.recount = true;
  store.miscount = 1;
  const auto error = failing_dump(store, options);
  CHECK(error.code() == Exit::data);
  CHECK_THAT(error.text(), test::contains("are counted in the same snapshot"));
}

TEST_CASE("--on-ddl fail gives way to who waits, wait names him") {
  fake_engine::Store store;
  copying::fill(store);
  store.waiters = {{"app@10.0.0.5, connection 4711", "ALTER TABLE orders", 2.0}};
  store.hook = [&](const std::string& what) {
    if (what == "read shop.orders") test::soon([&] { return store.cancelled > 0; });
  };
  auto options = copying::dump_options();
  options.on_ddl = engine::OnDdl::fail;
  const auto error = failing_dump(store, options);
  CHECK(error.code() == Exit::unavailable);
  CHECK_THAT(error.text(), test::contains("app@10.0.0.5, connection 4711"));
  World world;
  const auto named = [&] { return world.log.has("app@10.0.0.5, connection 4711 waits"); };
  store.hook = [&](const std::string& what) {
    if (what == "read shop.orders") test::soon(named);
  };
  std::string bytes;
  REQUIRE(copying::dump(store, world, bytes) == Exit::done);
  CHECK(named());
}

TEST_CASE("what looks for waiting statements, and is ended because a worker failed, is not why the dump failed") {
  fake_engine::Store store;
  copying::fill(store);
  std::atomic<bool> looking{false};
  store.on_waiters = [&] {
    looking = true;
    test::soon([&] { return store.cancelled > 0; });
    throw base::Error(Exit::temporary, "stopped on request");
  };
  store.hook = [&](const std::string& what) {
    if (what != "read shop.orders") return;
    test::soon([&] { return looking.load(); });
    fake_engine::lose_connection();
  };
  auto options = copying::dump_options();
  options.on_ddl = engine::OnDdl::fail;
  const auto error = failing_dump(store, options);
  CHECK(error.code() == Exit::unavailable);
  CHECK_THAT(error.text(), test::contains("while dumping shop.orders"));
}

TEST_CASE("a stop ends the dump, and the stream says so") {
  fake_engine::Store store;
  copying::fill(store);
  World world;
  std::atomic<int> reads{0};
  store.hook = [&](const std::string& what) {
    if (what.starts_with("read") && ++reads == 3) world.stop.request_stop();
  };
  std::string bytes;
  const auto error = test::error_of([&] { copying::dump(store, world, bytes); });
  CHECK(error.code() == Exit::temporary);
  CHECK(store.cancelled > 0);
  const auto ending = ending_of(bytes);
  REQUIRE(ending.error);
  CHECK(ending.error->exit == 69);  // "the same again continues" is not true of a pipe
}

TEST_CASE("schema only and data only") {
  fake_engine::Store store;
  copying::fill(store);
  auto options = copying::dump_options();
  World world;
  std::string schema, data;
  options.scope.schema_only = true;
  copying::dump(store, world, schema, options);
  CHECK(ending_of(schema).totals.chunks == 0);
  CHECK(ending_of(schema).totals.schema_objects == store.objects.size());
  options.scope.schema_only = false;
  options.scope.data_only = true;
  copying::dump(store, world, data, options);
  CHECK(ending_of(data).totals.schema_objects == 0);
  CHECK(ending_of(data).totals.rows == 7500);
}

TEST_CASE("a dry run says what would be done, and sends nothing") {
  fake_engine::Store store;
  copying::fill(store);
  auto options = copying::dump_options();
  options.dry_run = true;
  World world;
  std::string bytes;
  CHECK(copying::dump(store, world, bytes, options) == Exit::done);
  CHECK(bytes.empty());
  const auto lines = world.out.lines();
  CHECK(std::any_of(lines.begin(), lines.end(), [](const auto& l) { return l.starts_with("table shop.orders: about 6,000 rows"); }));
  store.refusals = {{true, "vector", "shop.orders.v", "is a VECTOR", ""}};
  CHECK(copying::dump(store, world, bytes, options) == Exit::refused);
  store.missing_privileges = {{true, "privilege", "x", "lacks x", ""}};
  CHECK(copying::dump(store, world, bytes, options) == Exit::privilege);
}

TEST_CASE("options that make no sense are refused") {
  fake_engine::Store store;
  World world;
  std::string bytes;
  const auto refuse = [&](const std::function<void(task::DumpOptions&)>& change, const std::string& text) {
    auto options = copying::dump_options();
    change(options);
    REQUIRE_ERROR(copying::dump(store, world, bytes, options), Exit::usage, text);
  };
  refuse([](auto& o) { o.chunk_size = 1; }, "--chunk-size");
  refuse([](auto& o) { o.compress = "gzip"; }, "gzip");
  refuse([](auto& o) { o.scope.schema_only = o.scope.data_only = true; }, "nothing to copy");
  refuse([](auto& o) { o.source.database.clear(); }, "no database");
  refuse([](auto& o) { o.scope.all_databases = true, o.scope.databases = {"a"}; }, "exclude each other");
  CHECK(bytes.empty());
}
