// SPDX-License-Identifier: MIT
#include "support/catch.hpp"

#include <flytt/flow/bounded_queue.hpp>
#include <flytt/flow/worker_pool.hpp>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>

using flytt::base::Error;
using flytt::base::Exit;
using namespace flytt::flow;
using namespace std::chrono_literals;

namespace {

/// Waits until stop is requested.
void wait_for(const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any wake;
  std::unique_lock lock(mutex);
  wake.wait(lock, stop, [] { return false; });
}

}  // namespace

TEST_CASE("each worker runs once with its own index") {
  std::array<std::atomic<int>, 8> runs{};
  WorkerPool pool(8, [&](std::size_t index, std::stop_token) { ++runs[index]; });
  pool.join();
  pool.join();
  for (const auto& n : runs) CHECK(n == 1);
  CHECK_FALSE(pool.failure());
  CHECK_FALSE(pool.token().stop_requested());
}

TEST_CASE("a pool of nobody is done") {
  WorkerPool pool(0, [](std::size_t, std::stop_token) {});
  pool.join();
}

TEST_CASE("the first exception stops the others and comes out of join") {
  std::atomic<int> stopped{0};
  WorkerPool pool(4, [&](std::size_t index, std::stop_token stop) {
    if (index == 2) throw Error(Exit::data, "chunk 17 is corrupt");
    wait_for(stop);
    ++stopped;
    throw Error(Exit::temporary, "stopped on request");  // a consequence, not the cause
  });
  REQUIRE_ERROR(pool.join(), Exit::data, "chunk 17 is corrupt");
  CHECK(stopped == 3);
  CHECK(pool.token().stop_requested());
  CHECK(pool.failure());
}

TEST_CASE("an exception that is no Error of ours gets through as it is") {
  WorkerPool pool(2, [](std::size_t index, std::stop_token stop) {
    if (index == 0) throw std::bad_alloc();
    wait_for(stop);
  });
  CHECK_THROWS_AS(pool.join(), std::bad_alloc);
}

TEST_CASE("on_failure hears the first failure once, in time to free those who wait elsewhere") {
  BoundedQueue<int> queue(1);
  std::atomic<int> calls{0};
  WorkerPool pool(
      3,
      [&](std::size_t index, std::stop_token) {
        if (index == 0) throw Error(Exit::unavailable, "the server has gone");
        queue.pop();  // without a token: only the failure can free it
      },
      {},
      [&](std::exception_ptr why) {
        ++calls;
        queue.fail(why);
      });
  REQUIRE_ERROR(pool.join(), Exit::unavailable, "the server has gone");
  CHECK(calls == 1);
}

TEST_CASE("a stop from above reaches the workers, also one that came before") {
  std::stop_source parent;
  WorkerPool pool(3, [](std::size_t, std::stop_token stop) { wait_for(stop); }, parent.get_token());
  CHECK_FALSE(pool.token().stop_requested());
  parent.request_stop();
  pool.join();
  CHECK(pool.token().stop_requested());

  WorkerPool late(1, [](std::size_t, std::stop_token stop) { wait_for(stop); }, parent.get_token());
  late.join();
}

TEST_CASE("the end of a pool stops and waits for its workers, and not for its parent's other work") {
  std::stop_source parent;
  std::atomic<int> ended{0};
  {
    WorkerPool pool(
        3,
        [&](std::size_t, std::stop_token stop) {
          wait_for(stop);
          ++ended;
        },
        parent.get_token());
  }
  CHECK(ended == 3);
  CHECK_FALSE(parent.stop_requested());
}
