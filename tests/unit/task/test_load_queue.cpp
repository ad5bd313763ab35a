// Who is given which chunk.
// SPDX-License-Identifier: MIT
#include <flytt/task/load_queue.hpp>

#include <future>
#include <stdexcept>
#include <string>
#include <thread>

#include "support/catch.hpp"

using flytt::task::LoadQueue;
using Way = LoadQueue::Way;

namespace {

flytt::wire::Chunk chunk_of(std::uint32_t table, std::uint32_t number, std::uint64_t bytes = 1) {
  flytt::wire::Chunk out;
  out.object = table;
  out.number = number;
  out.encoded_bytes = bytes;
  return out;
}

/// "first 0.3": the way, the table, the chunk.
std::string show(const std::optional<LoadQueue::Work>& work) {
  if (!work) return "none";
  static constexpr const char* kWays[] = {"apart", "first", "next", "over"};
  std::string out = std::string(kWays[static_cast<int>(work->way)]) + " " + std::to_string(work->table);
  if (work->chunk) out += "." + std::to_string(work->chunk->number);
  return out;
}

struct Queue {
  LoadQueue queue;
  std::stop_source stop;

  Queue(std::vector<bool> may_be_whole, unsigned workers, std::uint64_t most = 1000) : queue(std::move(may_be_whole), workers, most) {}
  void push(std::uint32_t table, std::uint32_t number) { REQUIRE(queue.push(chunk_of(table, number), stop.get_token())); }
  std::string take(unsigned worker) { return show(queue.take(worker, stop.get_token())); }
};

}  // namespace

TEST_CASE("chunks of tables that may not be whole go to anybody, in their order") {
  Queue q({false, false}, 2);
  for (std::uint32_t i = 0; i < 4; ++i) q.push(i % 2, i);
  q.queue.end_table(0);
  q.queue.close();
  CHECK(q.take(1) == "apart 0.0");
  CHECK(q.take(0) == "apart 1.1");
  CHECK(q.take(0) == "apart 0.2");
  CHECK(q.take(1) == "apart 1.3");
  CHECK(q.take(0) == "none");
  CHECK(q.take(1) == "none");
}

TEST_CASE("a whole table is one worker's, to its end") {
  Queue q({true, true}, 2);
  q.push(0, 0);
  q.push(0, 1);
  q.push(1, 2);
  q.push(0, 3);
  q.push(1, 4);
  CHECK(q.take(0) == "first 0.0");
  CHECK(q.take(1) == "first 1.2");
  CHECK(q.take(1) == "next 1.4");
  CHECK(q.take(0) == "next 0.1");
  q.queue.end_table(0);
  CHECK(q.take(0) == "next 0.3");
  CHECK(q.take(0) == "over 0");
  q.queue.end_table(1);
  CHECK(q.take(1) == "over 1");
  q.queue.close();
  CHECK(q.take(0) == "none");
}

TEST_CASE("a stream that does not say where a table ends says where it ends itself") {
  Queue q({true}, 1);
  q.push(0, 0);
  q.queue.close();
  CHECK(q.take(0) == "first 0.0");
  CHECK(q.take(0) == "over 0");
  CHECK(q.take(0) == "none");
}

TEST_CASE("what is one's own goes before what is anybody's") {
  Queue q({true, false}, 1);
  q.push(0, 0);
  q.push(1, 1);
  q.push(0, 2);
  CHECK(q.take(0) == "first 0.0");
  CHECK(q.take(0) == "next 0.2");
  CHECK(q.take(0) == "apart 1.1");
}

TEST_CASE("a table waits for a worker that has none, and is loaded by chunks when all have one") {
  Queue q({true, true, true}, 2);
  q.push(0, 0);
  CHECK(q.take(0) == "first 0.0");
  q.push(1, 1);
  auto waiting = std::async(std::launch::async, [&] { return q.take(0); });  // leaves table 1 to worker 1
  CHECK(q.take(1) == "first 1.1");
  q.push(2, 2);  // now nobody is without
  CHECK(waiting.get() == "apart 2.2");
  q.push(2, 3);
  CHECK(q.take(1) == "apart 2.3");
}

TEST_CASE("a table that turns out not to be loadable as a whole goes to anybody") {
  Queue q({true}, 2);
  q.push(0, 0);
  q.push(0, 1);
  q.push(0, 2);
  CHECK(q.take(0) == "first 0.0");
  auto other = std::async(std::launch::async, [&] { return q.take(1); });
  q.queue.apart(0);
  CHECK(other.get() == "apart 0.1");
  CHECK(q.take(0) == "apart 0.2");
  q.queue.end_table(0);
  q.queue.close();
  CHECK(q.take(0) == "none");
  CHECK(q.take(1) == "none");
}

TEST_CASE("more tables at a time than workers, and room for one chunk: no order stops the load") {
  Queue q({true, true, true, true}, 2, 1);
  auto feeding = std::async(std::launch::async, [&] {
    for (std::uint32_t i = 0; i < 400; ++i)
      if (!q.queue.push(chunk_of(i % 4, i), {})) return false;
    for (std::uint32_t table = 0; table < 4; ++table) q.queue.end_table(table);
    q.queue.close();
    return true;
  });
  const auto work = [&](unsigned worker) {
    unsigned chunks = 0;
    while (const auto given = q.queue.take(worker, q.stop.get_token())) chunks += given->chunk ? 1 : 0;
    return chunks;
  };
  auto other = std::async(std::launch::async, work, 1);
  const unsigned mine = work(0);
  CHECK(mine + other.get() == 400);
  CHECK(feeding.get());
}

TEST_CASE("room is bounded by bytes; a chunk larger than all of it goes in alone") {
  Queue q({false}, 1, 10);
  REQUIRE(q.queue.push(chunk_of(0, 0, 100), {}));
  auto second = std::async(std::launch::async, [&] { return q.queue.push(chunk_of(0, 1, 10), q.stop.get_token()); });
  CHECK(q.take(0) == "apart 0.0");
  CHECK(second.get());
  auto third = std::async(std::launch::async, [&] { return q.queue.push(chunk_of(0, 2, 1), q.stop.get_token()); });
  q.stop.request_stop();
  CHECK_FALSE(third.get());
}

TEST_CASE("a failure ends both sides") {
  Queue q({true}, 2);
  q.push(0, 0);
  CHECK(q.take(0) == "first 0.0");
  auto waiting = std::async(std::launch::async, [&] { return q.take(1); });
  q.queue.fail(std::make_exception_ptr(std::runtime_error("first")));
  q.queue.fail(std::make_exception_ptr(std::runtime_error("second")));
  CHECK_THROWS_WITH(waiting.get(), "first");
  CHECK_THROWS_WITH(q.queue.push(chunk_of(0, 1), {}), "first");
}
