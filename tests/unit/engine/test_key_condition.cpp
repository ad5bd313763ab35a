// Ranges of keys as the server is asked for them, and half-way keys.
// SPDX-License-Identifier: MIT
#include <cstring>
#include <limits>

#include <flytt/engine/mysql_family/connection.hpp>
#include <flytt/engine/mysql_family/key_condition.hpp>

#include "support/catch.hpp"

using namespace flytt;
using namespace flytt::engine::mysql_family;
using value::Type;

namespace {

std::string literal_of(Type type, std::string_view image) { return literal({.name = "d", .type = type}, image); }

template <class T>
std::string image(T v) {
  return std::string(reinterpret_cast<const char*>(&v), sizeof v);
}
std::string lp(std::string_view s) { return image(static_cast<std::uint32_t>(s.size())) + std::string(s); }

value::Table table() {
  value::Table t;
  t.name = {"shop", "orders"};
  t.columns = {{.name = "a", .type = Type::int32}, {.name = "b`c", .type = Type::text, .charset = "latin1"}};
  t.key = {"PRIMARY", {0, 1}};
  return t;
}

}  // namespace

TEST_CASE("half-open ranges over a composite key") {
  const auto t = table();
  const std::string low = image(std::int32_t{-3}) + lp("x'y"), high = image(std::int32_t{9}) + lp("");
  CHECK(range_condition(t, {}, "") == "1=1");
  CHECK(range_condition(t, {}, "v > 5") == "(v > 5)");
  CHECK(range_condition(t, {.after = low, .through = {}}, "") ==
        "(`a` >= -3 AND ((`a` > -3) OR (`a` = -3 AND `b``c` > _latin1 X'782779')))");
  CHECK(range_condition(t, {.after = {}, .through = high}, "") ==
        "(`a` <= 9 AND ((`a` < 9) OR (`a` = 9 AND `b``c` <= _latin1 X'')))");
  CHECK(keys_condition(t, {low, high}) == "(`a` = -3 AND `b``c` = _latin1 X'782779') OR (`a` = 9 AND `b``c` = _latin1 X'')");
}

TEST_CASE("half-way numbers stay strictly between") {
  value::Column c{.name = "n", .type = Type::int64};
  const auto mid = [&](std::int64_t a, std::int64_t b) -> std::optional<std::int64_t> {
    const auto m = midpoint(c, image(a), image(b));
    if (!m) return std::nullopt;
    std::int64_t v;
    std::memcpy(&v, m->data(), sizeof v);
    return v;
  };
  CHECK(mid(0, 10) == 5);
  CHECK(mid(-401, 798) == 198);
  CHECK_FALSE(mid(3, 4));
  CHECK_FALSE(mid(4, 4));
  CHECK_FALSE(mid(5, 4));
  constexpr auto lo = std::numeric_limits<std::int64_t>::min(), hi = std::numeric_limits<std::int64_t>::max();
  CHECK(mid(lo, hi) == -1);
  c.type = Type::uint64;
  const auto top = midpoint(c, image(std::uint64_t{1} << 63), image(~std::uint64_t{0}));
  REQUIRE(top);
  std::uint64_t v;
  std::memcpy(&v, top->data(), sizeof v);
  CHECK(v > (std::uint64_t{1} << 63));
}

TEST_CASE("half-way bytes, text and dates") {
  const value::Column bytes{.name = "b", .type = Type::bytes}, text{.name = "t", .type = Type::text},
      date{.name = "d", .type = Type::date};
  const auto b = midpoint(bytes, std::string_view("\x00\x01", 2), std::string_view("\xff\xff", 2));
  REQUIRE(b);
  CHECK(*b > std::string_view("\x00\x01", 2));
  CHECK(*b < std::string_view("\xff\xff", 2));
  const auto t = midpoint(text, "apple", "zebra");
  REQUIRE(t);
  CHECK(*t > "apple");
  CHECK(*t < "zebra");
  CHECK_FALSE(midpoint(text, "\xc3\xa4", "\xc3\xb6"));
  CHECK_FALSE(midpoint(text, "same", "same"));
  const auto d = midpoint(date, image(std::uint16_t{2000}) + "\x01\x01", image(std::uint16_t{2020}) + "\x01\x01");
  REQUIRE(d);
  std::uint16_t year;
  std::memcpy(&year, d->data(), 2);
  CHECK(year > 2000);
  CHECK(year < 2020);
}

TEST_CASE("statements for messages hold no values") {
  CHECK(without_values("INSERT INTO t1 VALUES (12, 'it''s \\' secret', \"x\")") == "INSERT INTO t1 VALUES (?, ?, ?)");
  CHECK(without_values("SELECT `a1` FROM `b 'c'` WHERE x=-5") == "SELECT `a1` FROM `b 'c'` WHERE x=-?");
  CHECK(without_values("unfinished 'text") == "unfinished ?");
}

TEST_CASE("quoting") {
  CHECK(quote_name("a`b") == "`a``b`");
  CHECK(quote_text("it's \\ here") == "'it''s \\\\ here'");
  CHECK(quote_text(std::string_view("a\0b", 3)) == "'a\\0b'");
  CHECK(quote_bytes("\x01\xff") == "X'01ff'");
}

TEST_CASE("a literal is one value and never more") {
  for (const char* text : {"0", "-1.50", "+7", "00012.30", ".5", "12345678901234567890123456789012345678901234567890.123"})
    CHECK(literal_of(Type::decimal, text) == text);
  for (const char* text : {"", "-", ".", "1 OR 1=1", "1) OR (1=1", "1.2.3", "--1", "1-1", "0x10", "NaN", "1e5", "1/*"}) {
    INFO(text);
    REQUIRE_ERROR(literal_of(Type::decimal, text), base::Exit::data, "is no decimal");
  }
  CHECK(literal_of(Type::float64, image(1.5)) == "1.5");
  REQUIRE_ERROR(literal_of(Type::float64, image(std::numeric_limits<double>::infinity())), base::Exit::data, "no number");
  REQUIRE_ERROR(literal_of(Type::float32, image(std::numeric_limits<float>::quiet_NaN())), base::Exit::data, "no number");
}

TEST_CASE("nothing lies half-way between decimals that are too far apart") {
  const value::Column column{.name = "d", .type = Type::decimal};
  CHECK_FALSE(midpoint(column, "-1" + std::string(308, '7'), "1" + std::string(308, '7')));
}
