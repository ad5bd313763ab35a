// SPDX-License-Identifier: MIT
#include "support/catch.hpp"

#include <flytt/base/text.hpp>

#include <array>
#include <cstdint>
#include <limits>

using namespace flytt::base;
using namespace std::string_literals;

TEST_CASE("concat and join glue what one has at hand") {
  CHECK(concat() == "");
  CHECK(concat("chunk ", 17, '/', std::string("x"), std::string_view("y"), true, -1) == "chunk 17/xytrue-1");
  CHECK(concat(std::numeric_limits<std::int64_t>::min(), " ", std::numeric_limits<std::uint64_t>::max()) ==
        "-9223372036854775808 18446744073709551615");
  CHECK(concat(std::uint8_t{65}) == "65");
  CHECK(concat(0.1) == "0.1");
  CHECK(join(std::vector<std::string>{"a", "b", "c"}, ", ") == "a, b, c");
  CHECK(join(std::vector<int>{}, ", ") == "");
  CHECK(join(std::vector<int>{1}, ", ") == "1");
}

TEST_CASE("split keeps empty parts") {
  using Parts = std::vector<std::string_view>;
  CHECK(split("a,b", ',') == Parts{"a", "b"});
  CHECK(split(",a,", ',') == Parts{"", "a", ""});
  CHECK(split("", ',') == Parts{""});
}

TEST_CASE("trim, lower and equal_ignoring_case know ASCII only") {
  CHECK(trim(" \t a b\r\n") == "a b");
  CHECK(trim("  ") == "");
  CHECK(lower("AbZ\xc3\x84") == "abz\xc3\x84");
  CHECK(equal_ignoring_case("InnoDB", "INNODB"));
  CHECK_FALSE(equal_ignoring_case("a", "ab"));
}

TEST_CASE("glob_match follows the shell") {
  CHECK(glob_match("shop.*", "shop.orders"));
  CHECK(glob_match("*", ""));
  CHECK(glob_match("a*b*c", "aXXbYYbZc"));
  CHECK_FALSE(glob_match("a*b*c", "aXXbYY"));
  CHECK(glob_match("?", "\xc3\xa4"));
  CHECK_FALSE(glob_match("?", ""));
  CHECK_FALSE(glob_match("?", "ab"));
  CHECK_FALSE(glob_match("shop.orders", "shop.orders2"));
  CHECK_FALSE(glob_match("shop.orders", "Shop.orders"));
  CHECK_FALSE(glob_match("", "a"));
  CHECK(glob_match("", ""));
  CHECK(glob_match("t[0-9]", "t7"));
  CHECK_FALSE(glob_match("t[0-9]", "tx"));
  CHECK(glob_match("t[!0-9]", "tx"));
  CHECK_FALSE(glob_match("t[^0-9]", "t5"));
  CHECK(glob_match("[]x]", "]"));
  CHECK(glob_match("[a-]", "-"));
  CHECK(glob_match("[", "["));
  CHECK(glob_match("[ab", "[ab"));
  CHECK(glob_match("\\*", "*"));
  CHECK_FALSE(glob_match("\\*", "x"));
  CHECK(glob_match("a\\", "a\\"));
  CHECK(glob_match("*\xc3\xa4", "x\xc3\xa4"));
}

TEST_CASE("glob_match is not slow on what is made to be slow") {
  const std::string text(2000, 'a');
  std::string pattern;
  for (int i = 0; i < 100; ++i) pattern += "a*";
  CHECK_FALSE(glob_match(pattern + "b", text));
  CHECK(glob_match(pattern, text));
}

TEST_CASE("utf8_length_at accepts exactly the valid sequences") {
  CHECK(utf8_length_at("a", 0) == 1);
  CHECK(utf8_length_at("\xc3\xa4", 0) == 2);
  CHECK(utf8_length_at("\xe2\x82\xac", 0) == 3);
  CHECK(utf8_length_at("\xf0\x9f\x98\x80", 0) == 4);
  CHECK(utf8_length_at("", 0) == 0);
  CHECK(utf8_length_at("\xc3", 0) == 0);
  CHECK(utf8_length_at("\xa4", 0) == 0);
  CHECK(utf8_length_at("\xc0\x80", 0) == 0);
  CHECK(utf8_length_at("\xe0\x80\x80", 0) == 0);
  CHECK(utf8_length_at("\xed\xa0\x80", 0) == 0);
  CHECK(utf8_length_at("\xf4\x90\x80\x80", 0) == 0);
  CHECK(utf8_length_at("\xf0\x80\x80\x80", 0) == 0);
  CHECK(utf8_length_at("\xff", 0) == 0);
}

TEST_CASE("quote_for_message lets nothing through that could disturb a terminal or a line") {
  CHECK(quote_for_message("orders") == "'orders'");
  CHECK(quote_for_message("") == "''");
  CHECK(quote_for_message("a'b\\c") == R"('a\'b\\c')");
  CHECK(quote_for_message("a\nb\tc\rd") == R"('a\nb\tc\rd')");
  CHECK(quote_for_message("\x1b[31m\x7f") == R"('\x1b[31m\x7f')");
  CHECK(quote_for_message("a\0b"s) == R"('a\x00b')");
  CHECK(quote_for_message("gr\xc3\xbcn") == "'gr\xc3\xbcn'");
  CHECK(quote_for_message("\xff\xc3") == R"('\xff\xc3')");
  CHECK(quote_for_message("\xc2\x9b") == R"('\xc2\x9b')");
  CHECK(quote_for_message("abcdef", 3) == "'abc'... (6 bytes)");
  CHECK(quote_for_message("abc", 3) == "'abc'");
  CHECK(quote_for_message("ab\xc3\xbc", 3) == "'ab'... (4 bytes)");
}

TEST_CASE("nearest finds what was meant, and nothing for a stranger") {
  constexpr std::array<std::string_view, 4> options{"--database", "--data-only", "--jobs", "--json"};
  CHECK(nearest("--databse", options) == "--database");
  CHECK(nearest("--dtabase", options) == "--database");
  CHECK(nearest("--jbos", options) == "--jobs");
  CHECK(nearest("--JSON", options) == "--json");
  CHECK_FALSE(nearest("--frobnicate-all", options));
  CHECK_FALSE(nearest(std::string(1000, 'x'), options));
  const std::vector<std::string> tables{"orders"};
  CHECK(nearest("order", tables) == "orders");
}

TEST_CASE("hex goes there and back") {
  CHECK(hex("\x00\xff\x1a"s) == "00ff1a");
  CHECK(from_hex("00fF1a") == "\x00\xff\x1a"s);
  CHECK(from_hex("") == "");
  CHECK_FALSE(from_hex("0"));
  CHECK_FALSE(from_hex("0g"));
}

TEST_CASE("numbers are digits and nothing else") {
  CHECK(parse_u64("0") == 0u);
  CHECK(parse_u64("010") == 10u);
  CHECK(parse_u64("18446744073709551615") == std::numeric_limits<std::uint64_t>::max());
  for (const char* bad : {"", "-1", "+1", " 1", "1 ", "1e3", "0x10", "18446744073709551616", "1,000"}) {
    INFO(bad);
    CHECK_FALSE(parse_u64(bad));
  }
  CHECK(parse_i64("-9223372036854775808") == std::numeric_limits<std::int64_t>::min());
  CHECK_FALSE(parse_i64("9223372036854775808"));
  CHECK_FALSE(parse_i64("-"));
  CHECK_FALSE(parse_i64("--1"));
}

TEST_CASE("printable text is one line and moves no cursor") {
  CHECK(printable("plain, gr\xc3\xbcn \xf0\x9f\x98\x80 \\ '") == "plain, gr\xc3\xbcn \xf0\x9f\x98\x80 \\ '");
  CHECK(printable("a\nb\tc\rd") == "a\\nb\\tc\\rd");
  CHECK(printable(std::string_view("\x1b[31m\0\x7f", 7)) == "\\x1b[31m\\x00\\x7f");
  CHECK(printable("\xc2\x9b|\xc2\xa0") == "\\xc2\\x9b|\xc2\xa0");                                          // U+009B, U+00A0
  CHECK(printable("\xe2\x80\xa8|\xe2\x80\xae|\xe2\x80\xaf") == "\\xe2\\x80\\xa8|\\xe2\\x80\\xae|\xe2\x80\xaf");  // U+2028, U+202E, U+202F
  CHECK(printable("\xe2\x81\xa5|\xe2\x81\xa6|\xe2\x81\xa9|\xe2\x81\xaa") == "\xe2\x81\xa5|\\xe2\\x81\\xa6|\\xe2\\x81\\xa9|\xe2\x81\xaa");
  CHECK(printable("\xff\xc3") == "\\xff\\xc3");
}

TEST_CASE("no byte that a terminal obeys is printable") {
  for (int first = 0; first < 256; ++first) {
    for (int second = 0; second < 256; ++second) {
      const char bytes[] = {static_cast<char>(first), static_cast<char>(second)};
      const auto shown = printable(std::string_view(bytes, 2));
      for (const char c : shown) REQUIRE((static_cast<unsigned char>(c) >= 0x20 && c != 0x7f));
      for (std::size_t at = 0; at < shown.size();) {
        const auto length = utf8_length_at(shown, at);
        REQUIRE(length > 0);
        REQUIRE_FALSE((length == 2 && shown[at] == '\xc2' && static_cast<unsigned char>(shown[at + 1]) < 0xa0));
        at += length;
      }
    }
  }
}

TEST_CASE("words for a shell") {
  CHECK(flytt::base::quote_for_shell("shop") == "shop");
  CHECK(flytt::base::quote_for_shell("mysql://u@h:3306/db") == "mysql://u@h:3306/db");
  CHECK(flytt::base::quote_for_shell("") == "''");
  CHECK(flytt::base::quote_for_shell("a b; rm -rf $HOME") == "'a b; rm -rf $HOME'");
  CHECK(flytt::base::quote_for_shell("it's") == R"('it'\''s')");
}
