// Every key is read once, whatever the workers' number and pace, and whatever keys the server cuts at.
// SPDX-License-Identifier: MIT
#include <flytt/plan/chunk_pool.hpp>

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <random>
#include <thread>

#include "support/catch.hpp"

using namespace flytt;
using plan::ChunkPool;
using plan::Piece;

namespace {

constexpr std::uint64_t kRowBytes = 100;

/// A server with tables of integer keys 1..n, and nothing but comparisons.
struct Server {
  std::vector<std::uint64_t> rows;  ///< by table
  std::vector<bool> divisible;

  std::uint64_t first(const Piece& p) const { return p.range.after ? std::stoull(*p.range.after) + 1 : 1; }
  std::uint64_t last(const Piece& p) const { return p.range.through ? std::stoull(*p.range.through) : rows[p.table]; }
};

/// Reads through a pool and notes each key.
struct Reading {
  const Server& server;
  ChunkPool& pool;
  std::mutex mutex;
  std::vector<std::map<std::uint64_t, int>> seen;
  std::vector<std::pair<std::uint32_t, std::size_t>> ends;  ///< tables that are finished, and how many keys had been seen then
  std::atomic<int> pieces{0};

  Reading(const Server& s, ChunkPool& p) : server(s), pool(p), seen(s.rows.size()) {}

  void note(std::uint32_t table, std::uint64_t from, std::uint64_t to) {
    const std::lock_guard lock(mutex);
    for (auto key = from; key <= to; ++key) ++seen[table][key];
  }

  void end(std::uint32_t table) {
    const std::lock_guard lock(mutex);
    ends.push_back({table, seen[table].size()});
  }

  void work(unsigned worker, unsigned seed) {
    std::mt19937 random(seed);
    const auto split = [&](const Piece& rest) -> std::optional<std::string> {
      const auto from = server.first(rest), to = server.last(rest);
      if (from >= to || random() % 10 == 0) return std::nullopt;
      return std::to_string(from + random() % (to - from));
    };
    while (auto piece = pool.take(worker, split)) {
      ++pieces;
      std::optional<std::string> last;
      std::uint64_t bytes = 0;
      for (auto at = server.first(*piece); at <= server.last(*piece);) {
        if (piece->divisible) {
          if (const auto cut = pool.at_rest(worker, last, bytes)) piece->range.through = *cut;
          if (at > server.last(*piece)) break;
        }
        const auto to = std::min(server.last(*piece), at + random() % 20);
        note(piece->table, at, to);
        bytes += (to - at + 1) * kRowBytes;
        last = std::to_string(to);
        at = to + 1;
        if (random() % 4 == 0) std::this_thread::yield();
      }
      if (const auto whole = pool.finished(worker)) end(*whole);
    }
  }
};

std::vector<plan::TableWork> work_of(const Server& server, std::mt19937& random) {
  std::vector<plan::TableWork> work;
  for (std::uint32_t t = 0; t < server.rows.size(); ++t)
    work.push_back({t, server.rows[t] * kRowBytes * (random() % 3), server.divisible[t]});  // estimates may be far off
  return work;
}

}  // namespace

TEST_CASE("pieces partition every table, with any number of threads") {
  for (unsigned round = 0; round < 60; ++round) {
    std::mt19937 random(round);
    Server server;
    for (unsigned t = 0; t < 1 + round % 5; ++t) {
      server.rows.push_back(random() % 3000);
      server.divisible.push_back(random() % 4 != 0);
    }
    const unsigned workers = 1 + round % 7;
    ChunkPool pool(work_of(server, random), workers, 5 * kRowBytes);
    Reading reading(server, pool);
    std::vector<std::thread> threads;
    for (unsigned w = 0; w < workers; ++w) threads.emplace_back([&, w] { reading.work(w, round * 100 + w); });
    for (auto& thread : threads) thread.join();
    REQUIRE(reading.ends.size() == server.rows.size());
    for (std::size_t t = 0; t < server.rows.size(); ++t) {
      CAPTURE(round, t);
      REQUIRE(reading.seen[t].size() == server.rows[t]);
      // Its end is told once, and not before its last key.
      REQUIRE(std::count(reading.ends.begin(), reading.ends.end(), std::pair(static_cast<std::uint32_t>(t), reading.seen[t].size())) == 1);
      REQUIRE(std::all_of(reading.seen[t].begin(), reading.seen[t].end(), [](const auto& k) { return k.second == 1; }));
    }
  }
}

TEST_CASE("one large table is shared by all workers") {
  std::mt19937 random(1);
  const Server server{{200000}, {true}};
  ChunkPool pool({{0, 200000 * kRowBytes, true}}, 4, 1000 * kRowBytes);
  Reading reading(server, pool);
  std::vector<std::thread> threads;
  for (unsigned w = 0; w < 4; ++w) threads.emplace_back([&, w] { reading.work(w, w); });
  for (auto& thread : threads) thread.join();
  REQUIRE(reading.seen[0].size() == 200000);
  REQUIRE(reading.pieces >= 4);
}

TEST_CASE("the largest table comes first") {
  ChunkPool pool({{0, 10, false}, {1, 30, false}, {2, 20, false}}, 1, 1);
  const ChunkPool::Split none = [](const Piece&) { return std::nullopt; };
  REQUIRE(pool.take(0, none)->table == 1);
  REQUIRE(pool.take(0, none)->table == 2);
  REQUIRE(pool.take(0, none)->table == 0);
  REQUIRE_FALSE(pool.take(0, none));
}

TEST_CASE("a cut shortens the victim and gives the rest to the thief") {
  ChunkPool pool({{7, 1000, true}}, 2, 10);
  const ChunkPool::Split half = [](const Piece& rest) {
    CHECK(rest.table == 7);
    CHECK(rest.range.after == std::optional<std::string>("m"));
    return std::optional<std::string>("t");
  };
  REQUIRE(pool.take(0, half));
  std::optional<Piece> stolen;
  std::thread thief([&] { stolen = pool.take(1, half); });
  std::optional<std::string> cut;
  while (!cut) cut = pool.at_rest(0, "m", 100);
  thief.join();
  REQUIRE(*cut == "t");
  REQUIRE(stolen);
  REQUIRE(stolen->range.after == cut);
  REQUIRE_FALSE(stolen->range.through);
}

TEST_CASE("a split that throws comes out of the thief and frees the victim") {
  ChunkPool pool({{0, 1000, true}}, 2, 10);
  const ChunkPool::Split broken = [](const Piece&) -> std::optional<std::string> {
    throw base::Error(base::Exit::unavailable, "connection lost");
  };
  REQUIRE(pool.take(0, broken));
  bool thrown = false;
  std::atomic<bool> over{false};
  std::thread thief([&] {
    try {
      pool.take(1, broken);
    } catch (const base::Error&) {
      thrown = true;
    }
    over = true;
  });
  while (!over) CHECK_FALSE(pool.at_rest(0, "a", 1));
  thief.join();
  REQUIRE(thrown);
}

TEST_CASE("stop wakes who waits") {
  ChunkPool pool({{0, 1000, true}}, 2, 10);
  const ChunkPool::Split none = [](const Piece&) { return std::nullopt; };
  REQUIRE(pool.take(0, none));
  std::thread waiting([&] { CHECK_FALSE(pool.take(1, none)); });
  pool.stop();
  waiting.join();
  REQUIRE_FALSE(pool.take(0, none));
}
