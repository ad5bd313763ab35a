// The canonical form against vectors of a second implementation, and what it must never confuse.
// SPDX-License-Identifier: MIT
#include "support/catch.hpp"

#include <fstream>
#include <string>
#include <vector>

#include <flytt/base/bytes.hpp>
#include <flytt/base/error.hpp>
#include <flytt/base/text.hpp>
#include <flytt/value/canonical.hpp>

using namespace flytt;
using value::Cell;
using value::Column;
using value::Type;

namespace {

Column column(Type type, std::string charset = {}, std::string native = {}) {
  Column c;
  c.name = "c";
  c.type = type;
  c.charset = std::move(charset);
  c.native = std::move(native);
  return c;
}

std::string of(const Column& c, std::string_view image) { return value::canonical_value(c, Cell(image)); }

/// A whole row of text columns; nullptr is NULL.
std::string row(const std::vector<const char*>& texts) {
  const std::vector<Column> columns(texts.size(), column(Type::text, "utf8mb4"));
  std::vector<Cell> cells;
  for (const char* t : texts) cells.push_back(t ? Cell(t) : Cell());
  value::CanonicalRow rows(columns);
  return std::string(rows.encode(cells));
}

std::string dash(std::string_view field) { return field == "-" ? std::string() : std::string(field); }

}  // namespace

TEST_CASE("canonical values agree with the vectors") {
  std::ifstream in(std::string(FLYTT_TEST_VECTORS) + "/canonical/values.tsv");
  REQUIRE(in);
  std::size_t seen = 0;
  for (std::string line; std::getline(in, line);) {
    if (line.empty() || line[0] == '#') continue;
    const auto f = base::split(line, '\t');
    REQUIRE(f.size() == 6);
    const auto type = value::type_from_name(f[0]);
    REQUIRE(type);
    const Column c = column(*type, dash(f[1]), dash(f[2]));
    const auto image = f[3] == "NULL" ? std::string() : *base::from_hex(dash(f[3]));
    const std::string got = value::canonical_value(c, f[3] == "NULL" ? Cell() : Cell(image));
    INFO(line);
    CHECK(base::hex(got) == f[4]);
    ++seen;
  }
  CHECK(seen > 100);
}

TEST_CASE("a row is a version and its values") {
  CHECK(base::hex(row({"a", nullptr, ""})) == "01" "090161" "00" "0900");
}

TEST_CASE("values cannot imitate their neighbours") {
  CHECK(row({"a#b", "c"}) != row({"a", "b#c"}));
  CHECK(row({"ab", ""}) != row({"a", "b"}));
  CHECK(row({nullptr, "x"}) != row({"", "x"}));
  CHECK(row({nullptr}) != row({"NULL"}));
  CHECK(row({nullptr, "a"}) != row({"a", nullptr}));
  // A text that holds the encoding of another value.
  CHECK(row({"a\x09\x01" "b"}) != row({"a", "b"}));
}

TEST_CASE("numbers are equal whatever type holds them") {
  const std::string small("\x07\x00", 2), wide("\x07\0\0\0\0\0\0\0", 8);
  CHECK(of(column(Type::int16), small) == of(column(Type::uint64), wide));
  CHECK(of(column(Type::decimal), "7.000") == of(column(Type::int64), wide));
  CHECK(of(column(Type::decimal), "7.001") != of(column(Type::int64), wide));
  CHECK(of(column(Type::decimal), "-7") != of(column(Type::decimal), "7"));
}

TEST_CASE("text that is the same character for character is equal in latin1 and UTF-8") {
  CHECK(of(column(Type::text, "latin1"), "caf\xe9") == of(column(Type::text, "utf8mb4"), "caf\xc3\xa9"));
  CHECK(of(column(Type::text, "latin1"), "caf\xe9") != of(column(Type::text, "utf8mb4"), "caf\xe9"));
}

TEST_CASE("texts for people are UTF-8 where we know how") {
  CHECK(value::utf8_text(column(Type::text, "latin1"), "n\xe9" "e\x80") == "n\xc3\xa9" "e\xe2\x82\xac");
  CHECK(value::utf8_text(column(Type::set, "latin1"), "\xe9,b") == "\xc3\xa9,b");
  CHECK(value::utf8_text(column(Type::text, "utf8mb4"), "\xc3\xa9") == "\xc3\xa9");
  CHECK(value::utf8_text(column(Type::bytes), "\xe9") == "\xe9");
}

TEST_CASE("what is no value of its type is refused by name") {
  for (const char* text : {"", "-", "1.2.3", "12a", "1e5", ".", "- 1"}) {
    INFO(text);
    CHECK_THROWS_AS(of(column(Type::decimal), text), base::Error);
  }
  CHECK_THROWS_AS(of(column(Type::uuid), "123e4567"), base::Error);
  CHECK_THROWS_AS(of(column(Type::uuid), "123e4567-e89b-12d3-a456-42661417400g"), base::Error);
  CHECK_THROWS_AS(of(column(Type::uuid), "123e4567-e89b-12d3-a456-4266141740001"), base::Error);
  for (const char* text : {"", "10.0.0", "10.0.0.1/33", "10.0.0.1/", "::1/129", "10.0.0.1/8x"}) {
    INFO(text);
    CHECK_THROWS_AS(of(column(Type::inet), text), base::Error);
  }
  try {
    of(column(Type::decimal), "x");
    FAIL("accepted");
  } catch (const base::Error& e) {
    CHECK(e.code() == base::Exit::data);
    CHECK(e.message() == "column 'c': 'x' is no decimal");
  }
}

TEST_CASE("only chosen columns count, in the chosen order") {
  const std::vector<Column> columns{column(Type::text), column(Type::text), column(Type::text)};
  const std::vector<Cell> cells{Cell("a"), Cell("b"), Cell("c")};
  value::CanonicalRow some(columns, {2, 0});
  CHECK(base::hex(some.encode(cells)) == "01" "090163" "090161");
}

TEST_CASE("a large row's hash does not depend on how it is hashed") {
  const std::vector<Column> columns{column(Type::int32), column(Type::bytes), column(Type::text, "latin1"), column(Type::text, "utf8mb4"),
                                    column(Type::set, "latin1"), column(Type::text, "sjis"), column(Type::json)};
  std::string latin1;
  for (std::size_t i = 0; i < 900'000; ++i) latin1.push_back(static_cast<char>(i * 7 % 251 + 5));
  const std::string bytes(700'000, '\0'), number("\x01\x02\x03\x04", 4);
  const std::vector<Cell> cells{Cell(number), Cell(bytes), Cell(latin1), Cell(), Cell("a,b"), Cell("abc"), Cell(bytes)};
  for (const std::uint64_t seed : {std::uint64_t{0}, std::uint64_t{0x1234'5678'9abc'def0}}) {
    value::CanonicalRow rows(columns, seed);
    const std::string whole(rows.encode(cells));
    CHECK(whole.size() > (1U << 20));
    CHECK(rows.hash(cells) == codec::hash128(whole, seed));
    CHECK(rows.hash(cells) == codec::hash128(whole, seed));
  }
}

TEST_CASE("the seed changes every hash") {
  const std::vector<Column> columns{column(Type::text)};
  value::CanonicalRow a(columns, 1), b(columns, 2);
  CHECK_FALSE(a.hash({Cell("x")}) == b.hash({Cell("x")}));
}

TEST_CASE("columns that can be compared") {
  using value::canonically_comparable;
  CHECK(canonically_comparable(column(Type::int8), column(Type::uint64)));
  CHECK(canonically_comparable(column(Type::int8), column(Type::decimal)));
  CHECK(canonically_comparable(column(Type::float32), column(Type::float64)));
  CHECK(canonically_comparable(column(Type::text, "latin1"), column(Type::enumeration, "utf8mb4")));
  CHECK(canonically_comparable(column(Type::text, "sjis"), column(Type::text, "sjis")));
  CHECK_FALSE(canonically_comparable(column(Type::text, "sjis"), column(Type::text, "utf8mb4")));
  CHECK_FALSE(canonically_comparable(column(Type::text), column(Type::bytes)));
  CHECK_FALSE(canonically_comparable(column(Type::float64), column(Type::decimal)));
  CHECK_FALSE(canonically_comparable(column(Type::datetime), column(Type::timestamp)));
  CHECK(value::same_kind(column(Type::text, "sjis"), column(Type::text, "utf8mb4")));
}

TEST_CASE("any byte changed changes the canonical form of a row") {
  const std::vector<Column> columns{column(Type::int32), column(Type::text, "latin1"), column(Type::bytes), column(Type::datetime)};
  const std::string number("\x01\x02\x03\x04", 4), time("\xea\x07\x0b\x16\x10\x1e\x01\x05\x00\x00\x00", 11);
  const std::vector<std::string> images{number, "caf\xe9", "ab", time};
  value::CanonicalRow rows(columns);
  const auto encode = [&rows](const std::vector<std::string>& of_row) {
    std::vector<Cell> cells;
    for (const auto& i : of_row) cells.emplace_back(std::string_view(i));
    return std::string(rows.encode(cells));
  };
  const std::string before = encode(images);
  for (std::size_t c = 0; c < images.size(); ++c) {
    for (std::size_t i = 0; i < images[c].size(); ++i) {
      auto changed = images;
      changed[c][i] = static_cast<char>(changed[c][i] ^ 1);
      INFO("column " << c << ", byte " << i);
      CHECK(encode(changed) != before);
    }
  }
}
