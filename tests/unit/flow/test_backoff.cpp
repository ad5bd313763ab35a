// SPDX-License-Identifier: MIT
#include "support/catch.hpp"

#include <flytt/flow/backoff.hpp>

using namespace flytt::flow;
using namespace std::chrono_literals;

TEST_CASE("waits double up to the most, less at most a quarter") {
  Backoff backoff(100ms, 1s, 1);
  for (const auto full : {100ms, 200ms, 400ms, 800ms, 1000ms, 1000ms, 1000ms}) {
    const auto wait = backoff.next();
    CHECK(wait <= full);
    CHECK(wait >= full * 3 / 4);
  }
  CHECK(backoff.failures() == 7);
  backoff.reset();
  CHECK(backoff.failures() == 0);
  CHECK(backoff.next() <= 100ms);
}

TEST_CASE("chance makes two differ") {
  Backoff a(1s, 1s, 1);
  Backoff b(1s, 1s, 2);
  CHECK(a.next() != b.next());
}

TEST_CASE("very long waits do not overflow") {
  Backoff backoff(std::chrono::nanoseconds::max() / 3, std::chrono::nanoseconds::max(), 1);
  for (int i = 0; i < 5; ++i) CHECK(backoff.next() > 0ns);
}

TEST_CASE("wait sleeps on the clock and ends with the stop") {
  flytt::base::ManualClock clock;
  Backoff backoff(1s, 8s, 1);
  CHECK(backoff.wait(clock, {}));
  CHECK(clock.slept() >= 750ms);
  CHECK(clock.slept() <= 1s);
  std::stop_source stop;
  stop.request_stop();
  CHECK_FALSE(backoff.wait(clock, stop.get_token()));
}
