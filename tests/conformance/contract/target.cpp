// The target says what is in the way, and a chunk is in whole, with its receipt, or not at all.
// SPDX-License-Identifier: MIT
#include "copy.hpp"

using namespace flytt;
using namespace flytt::test;

namespace {

constexpr const char* kTargetUuid = "00000000-0000-4000-8000-000000000010";

std::set<std::string> blocking(const std::vector<engine::Finding>& findings) {
  std::set<std::string> out;
  for (const auto& finding : findings)
    if (finding.blocks) out.insert(finding.code);
  return out;
}

/// A target that a copy of table t (keyless, three rows) was begun on, and which has the table, empty.
struct Loading {
  explicit Loading(Fixture& fixture) : f(fixture) {
    f.sql().run_all({"CREATE TABLE t (k INT, w VARCHAR(20))", "INSERT INTO t VALUES (1, 'one'), (2, 'zwei'), (NULL, '')"});
    copy = take_copy(f, kTargetUuid, rows_only());
    f.sql().run("TRUNCATE TABLE t");
    server = f.server("flytt_load");
    target = server->target();
    target->ledger().begin(copy.manifest);
  }
  std::string rows() { return f.sql().one("SELECT COUNT(*) FROM t"); }
  std::set<std::uint32_t> chunks() { return f.server("flytt_load")->target()->ledger().find(kTargetUuid)->chunks; }
  engine::ChunkReceipt receipt(std::uint32_t chunk, std::uint64_t n) { return {chunk, copy.object("t"), n}; }

  Fixture& f;
  Copy copy;
  ServerPtr server;
  std::unique_ptr<engine::Target> target;
};

}  // namespace

TEST_CASE("what is already on the target stands in the way, unless it may be dropped, and nothing is changed by asking") {
  Fixture f;
  f.sql().run_all({"CREATE TABLE t (k INT PRIMARY KEY)", "INSERT INTO t VALUES (1)"});
  const auto copy = take_copy(f, kTargetUuid, scope());
  const auto server = f.server("flytt_load");
  const auto target = server->target();
  engine::LoadRequest request;
  const auto full = blocking(target->preflight(copy.manifest, request));
  CHECK(full.contains("target-not-empty"));
  CHECK(full.contains("same-server"));
  CHECK_FALSE(target->existing(copy.manifest).empty());
  request.if_exists = engine::IfExists::drop;
  CHECK_FALSE(blocking(target->preflight(copy.manifest, request)).contains("target-not-empty"));
  CHECK(f.sql().one("SELECT COUNT(*) FROM t") == "1");
  CHECK_FALSE(target->ledger().find(kTargetUuid));

  f.sql().run("DROP TABLE t");
  request.if_exists = engine::IfExists::fail;
  CHECK_FALSE(blocking(target->preflight(copy.manifest, request)).contains("target-not-empty"));
  CHECK(target->existing(copy.manifest).empty());
}

TEST_CASE("every finding says what it is about and what to do") {
  Fixture f;
  f.sql().run("CREATE TABLE t (k INT PRIMARY KEY)");
  auto copy = take_copy(f, kTargetUuid, scope());
  copy.manifest.source.version_number += 90000;  // the future
  const auto server = f.server("flytt_load");
  const auto findings = server->target()->preflight(copy.manifest, {});
  CHECK(blocking(findings).contains("version-older"));
  for (const auto& finding : findings) {
    INFO(finding.code);
    CHECK_FALSE(finding.object.empty());
    CHECK_FALSE(finding.message.empty());
    CHECK_FALSE(finding.remedy.empty());
  }
}

TEST_CASE("a chunk goes in with its receipt, and a later load knows it") {
  Fixture f;
  Loading load(f);
  const auto writer = load.target->writer();
  write_rows(*writer, load.copy, "t");
  CHECK(load.rows() == "0");  // nobody sees it before it is whole
  writer->commit(kTargetUuid, load.receipt(7, 3));
  CHECK(load.rows() == "3");
  CHECK(load.chunks() == std::set<std::uint32_t>{7});
  CHECK(f.sql().one("SELECT COUNT(*) FROM t WHERE k IS NULL AND w = ''") == "1");
}

TEST_CASE("a chunk that is in does not go in a second time") {
  Fixture f;
  Loading load(f);
  for (int i = 0; i < 2; ++i) {
    const auto server = f.server("flytt_load");
    const auto target = server->target();
    const auto writer = target->writer();
    write_rows(*writer, load.copy, "t");
    writer->commit(kTargetUuid, load.receipt(7, 3));
  }
  CHECK(load.rows() == "3");
  CHECK(load.chunks() == std::set<std::uint32_t>{7});
}

TEST_CASE("a chunk of which not every row is proved leaves nothing behind") {
  Fixture f;
  Loading load(f);
  const auto writer = load.target->writer();
  for (const std::uint64_t wrong : {0U, 2U, 4U}) {
    INFO(wrong);
    const auto error = error_of([&] {
      write_rows(*writer, load.copy, "t");
      writer->commit(kTargetUuid, load.receipt(8, wrong));
    });
    CHECK(error.code() == Exit::data);
    writer->rollback();
    CHECK(load.rows() == "0");
    CHECK(load.chunks().empty());
  }
  write_rows(*writer, load.copy, "t");  // the writer can go on
  writer->commit(kTargetUuid, load.receipt(8, 3));
  CHECK(load.rows() == "3");
}

TEST_CASE("what was written and not committed is gone, by rollback and by a writer's end") {
  Fixture f;
  Loading load(f);
  auto writer = load.target->writer();
  write_rows(*writer, load.copy, "t");
  writer->rollback();
  CHECK(load.rows() == "0");
  write_rows(*writer, load.copy, "t");
  writer.reset();
  CHECK(load.rows() == "0");
  CHECK(load.chunks().empty());
}

TEST_CASE("a value that the column does not hold is an error, never bent to fit") {
  Fixture f;
  Loading load(f);
  f.sql().run_all({"DROP TABLE t", "CREATE TABLE t (k INT, w VARCHAR(3))"});
  const auto writer = load.target->writer();
  const auto error = error_of([&] {
    write_rows(*writer, load.copy, "t");
    writer->commit(kTargetUuid, load.receipt(9, 3));
  });
  CHECK_FALSE(error.text().empty());
  writer->rollback();
  CHECK(load.rows() == "0");
  CHECK(load.chunks().empty());
}

TEST_CASE("bytes that are no rows are an error") {
  Fixture f;
  Loading load(f);
  auto cut = load.copy;
  auto& pieces = cut.rows.at("t").pieces;
  pieces.back().first.pop_back();
  const auto writer = load.target->writer();
  const auto error = error_of([&] {
    write_rows(*writer, cut, "t");
    writer->commit(kTargetUuid, load.receipt(9, 3));
  });
  CHECK(error.code() == Exit::data);
  writer->rollback();
  CHECK(load.rows() == "0");
}

TEST_CASE("where a table may be loaded as a whole, its chunks are in together or not at all") {
  Fixture f;
  Loading load(f);
  const auto writer = load.target->writer();
  const auto& table = load.copy.table("t");
  if (!load.target->whole_tables()) {
    CHECK_FALSE(writer->begin_table(kTargetUuid, load.copy.object("t"), table));
    return;
  }
  REQUIRE(writer->begin_table(kTargetUuid, load.copy.object("t"), table));
  for (std::uint32_t chunk : {1U, 2U}) {
    write_rows(*writer, load.copy, "t");
    writer->commit(kTargetUuid, load.receipt(chunk, 3));
    CHECK(load.chunks().empty());
  }
  writer->rollback();
  CHECK(load.rows() == "0");
  CHECK(load.chunks().empty());

  REQUIRE(writer->begin_table(kTargetUuid, load.copy.object("t"), table));
  for (std::uint32_t chunk : {1U, 2U}) {
    write_rows(*writer, load.copy, "t");
    writer->commit(kTargetUuid, load.receipt(chunk, 3));
  }
  writer->commit_table();
  CHECK(load.rows() == "6");
  CHECK(load.chunks() == std::set<std::uint32_t>{1, 2});
  write_rows(*writer, load.copy, "t");  // and chunks go on
  writer->commit(kTargetUuid, load.receipt(3, 3));
  CHECK(load.rows() == "9");
}

TEST_CASE("a table that is loaded as a whole is given up where the server refuses it, not at its end") {
  Fixture f;
  Loading load(f);
  const auto writer = load.target->writer();
  if (!load.target->whole_tables()) return;
  f.sql().run("ALTER TABLE t ADD CONSTRAINT positive CHECK (k <> 1)");
  REQUIRE(writer->begin_table(kTargetUuid, load.copy.object("t"), load.copy.table("t")));
  std::uint32_t chunk = 0;
  // The server says so while more rows come; how many depends on what fits in between.
  const auto error = error_of([&] {
    for (; chunk < 1'000'000; ++chunk) {
      write_rows(*writer, load.copy, "t");
      writer->commit(kTargetUuid, load.receipt(chunk, 3));
    }
  });
  CHECK(chunk < 1'000'000);
  CHECK(error.text().find("positive") != std::string::npos);
  writer->rollback();
  CHECK(load.rows() == "0");
  CHECK(load.chunks().empty());
}

TEST_CASE("a table that is loaded as a whole may have more chunks than are noted at once, and some without a row") {
  Fixture f;
  Loading load(f);
  const auto writer = load.target->writer();
  if (!load.target->whole_tables()) return;
  constexpr std::uint32_t kChunks = 2500;
  REQUIRE(writer->begin_table(kTargetUuid, load.copy.object("t"), load.copy.table("t")));
  for (std::uint32_t chunk = 0; chunk < kChunks; ++chunk) {
    if (chunk % 2 != 0) write_rows(*writer, load.copy, "t");
    else writer->begin(load.copy.table("t"));
    writer->commit(kTargetUuid, load.receipt(chunk, chunk % 2 != 0 ? 3 : 0));
  }
  CHECK(load.chunks().empty());
  writer->commit_table();
  CHECK(load.rows() == std::to_string(3 * kChunks / 2));
  CHECK(load.chunks().size() == kChunks);
}

TEST_CASE("a table that has rows, or of which the ledger has a receipt, is never begun as a whole") {
  Fixture f;
  Loading load(f);
  const auto writer = load.target->writer();
  f.sql().run("INSERT INTO t VALUES (4, 'vier')");
  CHECK_FALSE(writer->begin_table(kTargetUuid, load.copy.object("t"), load.copy.table("t")));
  CHECK(load.rows() == "1");
  write_rows(*writer, load.copy, "t");
  writer->commit(kTargetUuid, load.receipt(1, 3));
  CHECK(load.rows() == "4");
  f.sql().run("DELETE FROM t");
  CHECK_FALSE(writer->begin_table(kTargetUuid, load.copy.object("t"), load.copy.table("t")));
}
