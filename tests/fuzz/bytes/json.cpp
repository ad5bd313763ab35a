// JSON text. What is written of a tree reads back as the same tree.
// SPDX-License-Identifier: MIT
#include <flytt/base/text.hpp>
#include <flytt/codec/json.hpp>

#include "fuzz/bytes/support/harness.hpp"

namespace flytt::fuzz {
namespace {

using codec::JsonValue;

/// A path is kept for every container, whatever its length: what a text costs grows with its square.
constexpr std::size_t kLongest = 4096;

bool utf8(std::string_view text) {
  for (std::size_t at = 0, n = 0; at < text.size(); at += n)
    if ((n = base::utf8_length_at(text, at)) == 0) return false;
  return true;
}

/// Asks every value for everything.
void walk(const JsonValue& value) {
  accepted([&] { value.as_bool(); });
  accepted([&] { value.as_i64(); });
  accepted([&] { value.as_double(); });
  accepted([&] { require(!value.is_string() || utf8(value.as_string()), "a text that was read is no UTF-8"); });
  const bool whole = accepted([&] { value.as_u64(); });
  require(!whole || value.is_number(), "a value that is no number is taken for one");
  require(!value.path().empty() || !(value.is_array() || value.is_object()), "a value does not say where it stands");
  if (value.is_array())
    for (const auto& element : value.as_array()) walk(element);
  if (!value.is_object()) return;
  for (const auto& [name, member] : value.as_object()) {
    require(member.is_null() == !value.find(name), "a member is not found by its name");
    walk(member);
  }
}

}  // namespace

void one(std::string_view input) {
  input = input.substr(0, kLongest);
  const std::string quoted = codec::json_quote(input);
  const JsonValue back = JsonValue::parse(quoted);
  require(back.is_string() && (!utf8(input) || back.as_string() == input), "a quoted text is another one when it is read");
  const JsonValue value = JsonValue::parse(input);
  walk(value);
  const std::string text = value.text();
  require_equal(JsonValue::parse(text).text(), text, "what was written is another text when it is read and written again");
}

void seeds(const Add& add) {
  for (const char* text : {"{}", "[]", "null", R"({"a":[1,-2,3.5,1e300,true,null,"\u00e9\ud83d\udc1f\n"],"b":{"c":{}}})", "[[[[[[1]]]]]]",
                           "18446744073709551615", "-9223372036854775808", "-0", "-0.0", "1E-400", R"("\u0000")"})
    add(text);
}

}  // namespace flytt::fuzz
