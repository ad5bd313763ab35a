// Texts that need not be UTF-8, in JSON.
// SPDX-License-Identifier: MIT
#include <flytt/wire/json_text.hpp>

#include <flytt/base/error.hpp>
#include <flytt/base/text.hpp>

namespace flytt::wire {
namespace {

bool is_utf8(std::string_view text) noexcept {
  for (std::size_t at = 0; at < text.size();) {
    const auto length = base::utf8_length_at(text, at);
    if (length == 0) return false;
    at += length;
  }
  return true;
}

std::string bytes_of(const codec::JsonValue& hex) {
  auto bytes = base::from_hex(hex.as_string());
  if (!bytes) throw base::Error(base::Exit::data, base::concat(hex.path(), " is not hexadecimal"));
  return *std::move(bytes);
}

}  // namespace

void put_text(codec::JsonWriter& out, std::string_view name, std::string_view text) {
  if (is_utf8(text))
    out.member(name, text);
  else
    out.member(base::concat(name, "_hex"), base::hex(text));
}

std::string get_text(const codec::JsonValue& in, std::string_view name) {
  if (const auto hex = in.find(base::concat(name, "_hex"))) return bytes_of(*hex);
  return in.get_string(name);
}

std::string get_text(const codec::JsonValue& in, std::string_view name, std::string otherwise) {
  if (const auto hex = in.find(base::concat(name, "_hex"))) return bytes_of(*hex);
  return in.get_string(name, std::move(otherwise));
}

void put_texts(codec::JsonWriter& out, std::string_view name, const std::vector<std::string>& texts) {
  out.key(name).array();
  for (const auto& text : texts) {
    if (is_utf8(text))
      out.value(text);
    else
      out.object().member("hex", base::hex(text)).end();
  }
  out.end();
}

std::vector<std::string> get_texts(const codec::JsonValue& in, std::string_view name) {
  std::vector<std::string> texts;
  const auto list = in.find(name);
  if (!list) return texts;
  const auto items = list->as_array();
  constexpr std::size_t kMost = 1'000'000;  // an empty text takes three bytes there and 32 here
  if (items.size() > kMost) throw base::Error(base::Exit::data, base::concat(list->path(), " has more than ", kMost, " texts"));
  texts.reserve(items.size());
  for (const auto& item : items)
    texts.push_back(item.is_object() ? bytes_of(item.at("hex")) : item.as_string());
  return texts;
}

}  // namespace flytt::wire
