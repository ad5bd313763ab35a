// Reading a table in parts: whatever its key, however it is cut, every row comes once.
// SPDX-License-Identifier: MIT
#include "fixture.hpp"
#include "rows.hpp"

using namespace flytt;
using namespace flytt::test;

namespace {

constexpr int kRows = 4800;
constexpr std::uint64_t kStep = 140'001;      // no multiple of anything
constexpr std::uint64_t kPiece = 256 * 1024;  // a reader hands rows on in pieces of this size at most

struct Case {
  const char* table;
  const char* columns;
  std::string (*key)(int n);
};

/// Enough bytes to be worth a cut, and a number that makes each row another.
std::string padded(const Case& c, int n) { return c.key(n) + ", CONCAT('" + std::to_string(n) + "', REPEAT('x', 1900))"; }

const std::vector<Case>& cases() {
  static const std::vector<Case> all{
      {"negative", "k INT NOT NULL, pad VARCHAR(2000), PRIMARY KEY (k)", [](int n) { return std::to_string(n - kRows / 2); }},
      {"sparse", "k BIGINT NOT NULL, pad VARCHAR(2000), PRIMARY KEY (k)",
       [](int n) { return std::to_string(std::int64_t{n} * n * n * 50'000'007 - 3'000'000'000'000'000'000); }},
      {"word", "k VARCHAR(40) NOT NULL, pad VARCHAR(2000), PRIMARY KEY (k)",
       [](int n) { return "'" + std::string(1, static_cast<char>('A' + n % 26)) + std::to_string(1'000'000 + n * 7919) + (n % 2 == 0 ? "ä'" : "'''"); }},
      {"pair", "a VARCHAR(20) NOT NULL, b BIGINT NOT NULL, pad VARCHAR(2000), PRIMARY KEY (b, a)",
       [](int n) { return "'w" + std::to_string(n) + "', " + std::to_string(n / 100 - 7); }},
      {"keyless", "k INT, pad VARCHAR(2000)", [](int n) { return n % 3 == 0 ? std::string("NULL") : std::to_string(n % 5); }},
  };
  return all;
}

void fill(Fixture& f) {
  auto sql = f.sql();
  for (const auto& c : cases()) {
    sql.run(std::string("CREATE TABLE ") + c.table + " (" + c.columns + ")");
    sql.run(insert(c.table, kRows, [&](int n) { return padded(c, n); }));
    sql.run(f.words.analyze + c.table);
  }
  sql.run("CREATE TABLE nothing (k INT PRIMARY KEY, pad VARCHAR(2000))");
}

/// Cuts a range where the server says, and both halves again, down to `depth`; every part is read in odd steps.
void read_parts(engine::BulkReader& reader, const value::Table& table, const engine::KeyRange& range, int depth, std::vector<Kept>& parts) {
  const auto middle = depth == 0 ? std::nullopt : reader.split(table, range);
  if (!middle) {
    parts.push_back(read(reader, table, range, kStep));
    return;
  }
  read_parts(reader, table, {range.after, middle}, depth - 1, parts);
  read_parts(reader, table, {middle, range.through}, depth - 1, parts);
}

void check_parts(engine::BulkReader& reader, const value::Table& table, const std::multiset<std::string>& all) {
  std::vector<Kept> parts;
  read_parts(reader, table, {}, 3, parts);
  CHECK((parts.size() >= 2) == table.divisible());
  Kept together;
  for (const auto& part : parts) {
    CHECK(part.rows > 0);
    together.append(part);
  }
  CHECK(together.rows == kRows);
  CHECK((set_of(table, together) == all));
}

/// An idle worker takes half of what a busy one has left, which then stops at the cut.
void check_shortened(engine::BulkReader& busy, engine::BulkReader& idle, const value::Table& table, const std::multiset<std::string>& all) {
  engine::ReadJob job;
  job.table = &table;
  busy.open(job);
  Kept together;
  const auto at = busy.read(together, kStep);
  REQUIRE_FALSE(at.done);
  const auto cut = idle.split(table, {at.last_key, {}});
  REQUIRE(cut);
  busy.shorten(*cut);
  together.append(rest_of(busy, kStep));
  CHECK(together.rows < kRows);
  together.append(read(idle, table, {cut, {}}, kStep));
  CHECK((set_of(table, together) == all));

  // As close as it can be: the busy one has read just up to its new end.
  busy.open(job);
  Kept near;
  const auto last = busy.read(near, kStep).last_key;
  busy.shorten(last);
  CHECK(rest_of(busy, kStep).rows == 0);
  near.append(read(idle, table, {last, {}}, kStep));
  CHECK((set_of(table, near) == all));
}

/// Each call gives about what was asked for, and says truly what it gave; of a whole table the last one gives something, too.
void check_steps(engine::BulkReader& reader, const value::Table& table, bool whole, const std::multiset<std::string>& all) {
  engine::ReadJob job;
  job.table = &table;
  job.whole = whole;
  Kept left, together;
  reader.open(job);
  if (!whole) {
    CHECK_FALSE(reader.read(left, kStep).done);
    reader.open(job);  // and what was left in the middle is over
  }
  for (bool done = false; !done;) {
    Kept step;
    const auto progress = reader.read(step, kStep);
    done = progress.done;
    CHECK(progress.bytes == step.size);
    CHECK(progress.rows == step.rows);
    CHECK(step.size <= 2 * kStep + kPiece);
    if (!done) CHECK(step.size >= kStep / 4);
    if (whole) CHECK(step.rows > 0);
    together.append(step);
  }
  CHECK(together.rows == kRows);
  CHECK((set_of(table, together) == all));
}

void check_all(Fixture& f, engine::BulkReader& reader, engine::BulkReader& other, const engine::Contents& contents) {
  for (const auto& c : cases()) {
    INFO(c.table);
    const auto& table = table_in(contents, c.table);
    const auto all = set_of(table, read(reader, table));
    REQUIRE(all.size() == kRows);
    REQUIRE(std::set<std::string>(all.begin(), all.end()).size() == kRows);
    CHECK(reader.count_rows(table, {}) == kRows);
    CHECK(reader.count_rows(table, "pad LIKE '1%'") == std::stoull(f.sql().one(std::string("SELECT COUNT(*) FROM ") + c.table + " WHERE pad LIKE '1%'")));
    for (const bool whole : {false, true}) check_steps(reader, table, whole, all);
    check_parts(reader, table, all);
    if (table.divisible()) check_shortened(reader, other, table, all);
  }
  const auto& nothing = table_in(contents, "nothing");
  for (const bool whole : {false, true}) {
    engine::ReadJob job;
    job.table = &nothing;
    job.whole = whole;
    const Kept none = read(reader, job);
    CHECK(none.rows == 0);
    CHECK(none.size == 0);
  }
  CHECK_FALSE(reader.split(nothing, {}));
  CHECK(reader.count_rows(nothing, {}) == 0);
}

}  // namespace

TEST_CASE("the parts of a table are the table, for a copy's readers and for a comparison's") {
  Fixture f;
  fill(f);
  {
    INFO("a copy's");
    const auto server = f.server("flytt_dump");
    engine::SnapshotRequest request;
    request.scope = rows_only();
    request.jobs = 2;
    const auto snapshot = server->snapshot(request);
    check_all(f, snapshot->reader(0), snapshot->reader(1), snapshot->contents());
    snapshot->close();
  }
  INFO("a comparison's");
  const auto server = f.server("flytt_verify");
  const auto contents = server->catalog()->contents(scope());
  const auto one = server->reader(), other = server->reader();
  check_all(f, *one, *other, contents);
}
