// The small tools that all text from outside goes through: globs, quoting for messages, hexadecimal digits, trimming.
// Shape: a pattern as a piece, then the text.
// SPDX-License-Identifier: MIT
#include <flytt/base/text.hpp>
#include <flytt/base/uuid.hpp>
#include <flytt/engine/mysql_family/connection.hpp>
#include <flytt/engine/mysql_family/definition_tokens.hpp>
#include <flytt/engine/mysql_family/privileges.hpp>
#include <flytt/os/disk_counters.hpp>
#include <flytt/os/mounts.hpp>

#include "fuzz/bytes/support/harness.hpp"

namespace flytt::fuzz {
namespace {

void quoted(std::string_view text) {
  const std::string shown = base::quote_for_message(text);
  for (std::size_t at = 0, n = 0; at < shown.size(); at += n) {
    n = base::utf8_length_at(shown, at);
    require(n != 0 && static_cast<unsigned char>(shown[at]) >= ' ' && shown[at] != 0x7f, "a message holds a control character, or what is no UTF-8");
  }
  const std::string bytes = engine::mysql_family::quote_bytes(text), name = engine::mysql_family::quote_name(text), literal = engine::mysql_family::quote_text(text);
  for (const std::string& sql : {bytes, name, literal}) {
    const auto tokens = engine::mysql_family::tokenize(sql);
    require(!tokens.empty() && tokens.back().at + tokens.back().size == sql.size() && tokens.size() <= 2, "a quoted text is more than one: " + sql);
  }
  require_equal(engine::mysql_family::token_value(name, engine::mysql_family::tokenize(name)[0]), text, "a quoted name is another one when it is read");
}

}  // namespace

void one(std::string_view input) {
  Bytes in(input);
  const std::string_view pattern = in.piece(), text = in.rest();
  base::glob_match(pattern, text);
  require(base::glob_match("*", text), "not everything matches a star");
  if (pattern.find_first_of("*?[\\") == std::string_view::npos) require(base::glob_match(pattern, text) == (pattern == text), "a pattern without wildcards matches another text");
  engine::mysql_family::grant_pattern_matches(pattern, text);
  require(base::from_hex(base::hex(text)) == std::string(text), "hexadecimal digits are other bytes when they are read");
  require(base::join(base::split(text, ','), ",") == text, "a text that was cut is another one when it is joined");
  require(base::trim(base::trim(text)) == base::trim(text), "a trimmed text is trimmed again");
  if (base::parse_u64(text)) require(base::parse_i64(text).has_value() || *base::parse_u64(text) > 9223372036854775807U, "an unsigned number is no number");
  quoted(text);
  accepted([&] { base::parse_uuid(text); });
  accepted([&] { os::parse_diskstats(text); });
  accepted([&] { os::parse_mountinfo(text); });
}

void seeds(const Add& add) {
  add(as_piece("sh[a-z!]*\\*?.or[^x]?rs") + "shop.orders");
  add(as_piece("shop\\_%") + "shop_1");
  add(as_piece("*a*a*a*a*b") + "aaaaaaaaaaaaaaaaaaaaaaaa\xf0\x9f\x90\x9f");
  add(as_piece("x") + "01234567-89ab-4cde-8f01-23456789abcd");
  add(as_piece("") + vector_file("proc/stack/proc/self/mountinfo"));
  add(as_piece("") + "   8       0 sda 100 0 800 10 200 0 1600 20 0 30 30 0 0 0 0 5 7\n");
}

}  // namespace flytt::fuzz
