// JsonWriter of json.hpp.
// SPDX-License-Identifier: MIT
#include <flytt/codec/json.hpp>

#include <flytt/base/error.hpp>
#include <flytt/base/text.hpp>

#include <cmath>

namespace flytt::codec {

using base::Error;
using base::Exit;

namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";  // U+FFFD

void put_escaped(std::string& out, char c) {
  switch (c) {
    case '"': out += "\\\""; return;
    case '\\': out += "\\\\"; return;
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
    default: out += "\\u00" + base::hex(std::string_view(&c, 1)); return;
  }
}

void put_string(std::string& out, std::string_view text) {
  out += '"';
  std::size_t plain = 0;  // from here on nothing had to be changed
  for (std::size_t at = 0; at < text.size();) {
    const char c = text[at];
    const bool escape = c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20;
    const std::size_t length = escape ? 0 : base::utf8_length_at(text, at);
    if (length == 0) {
      out += text.substr(plain, at - plain);
      if (escape) {
        put_escaped(out, c);
      } else {
        out += kReplacement;
      }
      plain = at + 1;
    }
    at += length == 0 ? 1 : length;
  }
  out += text.substr(plain);
  out += '"';
}

[[noreturn]] void misuse(const char* what) { throw Error(Exit::bug, base::concat("JSON is written wrongly: ", what)); }

}  // namespace

std::string json_quote(std::string_view text) {
  std::string out;
  put_string(out, text);
  return out;
}

void JsonWriter::before_value() {
  if (after_key_) {
    after_key_ = false;
    return;
  }
  if (open_.ends_with('}')) misuse("a value without a key in an object");
  if (open_.empty() && !first_) misuse("a second value");
  if (!first_) out_ += ',';
  first_ = false;
}

JsonWriter& JsonWriter::open(char begin, char end) {
  before_value();
  out_ += begin;
  open_ += end;
  first_ = true;
  return *this;
}

JsonWriter& JsonWriter::end() {
  if (open_.empty()) misuse("an end without a beginning");
  if (after_key_) misuse("a key without a value");
  out_ += open_.back();
  open_.pop_back();
  first_ = false;
  return *this;
}

JsonWriter& JsonWriter::key(std::string_view name) {
  if (!open_.ends_with('}') || after_key_) misuse("a key where none can be");
  if (!first_) out_ += ',';
  first_ = false;
  put_string(out_, name);
  out_ += ':';
  after_key_ = true;
  return *this;
}

JsonWriter& JsonWriter::value(std::string_view text) {
  before_value();
  put_string(out_, text);
  return *this;
}

JsonWriter& JsonWriter::value(double number) {
  if (!std::isfinite(number)) return raw("null");
  if (number == 0 && std::signbit(number)) return raw("-0.0");  // "-0" is an integer to every reader, and those have one zero
  return raw(base::concat(number));
}

JsonWriter& JsonWriter::raw(std::string_view json) {
  before_value();
  out_ += json;
  return *this;
}

}  // namespace flytt::codec
