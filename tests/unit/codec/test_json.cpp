// SPDX-License-Identifier: MIT
#include "support/catch.hpp"

#include <flytt/codec/json.hpp>

#include <cmath>
#include <limits>

#include <nlohmann/json.hpp>

using flytt::base::Exit;
using namespace flytt::codec;
using namespace std::string_literals;

namespace {

template <class Write>
std::string written(Write write) {
  std::string out;
  JsonWriter writer(out);
  write(writer);
  CHECK(writer.complete());
  return out;
}

}  // namespace

TEST_CASE("the writer puts commas and brackets where they belong") {
  const std::string text = written([](JsonWriter& json) {
    json.object().member("v", 1).key("list").array().value("a").value(nullptr).object().end().array().end().end();
    json.member("on", true).key("deep").object().member("x", -1).end().member("last", std::optional<int>()).end();
  });
  CHECK(text == R"({"v":1,"list":["a",null,{},[]],"on":true,"deep":{"x":-1},"last":null})");
  CHECK(nlohmann::json::accept(text));
}

TEST_CASE("numbers are written so that they read back") {
  const std::string text = written([](JsonWriter& json) {
    json.array().value(std::numeric_limits<std::uint64_t>::max()).value(std::numeric_limits<std::int64_t>::min());
    json.value(0.1).value(1e300).value(-0.0).value(std::nan("")).value(HUGE_VAL).end();
  });
  CHECK(text == "[18446744073709551615,-9223372036854775808,0.1,1e+300,-0.0,null,null]");
}

TEST_CASE("a zero below zero stays one") {
  std::string text;
  JsonWriter(text).value(-0.0);
  CHECK(text == "-0.0");
  CHECK(std::signbit(JsonValue::parse(text).as_double()));
}

TEST_CASE("strings are escaped, and bytes that are not UTF-8 replaced") {
  CHECK(json_quote("plain") == "\"plain\"");
  CHECK(json_quote("") == "\"\"");
  CHECK(json_quote("a\"b\\c") == R"("a\"b\\c")");
  CHECK(json_quote("\n\r\t\x01\x1f") == R"("\n\r\t\u0001\u001f")");
  CHECK(json_quote("a\0b"s) == R"("a\u0000b")");
  CHECK(json_quote("gr\xc3\xbcn \xf0\x9f\x98\x80") == "\"gr\xc3\xbcn \xf0\x9f\x98\x80\"");
  CHECK(json_quote("a\xff" "b") == "\"a\xef\xbf\xbd" "b\"");
  CHECK(json_quote("\xc3") == "\"\xef\xbf\xbd\"");
  CHECK(json_quote("\xed\xa0\x80") == "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
}

TEST_CASE("any bytes make valid JSON that reads back to the same text where they were UTF-8") {
  for (int first = 0; first < 256; ++first) {
    for (const int second : {0, 0x22, 0x41, 0x5c, 0x80, 0xa0, 0xbf, 0xff}) {
      const std::string raw{static_cast<char>(first), static_cast<char>(second)};
      const std::string text = json_quote(raw);
      INFO(text);
      REQUIRE(nlohmann::json::accept(text));
      if (first < 0x80 && second < 0x80) REQUIRE(JsonValue::parse(text).as_string() == raw);
    }
  }
}

TEST_CASE("the writer refuses what would not be JSON") {
  std::string out;
  REQUIRE_ERROR(JsonWriter(out).end(), Exit::bug, "without a beginning");
  REQUIRE_ERROR(JsonWriter(out).key("x"), Exit::bug, "a key where none can be");
  REQUIRE_ERROR(JsonWriter(out).object().value(1), Exit::bug, "without a key");
  REQUIRE_ERROR(JsonWriter(out).object().key("a").key("b"), Exit::bug, "a key where none can be");
  REQUIRE_ERROR(JsonWriter(out).object().key("a").end(), Exit::bug, "without a value");
  REQUIRE_ERROR(JsonWriter(out).array().key("a"), Exit::bug, "a key where none can be");
  REQUIRE_ERROR(JsonWriter(out).value(1).value(2), Exit::bug, "a second value");
  CHECK_FALSE(JsonWriter(out).object().complete());
}

TEST_CASE("a tree is read as it stands, in its order") {
  const auto root = JsonValue::parse(R"( {"z":1,"a":[true,null,"x",-5,1.5,18446744073709551615],"o":{"k":"v"}} )");
  std::string names;
  for (const auto& [name, value] : root.as_object()) names += name;
  CHECK(names == "zao");
  CHECK(root.size() == 3);
  const auto list = root.get_array("a");
  REQUIRE(list.size() == 6);
  CHECK(list[0].as_bool());
  CHECK(list[1].is_null());
  CHECK(list[2].as_string() == "x");
  CHECK(list[3].as_i64() == -5);
  CHECK(list[4].as_double() == 1.5);
  CHECK(list[5].as_u64() == std::numeric_limits<std::uint64_t>::max());
  CHECK(root.at("o").get_string("k") == "v");
  CHECK(root.text() == R"({"z":1,"a":[true,null,"x",-5,1.5,18446744073709551615],"o":{"k":"v"}})");
  JsonValue copy;
  {
    const auto gone = JsonValue::parse(R"({"a":["kept"]})");
    copy = gone.at("a").at(0);
  }
  CHECK(copy.as_string() == "kept");
}

TEST_CASE("members that are missing or null have a stand-in, members of another type do not") {
  const auto root = JsonValue::parse(R"({"n":7,"s":"t","none":null,"yes":true,"d":2.5})");
  CHECK(root.get_u64("n", 1) == 7);
  CHECK(root.get_u64("x", 1) == 1);
  CHECK(root.get_i64("none", -1) == -1);
  CHECK(root.get_string("s", "u") == "t");
  CHECK(root.get_string("x", "u") == "u");
  CHECK(root.get_bool("yes", false));
  CHECK(root.get_double("d", 0) == 2.5);
  CHECK(root.get_double("n") == 7.0);
  CHECK(root.has("s"));
  CHECK_FALSE(root.has("none"));
  CHECK(!root.find("x"));
  REQUIRE_ERROR(root.get_u64("s", 1), Exit::data, "$.s is a string where a whole number");
  REQUIRE_ERROR(root.get_string("none"), Exit::data, "$.none is null where a string is wanted");
}

TEST_CASE("errors name the path") {
  const auto root = JsonValue::parse(R"({"tables":[{"name":"a"},{"name":5,"rows":-1,"size":1.5,"cols":[1]}]})");
  const auto second = root.get_array("tables")[1];
  CHECK(second.path() == "$.tables[1]");
  CHECK(root.path() == "$");
  REQUIRE_ERROR(second.get_string("name"), Exit::data, "$.tables[1].name is another number where a string is wanted");
  REQUIRE_ERROR(second.get_u64("rows"), Exit::data, "$.tables[1].rows is another number");
  REQUIRE_ERROR(second.get_u64("size"), Exit::data, "$.tables[1].size");
  REQUIRE_ERROR(second.get_bool("gone"), Exit::data, "$.tables[1].gone is missing");
  REQUIRE_ERROR(second.get_array("name"), Exit::data, "$.tables[1].name");
  REQUIRE_ERROR(root.get_object("tables"), Exit::data, "$.tables is an array where an object is wanted");
  REQUIRE_ERROR(second.at("cols").at(1), Exit::data, "$.tables[1].cols[1] is missing");
  REQUIRE_ERROR(root.at("tables").at("x"), Exit::data, "$.tables is an array");
  REQUIRE_ERROR(second.at("cols").at(0).as_string(), Exit::data, "$.tables[1].cols[0] is another number");
  REQUIRE_ERROR(root.get_i64("tables"), Exit::data, "is an array");
}

TEST_CASE("numbers are taken only where they fit") {
  const auto list = JsonValue::parse("[9223372036854775807,9223372036854775808,-9223372036854775808,18446744073709551616,3.0]");
  CHECK(list.at(0).as_i64() == std::numeric_limits<std::int64_t>::max());
  REQUIRE_ERROR(list.at(1).as_i64(), Exit::data, "whole number");
  CHECK(list.at(2).as_i64() == std::numeric_limits<std::int64_t>::min());
  REQUIRE_ERROR(list.at(3).as_u64(), Exit::data, "whole number");
  REQUIRE_ERROR(list.at(4).as_u64(), Exit::data, "whole number");
}

TEST_CASE("what is not JSON is refused") {
  for (const auto& bad : {""s, "{"s, "[1,]"s, "{\"a\":1,}"s, "{'a':1}"s, "nul"s, "1 2"s, "{} x"s, "\"\xff\""s, "\"a\nb\""s, "01"s,
                          "NaN"s, "{\"a\":1"s, "\"a\0"s}) {
    INFO(bad);
    REQUIRE_ERROR(JsonValue::parse(bad), Exit::data, "not JSON");
  }
  REQUIRE_ERROR(JsonValue::parse(R"({"o":{"a":1,"a":2}})"), Exit::data, "'a' comes twice");
  REQUIRE_ERROR(JsonValue::parse(std::string(100000, '[')), Exit::data, "more than 200 levels");
  CHECK(JsonValue::parse(std::string(200, '[') + std::string(200, ']')).is_array());
}
