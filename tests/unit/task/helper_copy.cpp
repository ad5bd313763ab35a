// Dumping and loading in memory.
// SPDX-License-Identifier: MIT
#include "unit/task/helper_copy.hpp"

#include <algorithm>

#include "support/catch.hpp"

namespace copying {
namespace {

void add(fake_engine::Store& store, value::ObjectKind kind, const std::string& name, const std::string& parent = {},
         const std::string& attributes = {}) {
  value::SchemaObject o;
  o.kind = kind;
  o.schema = kind == value::ObjectKind::database ? "" : "shop";
  o.name = name;
  o.parent = parent;
  o.statement = "CREATE " + name;
  o.attributes = attributes;
  store.objects.push_back(o);
}

}  // namespace

void fill(fake_engine::Store& store, std::uint32_t rows) {
  using value::ObjectKind;
  add(store, ObjectKind::database, "shop");
  store.add_table("orders", rows, true, 40);
  store.add_table("empty", 0);
  store.add_table("log", rows / 4, false);
  add(store, ObjectKind::index, "by_note", "orders");
  add(store, ObjectKind::index, "by_note", "log");
  add(store, ObjectKind::foreign_key, "fk_orders", "log");
  add(store, ObjectKind::routine, "total");
  add(store, ObjectKind::view, "top", {}, "view shop.middle");
  add(store, ObjectKind::view, "middle", {}, "view shop.base");
  add(store, ObjectKind::view, "base");
  add(store, ObjectKind::trigger, "on_insert", "orders");
  add(store, ObjectKind::event, "nightly", {}, R"({"status":"ENABLED"})");
}

task::DumpOptions dump_options() {
  task::DumpOptions options;
  options.source.database = "shop";
  options.jobs = 3;
  options.chunk_size = 1 << 16;
  return options;
}

base::Exit dump(fake_engine::Store& store, World& world, std::string& bytes, task::DumpOptions options) {
  fake_engine::Server server(store);
  struct Sink final : wire::ByteSink {
    std::string& out;
    explicit Sink(std::string& o) : out(o) {}
    void write(std::string_view part) override { out.append(part); }
    void close() override {}
  } sink(bytes);
  return task::dump_from(server, options, sink, world.context, world.out);
}

std::string dump(fake_engine::Store& store) {
  World world;
  std::string bytes;
  REQUIRE(dump(store, world, bytes) == base::Exit::done);
  return bytes;
}

base::Exit load(fake_engine::Store& store, World& world, std::string_view bytes, task::LoadOptions options, task::Input input) {
  fake_engine::Server server(store), settings(store);
  wire::MemorySource source(bytes);
  if (options.jobs == 0) options.jobs = 3;
  return task::load_into(server, settings, options, source, input, {}, world.context, world.out);
}

base::Error failing_load(fake_engine::Store& target, std::string_view bytes, task::LoadOptions options, task::Input input) {
  World world;
  return test::error_of([&] { load(target, world, bytes, options, input); });
}

void load_well(fake_engine::Store& target, std::string_view bytes, const task::LoadOptions& options) {
  World world;
  REQUIRE(load(target, world, bytes, options) == base::Exit::done);
}

void require_equal(fake_engine::Store& source, fake_engine::Store& target) {
  REQUIRE(target.rows == source.rows);
  for (const auto& object : source.objects) {
    CAPTURE(object.display());
    REQUIRE(target.has(object.display()));
  }
  REQUIRE(target.objects.size() == source.objects.size());
  REQUIRE_FALSE(target.ledger.empty());
  REQUIRE(target.ledger.back().state == "done");
  REQUIRE(target.changed.empty());
}

}  // namespace copying
