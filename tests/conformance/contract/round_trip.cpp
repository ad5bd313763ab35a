// A small database is taken, removed, made again from the copy, and is the same: definitions, keys and rows.
// SPDX-License-Identifier: MIT
#include "copy.hpp"

using namespace flytt;
using namespace flytt::test;
using value::ObjectKind;

namespace {

constexpr const char* kRoundTripUuid = "00000000-0000-4000-8000-000000000030";

bool before_the_rows(const value::SchemaObject& object) {
  static const std::set<ObjectKind> kinds{ObjectKind::database, ObjectKind::sequence, ObjectKind::table, ObjectKind::definitions};
  return kinds.contains(object.kind);
}

/// Everything that a comparison looks at, as texts by name.
std::map<std::string, std::string> described(Fixture& f) {
  const auto server = f.server("flytt_verify");
  const auto catalog = server->catalog();
  const auto reader = server->reader();
  const auto contents = catalog->contents(scope());
  std::map<std::string, std::string> out;
  for (const auto& object : contents.objects) out[object.display()] += catalog->comparable(object);
  for (const auto& table : contents.tables) {
    auto& text = out["rows of " + table.name.display()];
    for (const auto& row : set_of(table, read(*reader, table))) text += row;
  }
  return out;
}

void make_shop(Fixture& f) {
  auto sql = f.sql();
  sql.run_all({"CREATE TABLE customers (id INT PRIMARY KEY, name VARCHAR(40) NOT NULL UNIQUE, note TEXT)",
           "CREATE TABLE orders (id BIGINT PRIMARY KEY, customer INT NOT NULL, amount DECIMAL(12,4), at TIMESTAMP NULL,"
           " FOREIGN KEY (customer) REFERENCES customers (id))",
           "CREATE INDEX by_customer ON orders (customer, at)", "CREATE TABLE log (line VARCHAR(100))",
           "CREATE VIEW totals AS SELECT customer, SUM(amount) AS total FROM orders GROUP BY customer"});
  sql.run(insert("customers", 50, [](int n) {
    const auto number = std::to_string(n);
    return number + ", 'Kunde Ø " + number + "', " + (n % 3 == 0 ? "NULL" : n % 3 == 1 ? "''" : "'tab\there'");
  }));
  sql.run(insert("orders", 500, [](int n) {
    return std::to_string(n * 7 - 1000) + ", " + std::to_string(n % 50) + ", " + std::to_string(n - 250) + ".0001, '2026-01-02 03:04:05'";
  }));
  sql.run(insert("log", 20, [](int n) { return "'same line " + std::to_string(n / 10) + "'"; }));
}

}  // namespace

TEST_CASE("a database that is made again from its copy is the same") {
  Fixture f;
  make_shop(f);
  const auto before = described(f);
  REQUIRE(before.size() >= 7);
  const auto copy = take_copy(f, kRoundTripUuid, scope());
  REQUIRE(copy.contents.refusals.empty());
  REQUIRE(copy.manifest.tables.size() == 3);
  f.sql().run_all(f.words.empty);

  const auto server = f.server("flytt_load");
  const auto target = server->target();
  target->ledger().begin(copy.manifest);
  const auto schema = target->schema_writer({});
  for (const auto& object : copy.contents.objects)
    if (before_the_rows(object)) schema->create(object);
  const auto writer = target->writer();
  std::uint32_t chunk = 0;
  for (const auto& table : copy.manifest.tables) {
    write_rows(*writer, copy, table.name.table);
    writer->commit(kRoundTripUuid, {chunk++, copy.object(table.name.table), copy.rows.at(table.name.table).rows});
  }
  for (const auto& object : copy.contents.objects)
    if (!before_the_rows(object)) schema->create(object);
  CHECK(f.server("flytt_load")->target()->ledger().find(kRoundTripUuid)->chunks.size() == 3);

  const auto after = described(f);
  for (const auto& [name, text] : before) {
    INFO(name);
    REQUIRE(after.contains(name));
    if (name.starts_with("rows of")) CHECK((after.at(name) == text));
    else CHECK(after.at(name) == text);
  }
  CHECK(after.size() == before.size());
}
