// SPDX-License-Identifier: MIT
#include "support/catch.hpp"

#include <flytt/base/units.hpp>

#include <limits>

using namespace flytt::base;
using namespace std::chrono_literals;
using std::chrono::nanoseconds;

TEST_CASE("sizes: letters are powers of 1024, letters with B of 1000") {
  CHECK(parse_size("0").value == 0);
  CHECK(parse_size("4096").value == 4096);
  CHECK(parse_size("10B").value == 10);
  CHECK(parse_size("010").value == 10);
  CHECK(parse_size("8M").value == 8u << 20);
  CHECK(parse_size("8m").value == 8u << 20);
  CHECK(parse_size("512KiB").value == 512u << 10);
  CHECK(parse_size("1kB").value == 1000);
  CHECK(parse_size("1KB").value == 1000);
  CHECK(parse_size("3MB").value == 3000000);
  CHECK(parse_size("1G").value == 1u << 30);
  CHECK(parse_size("2TiB").value == std::uint64_t{2} << 40);
  CHECK(parse_size("18446744073709551615").value == std::numeric_limits<std::uint64_t>::max());
}

TEST_CASE("sizes that are none are refused by name") {
  for (const char* bad : {"", "M", "-1", "+1", "1e3", "1.5G", "8 M", " 8M", "8X", "8Mb", "8MiBs", "8iB", "0x10", "8P"}) {
    INFO(bad);
    REQUIRE_ERROR(parse_size(bad), Exit::usage, std::string("'") + bad + "' is not a size");
  }
  REQUIRE_ERROR(parse_size("18446744073709551616"), Exit::usage, "too large");
  REQUIRE_ERROR(parse_size("16777216T"), Exit::usage, "too large");
  CHECK(parse_size("16777215T").value == std::uint64_t{16777215} << 40);
}

TEST_CASE("durations have a unit") {
  CHECK(parse_duration("500ms") == 500ms);
  CHECK(parse_duration("2s") == 2s);
  CHECK(parse_duration("010s") == 10s);
  CHECK(parse_duration("5m") == 5min);
  CHECK(parse_duration("5min") == 5min);
  CHECK(parse_duration("3h") == 3h);
  CHECK(parse_duration("1d") == 24h);
  CHECK(parse_duration("7us") == 7us);
  CHECK(parse_duration("7ns") == 7ns);
  CHECK(parse_duration("0s") == 0s);
  CHECK(parse_duration("1.5h") == 90min);
  CHECK(parse_duration("0.000000001s") == 1ns);
  CHECK(parse_duration("1.0000000010s") == 1s + 1ns);
  CHECK(parse_duration("0.5m") == 30s);
}

TEST_CASE("durations that are none are refused by name") {
  REQUIRE_ERROR(parse_duration("5"), Exit::usage, "'5' has no unit of time");
  REQUIRE_ERROR(parse_duration("1.5"), Exit::usage, "has no unit of time");
  for (const char* bad : {"", "s", "-1s", "+1s", "1e3s", "5 s", " 5s", "5S", "5x", "1.s", ".5s", "1,5s", "1h30m"}) {
    INFO(bad);
    REQUIRE_ERROR(parse_duration(bad), Exit::usage, std::string("'") + bad + "' is not a duration");
  }
  REQUIRE_ERROR(parse_duration("1.5ns"), Exit::usage, "finer than a nanosecond");
  REQUIRE_ERROR(parse_duration("0.0000000001s"), Exit::usage, "finer than a nanosecond");
}

TEST_CASE("durations up to the largest nanosecond, not one more") {
  CHECK(parse_duration("9223372036854775807ns") == nanoseconds::max());
  CHECK(parse_duration("9223372036.854775807s") == nanoseconds::max());
  for (const char* bad : {"9223372036854775808ns", "9223372036.854775808s", "99999999999999999999s", "200000d", "99999999d"}) {
    INFO(bad);
    REQUIRE_ERROR(parse_duration(bad), Exit::usage, "too long");
  }
}

TEST_CASE("counts are decimal digits") {
  CHECK(parse_count("010") == 10);
  CHECK(parse_count("0") == 0);
  CHECK(parse_count("18446744073709551615") == std::numeric_limits<std::uint64_t>::max());
  for (const char* bad : {"", "-1", "+1", "1e3", " 1", "1 ", "1.0", "0x1", "1k"}) {
    INFO(bad);
    REQUIRE_ERROR(parse_count(bad), Exit::usage, "is not a whole number");
  }
  REQUIRE_ERROR(parse_count("18446744073709551616"), Exit::usage, "too large");
}

TEST_CASE("bytes for people") {
  CHECK(format_bytes(0) == "0 B");
  CHECK(format_bytes(1023) == "1023 B");
  CHECK(format_bytes(1024) == "1.0 KiB");
  CHECK(format_bytes(1536) == "1.5 KiB");
  CHECK(format_bytes((1u << 20) - 1) == "1023.9 KiB");
  CHECK(format_bytes(Bytes{std::uint64_t{5} << 30}) == "5.0 GiB");
  CHECK(format_bytes(std::numeric_limits<std::uint64_t>::max()) == "15.9 EiB");
}

TEST_CASE("durations for people") {
  CHECK(format_duration(0s) == "0 s");
  CHECK(format_duration(12ns) == "12 ns");
  CHECK(format_duration(850us) == "850 us");
  CHECK(format_duration(350ms) == "350 ms");
  CHECK(format_duration(1250ms) == "1.2 s");
  CHECK(format_duration(59999ms) == "59.9 s");
  CHECK(format_duration(303s) == "5m 03s");
  CHECK(format_duration(2h + 14min) == "2h 14m");
  CHECK(format_duration(76h) == "3d 04h");
  CHECK(format_duration(-2s) == "-2.0 s");
  CHECK(format_duration(nanoseconds::min()) == "-106751d 23h");
}

TEST_CASE("rates and counts for people") {
  CHECK(format_rate(10u << 20, 2s) == "5.0 MiB/s");
  CHECK(format_rate(1, 0s) == "-");
  CHECK(format_rate(std::numeric_limits<std::uint64_t>::max(), 1ns) == "-");
  CHECK(format_count(0) == "0");
  CHECK(format_count(999) == "999");
  CHECK(format_count(1000) == "1,000");
  CHECK(format_count(12345678) == "12,345,678");
}
