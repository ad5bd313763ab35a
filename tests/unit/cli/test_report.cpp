// JSON lines, colours and shown values: what scripts and people read.
// SPDX-License-Identifier: MIT
#include "support/catch.hpp"

#include <flytt/cli/report.hpp>
#include <flytt/cli/values.hpp>
#include <flytt/codec/json.hpp>

#include <cstdlib>

using namespace flytt;
using namespace std::chrono_literals;

TEST_CASE("a JSON line has its fixed head and its fields in order", "[cli]") {
  const std::chrono::system_clock::time_point when{};
  CHECK(cli::json_line("lag-wait", when, "result", {{"exit", 0}, {"text", "a\n\"b\""}, {"ratio", 0.5}, {"ok", true}}) ==
        R"({"v":1,"tool":"lag-wait","ts":"1970-01-01T00:00:00.000Z","event":"result","exit":0,"text":"a\n\"b\"","ratio":0.5,"ok":true})");
}

TEST_CASE("shown sizes and durations read back to the same", "[cli]") {
  for (const std::uint64_t size : {0ull, 1ull, 1000ull, 1024ull, 1536ull, 8ull << 20, 3ull << 30, 5ull << 40}) {
    INFO(cli::show_size(size));
    CHECK(base::parse_size(cli::show_size(size)).value == size);
  }
  for (const std::chrono::nanoseconds duration : {std::chrono::nanoseconds(0ns), std::chrono::nanoseconds(1ns),
                                                  std::chrono::nanoseconds(1500us), std::chrono::nanoseconds(90s),
                                                  std::chrono::nanoseconds(48h)}) {
    INFO(cli::show_duration(duration));
    CHECK(base::parse_duration(cli::show_duration(duration)) == duration);
  }
  CHECK(cli::show_size(8 << 20) == "8M");
  CHECK(cli::show_duration(10s) == "10s");
  CHECK(cli::show_duration(48h) == "2d");
}

TEST_CASE("switches are words, not anything", "[cli]") {
  CHECK(cli::parse_switch("Yes"));
  CHECK_FALSE(cli::parse_switch("off"));
  CHECK_THROWS_AS(cli::parse_switch("maybe"), base::Error);
}

TEST_CASE("colours are asked for, or not at all off a terminal", "[cli]") {
  CHECK(cli::colors_for(99, cli::ColorWhen::always));
  CHECK_FALSE(cli::colors_for(99, cli::ColorWhen::automatic));
  const cli::Console with(99, true);
  CHECK(with.painted(cli::Paint::red, "x") == "\x1b[31mx\x1b[0m");
  const cli::Console without(99, false);
  CHECK(without.painted(cli::Paint::red, "x") == "x");
}
