// Reading and loading rows on a real server: parts that adjoin, times, numbers and bytes that stay what they are, and the guards
// that keep a wrong load from being committed.
// SPDX-License-Identifier: MIT
#include <flytt/engine/mysql_family/catalog.hpp>
#include <flytt/engine/mysql_family/ledger.hpp>
#include <flytt/engine/mysql_family/reader.hpp>
#include <flytt/engine/mysql_family/row_loader.hpp>
#include <flytt/engine/mysql_family/writer.hpp>
#include <flytt/value/row_image.hpp>

#include "fixture.hpp"

using namespace flytt;
using namespace flytt::test;

namespace {

constexpr const char* kUuid = "00000000-0000-4000-8000-000000000001";

/// Keeps all that is read.
struct Kept final : engine::PayloadSink {
  void write(std::string_view bytes, std::uint64_t n) override {
    image.append(bytes);
    rows += n;
  }
  std::string image;
  std::uint64_t rows = 0;
};

value::Table table_named(Fixture& f, const std::string& database, const std::string& name) {
  const auto contents = family::read_contents(*f.c, f.server, scope_of({database}));
  for (const auto& t : contents.tables)
    if (t.name.table == name) return t;
  FAIL("no table " << name);
  return {};
}

Kept read_all(Fixture& f, const value::Table& table, const engine::KeyRange& range, std::uint64_t step = 4096) {
  const auto reader = family::make_reader(f.server);
  engine::ReadJob job;
  job.table = &table;
  job.range = range;
  reader->open(job);
  Kept out;
  while (!reader->read(out, step).done) {
  }
  return out;
}

void ledger_ready(Fixture& f) {
  value::Manifest manifest;
  manifest.uuid = kUuid;
  const auto ledger = family::make_ledger(f.server);
  if (ledger->find(kUuid)) ledger->forget(kUuid);
  ledger->begin(manifest);
}

std::string int_image(std::int32_t v) { return std::string(1, '\0') + std::string(reinterpret_cast<const char*>(&v), 4); }

}  // namespace

TEST_CASE("parts of a table adjoin, whatever its key") {
  Fixture f;
  const Scratch database(f, "rows_test");
  struct Case {
    const char* name;
    const char* definition;
    const char* value;
  };
  const std::vector<Case> cases{
      {"negative", "k INT NOT NULL", "n - 2000"},
      {"large", "k BIGINT UNSIGNED NOT NULL", "18446744073709551615 - n * 9999999"},
      {"sparse", "k BIGINT NOT NULL", "n * n * n * 1000003"},
      {"word", "k VARCHAR(40) CHARACTER SET latin1 COLLATE latin1_german1_ci NOT NULL", "CONCAT(CHAR(65 + n % 26), HEX(n * 7919))"},
      {"digest", "k BINARY(20) NOT NULL", "UNHEX(LEFT(SHA2(n, 256), 40))"},
      {"day", "k DATETIME(3) NOT NULL", "'1969-12-31 23:59:59.5' + INTERVAL n * 7 HOUR"},
      {"exact", "k DECIMAL(20,4) NOT NULL", "n * 1.0001 - 5000"},
  };
  f.run("CREATE TABLE rows_test.n (n INT PRIMARY KEY)");
  std::string values;
  for (int i = 0; i < 4000; ++i) values += (i == 0 ? "(" : ",(") + std::to_string(i) + ")";
  f.run("INSERT INTO rows_test.n VALUES " + values);
  for (const auto& c : cases) {
    INFO(c.name);
    f.run(std::string("CREATE TABLE rows_test.") + c.name + " (" + c.definition + ", pad VARCHAR(2000), PRIMARY KEY (k))");
    f.run(std::string("INSERT INTO rows_test.") + c.name + " SELECT " + c.value + ", REPEAT('x', 2000) FROM rows_test.n");
    f.c->query(std::string("ANALYZE TABLE rows_test.") + c.name);
    const auto table = table_named(f, "rows_test", c.name);
    REQUIRE(table.seekable);
    const Kept whole = read_all(f, table, {}, 1U << 30);
    REQUIRE(whole.rows == 4000);
    // Small steps, and the table cut in two where the server says: the same rows in the same order.
    CHECK(read_all(f, table, {}).image == whole.image);
    const auto middle = family::make_reader(f.server)->split(table, {});
    REQUIRE(middle);
    const Kept low = read_all(f, table, {.after = {}, .through = middle}), high = read_all(f, table, {.after = middle, .through = {}});
    CHECK(low.rows > 0);
    CHECK(high.rows > 0);
    CHECK((low.image + high.image) == whole.image);
  }
}

TEST_CASE("shortening a range in the middle of a step loses no row and doubles none") {
  Fixture f;
  const Scratch database(f, "rows_test");
  f.run("CREATE TABLE rows_test.t (k INT PRIMARY KEY, pad VARCHAR(2000))");
  std::string values;
  for (int i = 0; i < 12000; ++i) values += (i == 0 ? "(" : ",(") + std::to_string(i) + ", REPEAT('y', 1500))";
  f.run("INSERT INTO rows_test.t VALUES " + values);
  f.c->query("ANALYZE TABLE rows_test.t");
  const auto table = table_named(f, "rows_test", "t");
  const auto reader = family::make_reader(f.server);
  engine::ReadJob job;
  job.table = &table;
  reader->open(job);
  Kept first;
  const auto at = reader->read(first, 100'000);
  REQUIRE_FALSE(at.done);
  const auto cut = family::make_reader(f.server)->split(table, {.after = at.last_key, .through = {}});
  REQUIRE(cut);
  reader->shorten(*cut);
  while (!reader->read(first, 100'000).done) {
  }
  const Kept rest = read_all(f, table, {.after = cut, .through = {}});
  CHECK((first.image + rest.image) == read_all(f, table, {}).image);
}

TEST_CASE("a load is proved before it is committed") {
  Fixture f;
  const Scratch database(f, "rows_test");
  ledger_ready(f);
  f.run({"CREATE TABLE rows_test.t (k INT PRIMARY KEY)", "CREATE TABLE rows_test.narrow (k TINYINT PRIMARY KEY)",
         "CREATE TABLE rows_test.short (k INT PRIMARY KEY, t VARCHAR(3))"});
  const auto table = table_named(f, "rows_test", "t");
  const std::string image = int_image(1) + int_image(2) + int_image(3);

  SECTION("what is whole goes in, with its receipt") {
    const auto writer = family::make_writer(f.server);
    writer->begin(table);
    writer->write(image, 3);
    writer->commit(kUuid, {7, 0, 3});
    CHECK(f.one("SELECT COUNT(*) FROM rows_test.t") == "3");
    CHECK(family::make_ledger(f.server)->find(kUuid)->chunks.count(7) == 1);
  }
  SECTION("a chunk with another number of rows than it says does not") {
    const auto writer = family::make_writer(f.server);
    writer->begin(table);
    writer->write(image, 3);
    CHECK_THROWS_AS(writer->commit(kUuid, {7, 0, 4}), base::Error);
    writer->rollback();
    CHECK(f.one("SELECT COUNT(*) FROM rows_test.t") == "0");
    CHECK(family::make_ledger(f.server)->find(kUuid)->chunks.empty());
  }
  SECTION("a block with another number of rows than it says does not") {
    const auto writer = family::make_writer(f.server);
    writer->begin(table);
    CHECK_THROWS_AS(writer->write(image, 2), base::Error);
    writer->rollback();
    CHECK(f.one("SELECT COUNT(*) FROM rows_test.t") == "0");
  }
  SECTION("a row that is there already is an error, not skipped") {
    f.run("INSERT INTO rows_test.t VALUES (2)");
    const auto writer = family::make_writer(f.server);
    writer->begin(table);
    CHECK_THROWS_AS(writer->write(image, 3), base::Error);
    writer->rollback();
    CHECK(f.one("SELECT COUNT(*) FROM rows_test.t") == "1");
  }
  SECTION("a value that would be cut or bent to fit is an error") {
    auto narrow = table;
    narrow.name.table = "narrow";
    const auto writer = family::make_writer(f.server);
    writer->begin(narrow);
    CHECK_THROWS_AS(writer->write(int_image(1000), 1), base::Error);
    writer->rollback();
    const auto fits = table_named(f, "rows_test", "short");
    std::string row = int_image(1);
    row += std::string("\x04\0\0\0", 4) + "long";
    writer->begin(fits);
    CHECK_THROWS_AS(writer->write(row, 1), base::Error);
    writer->rollback();
    CHECK(f.one("SELECT COUNT(*) FROM rows_test.narrow") == "0");
    CHECK(f.one("SELECT COUNT(*) FROM rows_test.short") == "0");
  }
  SECTION("remarks about what the server computes are told from those about the rows") {
    value::Table priced;
    priced.columns.push_back({.name = "price"});
    CHECK(family::about_computed(priced, 1265, "Data truncated for column 'total' at row 1"));
    CHECK(family::about_computed(priced, 1292, "Truncated incorrect INTEGER value: 'x'"));
    CHECK(family::about_computed(priced, 1366, "Incorrect integer value: 'x' for column `shop`.`orders`.`total` at row 3"));
    CHECK_FALSE(family::about_computed(priced, 1265, "Data truncated for column 'price' at row 1"));
    CHECK_FALSE(family::about_computed(priced, 1366, "Incorrect decimal value: 'x' for column `shop`.`orders`.`price` at row 3"));
    CHECK_FALSE(family::about_computed(priced, 1262, "Row 1 was truncated; it contained more data than there were input columns"));
    CHECK_FALSE(family::about_computed(priced, 1062, "Duplicate entry '1' for key 'PRIMARY'"));
    CHECK_THROWS_AS(family::prove_loaded(*f.c, priced, family::Computed::columns, 2, 3, 0), base::Error);
  }
  SECTION("what the server took is counted, and what it said is heard") {
    CHECK_NOTHROW(family::prove_loaded(*f.c, {}, family::Computed::nothing, 3, 3, 0));
    CHECK_THROWS_AS(family::prove_loaded(*f.c, {}, family::Computed::nothing, 2, 3, 0), base::Error);
    f.c->query("SELECT CAST('12x' AS SIGNED)");
    CHECK_THROWS_AS(family::prove_loaded(*f.c, {}, family::Computed::nothing, 3, 3, 1), base::Error);
  }
}
