// What HELLO and ERR cost to read, however they are written.
// SPDX-License-Identifier: MIT
#include "support/catch.hpp"
#include "support/peak_memory.hpp"

#include <flytt/wire/frame.hpp>
#include <flytt/wire/manifest.hpp>
#include <flytt/wire/payloads.hpp>

#include "unit/wire/helper_streams.hpp"

using namespace flytt;
using base::Exit;

namespace {

/// HELLO of a small copy with one more member.
std::string hello_with(const std::string& name, const std::string& value) {
  auto text = wire::encode(test::small_manifest());
  text.pop_back();
  return text + ",\"" + name + "\":" + value + "}";
}

std::string many_of(std::string_view part, std::size_t times) {
  std::string out = "[";
  for (std::size_t i = 0; i < times; ++i) out.append(i == 0 ? "" : ",").append(part);
  return out + "]";
}

}  // namespace

TEST_CASE("a HELLO of 100,000 tables is read, for a small multiple of its size") {
  auto manifest = test::small_manifest();
  const auto table = manifest.tables[0];
  manifest.tables.assign(100'000, table);
  const auto text = wire::encode(manifest);
  std::size_t tables = 0;
  const auto peak = test::peak_of([&] { tables = wire::decode_manifest(text).tables.size(); });
  CHECK(tables == 100'000);
  CHECK(peak < 6 * text.size());
}

TEST_CASE("members that are not known cost no more than those that are") {
  const std::string long_name(std::size_t{1} << 20, 'A');
  for (const auto& text : {hello_with(long_name, many_of("[]", 4000)), hello_with("x", "{\"" + long_name + "\":" + many_of("[]", 4000) + "}"),
                           hello_with("x", many_of("[]", 1'000'000)), hello_with("x", many_of("\"\"", 1'000'000))}) {
    const auto peak = test::peak_of([&] { CHECK(wire::decode_manifest(text).tables.size() == 2); });
    CHECK(peak < 8 * text.size() + 100'000);
  }
}

TEST_CASE("lists whose elements are nothing are bounded") {
  auto manifest = test::small_manifest();
  const auto refused = [](const std::string& text, const std::string& why) {
    const auto error = test::error_of([&] { static_cast<void>(wire::decode_manifest(text)); });
    CHECK(error.code() == Exit::data);
    CHECK_THAT(error.text(), test::contains(why));
  };
  manifest.definers.assign(1'000'001, "");
  refused(wire::encode(manifest), "$.definers has more than 1000000 texts");
  manifest = test::small_manifest();
  manifest.tables[0].columns.resize(10'001);
  refused(wire::encode(manifest), "$.tables[0].columns has 10001 elements");
  manifest = test::small_manifest();
  for (int i = 0; i < 10'001; ++i) manifest.source.settings[std::to_string(i)] = "";
  refused(wire::encode(manifest), "$.source.settings has more than 10000 members");
}

TEST_CASE("an ERR before HELLO takes no memory worth the name") {
  const std::string bomb = "{\"exit\":69,\"message\":\"x\",\"x\":{\"" + std::string(500'000, 'A') + "\":" + many_of("[]", 100'000) + "}}";
  const auto peak = test::peak_of([&] {
    const auto error = test::error_of([&] { static_cast<void>(wire::decode_sender_error(bomb)); });
    CHECK(error.code() == Exit::data);
  });
  CHECK(peak < 100'000);
}

TEST_CASE("a sender's hints arrive as lines, and one line stays one") {
  base::Error error(Exit::privilege, "no right");
  error = error.with_more_hint("GRANT a TO 'x\ny'").with_more_hint("GRANT b");
  const auto arrived = wire::failure_of(wire::decode_sender_error(wire::encode(wire::sender_error(77, error))));
  CHECK(arrived.code() == Exit::privilege);
  CHECK(arrived.text() == "no right: reported by dump-stream");
  CHECK(arrived.hints() == std::vector<std::string>{"GRANT a TO 'x\\ny'", "GRANT b"});
  const base::Error endless(Exit::io, std::string(300'000, '\x01'), {.hint = std::string(300'000, '\x01')});
  CHECK(wire::encode(wire::sender_error(74, endless)).size() < wire::kMaxSmall);
}
