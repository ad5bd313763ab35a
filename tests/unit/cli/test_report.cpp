// JSON lines, colours and shown values: what scripts and people read.
// SPDX-License-Identifier: MIT
#include "support/catch.hpp"

#include <flytt/cli/report.hpp>
#include <flytt/cli/values.hpp>
#include <flytt/codec/json.hpp>
#include <flytt/os/fd.hpp>

#include <cstdlib>

#include <fcntl.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

using namespace flytt;
using namespace std::chrono_literals;

namespace {

/// What a console writes.
template <class Use>
std::string shown(bool colors, Use use) {
  auto pipe = os::make_pipe();
  cli::Console console(pipe.write_end.get(), colors);
  use(console);
  pipe.write_end.reset();
  char bytes[4096];
  return std::string(bytes, os::read_full(pipe.read_end.get(), bytes, sizeof bytes));
}

/// What a person sees on a terminal of so many columns.
template <class Use>
std::string on_terminal(unsigned short columns, Use use) {
  const os::UniqueFd person(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC));
  REQUIRE(::grantpt(person.get()) == 0);
  REQUIRE(::unlockpt(person.get()) == 0);
  char name[128];
  REQUIRE(::ptsname_r(person.get(), name, sizeof name) == 0);
  const os::UniqueFd side(::open(name, O_RDWR | O_NOCTTY | O_CLOEXEC));
  winsize size{};
  size.ws_row = 24, size.ws_col = columns;
  REQUIRE(::ioctl(side.get(), TIOCSWINSZ, &size) == 0);
  termios raw{};
  REQUIRE(::tcgetattr(side.get(), &raw) == 0);
  ::cfmakeraw(&raw);
  REQUIRE(::tcsetattr(side.get(), TCSANOW, &raw) == 0);
  cli::Console console(side.get());
  use(console, side.get());
  os::write_full(side.get(), "$");  // what is written comes out in one piece, and in order
  std::string seen;
  while (seen.find('$') == std::string::npos) {
    char piece[4096];
    const auto got = ::read(person.get(), piece, sizeof piece);
    REQUIRE(got > 0);
    seen.append(piece, static_cast<std::size_t>(got));
  }
  return seen.substr(0, seen.find('$'));
}

}  // namespace

TEST_CASE("as much of a text as fits into a row", "[cli]") {
  CHECK(cli::fitting("abc", 3) == "abc");
  CHECK(cli::fitting("abcd", 3) == "abc");
  CHECK(cli::fitting("\xc3\xa9\xc3\xa9x", 2) == "\xc3\xa9\xc3\xa9");
  CHECK(cli::fitting("a\xe4\xb8\xad" "b", 2) == "a");  // a wide character does not fit by half
  CHECK(cli::fitting("a", 0).empty());
}

TEST_CASE("progress stays in its row and out of the lines of the answer", "[cli]") {
  const std::string long_text(100, 'x');
  CHECK(on_terminal(40, [&](cli::Console& c, int) { c.progress(long_text); }) == "\r\x1b[K" + std::string(39, 'x'));
  CHECK(on_terminal(80, [](cli::Console& c, int fd) {
          c.progress("half");
          c.beside([&] { os::write_full(fd, "equal\n"); });
          c.beside([&] { os::write_full(fd, "equal\n"); });
          c.progress("all");
          c.progress("");
        }) == "\r\x1b[Khalf\r\x1b[Kequal\nequal\n\r\x1b[Kall\r\x1b[K");
}

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
  CHECK(shown(true, [](cli::Console& c) { c.line({{cli::Paint::none, "a: "}, {cli::Paint::red, "x"}}); }) == "a: \x1b[31mx\x1b[0m\n");
  CHECK(shown(false, [](cli::Console& c) { c.line({{cli::Paint::none, "a: "}, {cli::Paint::red, "x"}}); }) == "a: x\n");
}

TEST_CASE("text from outside neither ends a line nor moves the cursor", "[cli]") {
  constexpr std::string_view kHostile = "a\x1b[2J\r\nb\x7f\xc2\x9b" "1m\xe2\x80\xae\xe2\x81\xa6\xe2\x80\xa8\xff\xc3\xa9";
  constexpr std::string_view kShown = "a\\x1b[2J\\r\\nb\\x7f\\xc2\\x9b1m\\xe2\\x80\\xae\\xe2\\x81\\xa6\\xe2\\x80\\xa8\\xff\xc3\xa9";
  CHECK(shown(false, [&](cli::Console& c) { c.line(kHostile); }) == std::string(kShown) + "\n");
  CHECK(shown(true, [&](cli::Console& c) { c.line({{cli::Paint::cyan, kHostile}}); }) == "\x1b[36m" + std::string(kShown) + "\x1b[0m\n");
  CHECK(shown(false, [&](cli::Console& c) {
          c.progress(kHostile);
          c.line("x");
        }) == "\r\x1b[K" + std::string(kShown) + "\r\x1b[Kx\n");
  CHECK(shown(false, [](cli::Console& c) { c.json("{\"a\":\"\xc2\x9b\"}"); }) == "{\"a\":\"\xc2\x9b\"}\n");
}
