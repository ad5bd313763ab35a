// No text makes a tree that is many times its own size.
// SPDX-License-Identifier: MIT
#include "support/catch.hpp"
#include "support/peak_memory.hpp"

#include <flytt/codec/json.hpp>

#include <string>

using namespace flytt;
using base::Exit;
using codec::JsonValue;

namespace {

std::string repeated(std::string_view part, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += part;
  return out;
}

/// How many bytes of memory a byte of the text took at most, whether it was read or refused.
double cost(const std::string& text) {
  constexpr codec::JsonLimits kWide{.values = std::size_t{1} << 25};
  const auto peak = test::peak_of([&] {
    try {
      static_cast<void>(JsonValue::parse(text, kWide));
    } catch (const base::Error& error) {
      CHECK(error.code() == Exit::data);
    }
  });
  return static_cast<double>(peak) / static_cast<double>(text.size());
}

}  // namespace

TEST_CASE("the memory of a tree is a small multiple of its text") {
  constexpr std::size_t kMany = 200'000;
  const std::string long_name(100'000, 'A');
  CHECK(cost("[" + repeated("[],", kMany) + "[]]") < 8);
  CHECK(cost("[" + repeated("{},", kMany) + "{}]") < 8);
  CHECK(cost("[" + repeated("0,", kMany) + "0]") < 8);
  CHECK(cost("[" + repeated("-1,", kMany) + "0]") < 8);
  CHECK(cost("[" + repeated("1e9,", kMany) + "0]") < 8);
  CHECK(cost("[" + repeated("\"\",", kMany) + "0]") < 8);
  CHECK(cost("[" + repeated("{\"\":0},", kMany) + "0]") < 8);
  CHECK(cost("[" + repeated("{\"" + std::string(50, 'n') + "\":[]},", kMany / 10) + "0]") < 8);
  CHECK(cost("{\"" + long_name + "\":[" + repeated("[],", kMany) + "[]]}") < 8);
  CHECK(cost("{\"x\":\"" + long_name + "\"}") < 8);
  std::string members;
  for (std::size_t i = 0; i < kMany; ++i) members += "\"" + std::to_string(i) + "\":0,";
  CHECK(cost("{" + members + "\"\":0}") < 8);
  CHECK(cost("[" + repeated("[],", kMany) + "]") < 8);       // not JSON: the last element is missing
  CHECK(cost(repeated("[", 150) + repeated("],[", kMany)) < 8);
}

TEST_CASE("what exceeds the limits is refused before memory is taken for it") {
  const codec::JsonLimits limits{.bytes = 1 << 20, .values = 1000, .text = 10'000, .levels = 8};
  const auto refused = [&](const std::string& text, const std::string& why) {
    std::string said;
    const auto peak = test::peak_of([&] {
      said = test::error_of([&] { static_cast<void>(JsonValue::parse(text, limits)); }).text();
    });
    CHECK_THAT(said, test::contains(why));
    CHECK(peak < 10'000);
  };
  refused("[" + repeated("[],", 1000) + "[]]", "more than 1000 values");
  refused("{\"x\":\"" + std::string(20'000, 'x') + "\"}", "a string of 20002 bytes");
  refused(std::string(std::size_t{1} << 20, ' ') + "0", "1048577 bytes");
  refused(std::string(9, '[') + std::string(9, ']'), "more than 8 levels");
  CHECK(JsonValue::parse("[" + repeated("1,", 900) + "\"[[[[[[[[[,,,\"]", limits).size() == 901);
}
