// SPDX-License-Identifier: MIT
#include "support/catch.hpp"

#include <flytt/base/clock.hpp>
#include <flytt/base/context.hpp>

#include <thread>

using namespace flytt::base;
using namespace std::chrono_literals;

TEST_CASE("iso8601_utc writes milliseconds, also before 1970") {
  using namespace std::chrono;
  const auto day = sys_days(2024y / February / 29);
  CHECK(iso8601_utc(day + 23h + 59min + 58s + 123ms) == "2024-02-29T23:59:58.123Z");
  CHECK(iso8601_utc(day) == "2024-02-29T00:00:00.000Z");
  CHECK(iso8601_utc(sys_days(1969y / December / 31) + 23h + 59min + 59s + 999ms) == "1969-12-31T23:59:59.999Z");
}

TEST_CASE("the real clock sleeps, and wakes for a stop") {
  SystemClock clock;
  const auto before = clock.now();
  CHECK(clock.sleep_for(20ms, {}));
  CHECK(clock.now() - before >= 20ms);
  CHECK(clock.sleep_for(0ms, {}));

  std::stop_source stop;
  std::jthread stopper([&] {
    std::this_thread::sleep_for(20ms);
    stop.request_stop();
  });
  CHECK_FALSE(clock.sleep_for(std::chrono::nanoseconds::max(), stop.get_token()));
  CHECK(clock.now() - before < 30min);
  CHECK_FALSE(clock.sleep_for(1h, stop.get_token()));
}

TEST_CASE("the manual clock moves by sleeping and by hand only") {
  ManualClock clock;
  const auto start = clock.now();
  const auto wall = clock.wall();
  CHECK(clock.now() == start);
  CHECK(clock.sleep_for(1h, {}));
  clock.advance(1min);
  CHECK(clock.now() - start == 61min);
  CHECK(clock.wall() - wall == 61min);
  CHECK(clock.slept() == 1h);
  std::stop_source stop;
  stop.request_stop();
  CHECK_FALSE(clock.sleep_for(1h, stop.get_token()));
  CHECK(clock.now() - start == 61min);
}

TEST_CASE("a context throws when it is to stop") {
  ManualClock clock;
  NullLog log;
  std::stop_source stop;
  const Context context{clock, log, {}};
  const Context stoppable = context.with_stop(stop.get_token());
  stoppable.check_stop();
  stop.request_stop();
  context.check_stop();
  REQUIRE_ERROR(stoppable.check_stop(), Exit::temporary, "stopped on request");
}
