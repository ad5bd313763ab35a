// SPDX-License-Identifier: MIT
#include "support/catch.hpp"

#include <flytt/flow/token_bucket.hpp>

#include <atomic>
#include <limits>
#include <thread>
#include <vector>

using flytt::base::ManualClock;
using namespace flytt::flow;
using namespace std::chrono_literals;

TEST_CASE("a steady taker is held to the rate") {
  ManualClock clock;
  TokenBucket bucket(clock, 1000);
  for (int i = 0; i < 101; ++i) REQUIRE(bucket.take(100, {}));
  CHECK(clock.slept() == 10s);  // the first is free, each of a hundred pays for the one before
}

TEST_CASE("an amount above a second's worth goes through and is paid by the next") {
  ManualClock clock;
  TokenBucket bucket(clock, 10);
  CHECK(bucket.take(50, {}));
  CHECK(clock.slept() == 0s);
  CHECK(bucket.take(1, {}));
  CHECK(clock.slept() == 5s);
}

TEST_CASE("no more than a quarter of a second is saved up while idle") {
  ManualClock clock;
  TokenBucket bucket(clock, 1000);
  clock.advance(1h);
  std::uint64_t burst = 0;
  while (clock.slept() == 0s) {
    REQUIRE(bucket.take(10, {}));
    burst += 10;
  }
  CHECK(burst >= 250);
  CHECK(burst <= 270);  // what was saved, the one on credit, and the one that had to wait
}

TEST_CASE("no limit never waits, and the rate can change") {
  ManualClock clock;
  TokenBucket bucket(clock, 0);
  for (int i = 0; i < 100; ++i) CHECK(bucket.take(std::numeric_limits<std::uint64_t>::max(), {}));
  CHECK(clock.slept() == 0s);
  bucket.set_rate(10);
  CHECK(bucket.take(10, {}));
  CHECK(bucket.take(10, {}));
  CHECK(clock.slept() >= 750ms);
  CHECK(clock.slept() <= 1s);
}

TEST_CASE("absurd amounts do not overflow") {
  ManualClock clock;
  TokenBucket bucket(clock, 1);
  CHECK(bucket.take(std::numeric_limits<std::uint64_t>::max(), {}));
  std::stop_source stop;
  stop.request_stop();
  CHECK_FALSE(bucket.take(1, stop.get_token()));
  CHECK(bucket.take(1, {}));
  CHECK(clock.slept() > 24h);
}

TEST_CASE("several threads share one rate") {
  flytt::base::SystemClock clock;
  TokenBucket bucket(clock, 100000);
  const auto begin = clock.now();
  std::atomic<int> taken{0};
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&] {
        for (int i = 0; i < 25; ++i) taken += bucket.take(200, {}) ? 200 : 0;
      });
    }
  }
  CHECK(taken == 20000);
  CHECK(clock.now() - begin >= 190ms);  // 20,000 at 100,000 a second, the last on credit
}
