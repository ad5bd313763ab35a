// The small payloads to bytes and back.
// SPDX-License-Identifier: MIT
#include <flytt/wire/payloads.hpp>

#include <algorithm>

#include <flytt/base/bytes.hpp>
#include <flytt/base/text.hpp>
#include <flytt/codec/json.hpp>
#include <flytt/wire/frame.hpp>

namespace flytt::wire {
namespace {

/// Values beside those that are counted, and levels: enough for members that later versions may add.
constexpr std::size_t kMostOther = 1024;
constexpr std::size_t kMostLevels = 32;
constexpr std::size_t kMostComputed = 64;  // values a table, for seven a column
/// Of a sender's sentence and of its hints: with all their escapes they fit an ERR.
constexpr std::size_t kMostSaid = std::size_t{64} << 10;
constexpr std::size_t kMostHints = 1000;  // a line each: one for every missing privilege

void put_bound(base::ByteWriter& out, const std::optional<std::string>& bound) {
  out.put_u8(bound ? 1 : 0);
  if (bound) out.put_lp32(*bound);
}

std::optional<std::string> get_bound(base::ByteReader& in) {
  const auto present = in.get_u8();
  if (present > 1) throw base::Error(base::Exit::data, "CHUNK_END has a key bound that is neither there nor absent");
  if (present == 0) return std::nullopt;
  return std::string(in.get_lp32());
}

}  // namespace

SenderError sender_error(int exit, const base::Error& why) {
  SenderError error{exit, why.text().substr(0, kMostSaid), {}};
  // A line feed inside a hint must not become the end of one.
  for (const auto& hint : why.hints()) error.hint += base::concat(error.hint.empty() ? "" : "\n", base::printable(hint));
  error.hint.resize(std::min(error.hint.size(), kMostSaid));
  return error;
}

base::Error failure_of(const SenderError& error) {
  base::Error failure(static_cast<base::Exit>(error.exit), error.message.substr(0, kMostSaid));
  const std::string hints = error.hint.substr(0, kMostSaid);
  std::size_t lines = 0;
  for (const auto hint : base::split(base::trim(hints), '\n'))
    if (!hint.empty() && lines++ < kMostHints) failure = failure.with_more_hint(std::string(hint));
  return failure.within("reported by dump-stream");
}

std::string encode(const ChunkEnd& end) {
  std::string bytes;
  base::ByteWriter out(bytes);
  out.put_u64(end.rows);
  out.put_u64(end.bytes);
  out.put_u64(end.digest.lo);
  out.put_u64(end.digest.hi);
  out.put_u32(static_cast<std::uint32_t>(end.frame_rows.size()));
  for (const auto rows : end.frame_rows) out.put_u32(rows);
  put_bound(out, end.bounds.after);
  put_bound(out, end.bounds.through);
  return bytes;
}

ChunkEnd decode_chunk_end(std::string_view bytes) {
  base::ByteReader in(bytes, "CHUNK_END");
  ChunkEnd end;
  end.rows = in.get_u64();
  end.bytes = in.get_u64();
  end.digest.lo = in.get_u64();
  end.digest.hi = in.get_u64();
  const auto frames = in.get_u32();
  // The list is taken from the input before memory is taken for it: a lie about its length ends here.
  base::ByteReader list(in.take(std::uint64_t{frames} * 4), "CHUNK_END");
  end.frame_rows.reserve(frames);
  for (std::uint32_t i = 0; i < frames; ++i) end.frame_rows.push_back(list.get_u32());
  end.bounds.after = get_bound(in);
  end.bounds.through = get_bound(in);
  in.expect_end();
  return end;
}

std::string encode(const TableEnd& end) {
  std::string bytes;
  base::ByteWriter out(bytes);
  out.put_u64(end.rows);
  out.put_u64(end.chunks);
  return bytes;
}

TableEnd decode_table_end(std::string_view bytes, std::uint32_t table) {
  base::ByteReader in(bytes, "TABLE_END");
  TableEnd end{.table = table};
  end.rows = in.get_u64();
  end.chunks = in.get_u64();
  in.expect_end();
  return end;
}

std::string encode(const Totals& totals) {
  std::string text;
  codec::JsonWriter json(text);
  json.object()
      .member("uuid", totals.uuid)
      .member("chunks", totals.chunks)
      .member("rows", totals.rows)
      .member("bytes", totals.bytes)
      .member("schema_objects", totals.schema_objects)
      .key("table_rows")
      .array();
  for (const auto rows : totals.table_rows) json.value(rows);
  json.end();
  if (!totals.computed.empty()) {
    json.key("computed").array();
    for (const auto& c : totals.computed) json.object().member("table", c.table).member("column", c.column).member("digest", c.digest).end();
    json.end();
  }
  json.member("digest", totals.digest.hex()).end();
  return text;
}

Totals decode_totals(std::string_view bytes, std::size_t tables) {
  const auto json = codec::JsonValue::parse(bytes, {.bytes = kMaxObject, .values = tables * (1 + kMostComputed) + kMostOther, .text = kMaxSmall, .levels = kMostLevels});
  Totals totals;
  totals.uuid = json.get_string("uuid");
  totals.chunks = json.get_u64("chunks");
  totals.rows = json.get_u64("rows");
  totals.bytes = json.get_u64("bytes");
  totals.schema_objects = json.get_u64("schema_objects");
  for (const auto& rows : json.get_array("table_rows")) totals.table_rows.push_back(rows.as_u64());
  if (json.has("computed"))
    for (const auto& c : json.get_array("computed")) {
      const auto table = c.get_u64("table"), column = c.get_u64("column");
      if (table >= tables || column > kMaxSmall) throw base::Error(base::Exit::data, base::concat("END speaks of computed column ", column, " of table ", table, ", which HELLO does not name"));
      totals.computed.push_back({static_cast<std::uint32_t>(table), static_cast<std::uint32_t>(column), c.get_string("digest")});
    }
  totals.digest = codec::Hash128::from_hex(json.get_string("digest"));
  return totals;
}

std::string encode(const SenderError& error) {
  std::string text;
  codec::JsonWriter json(text);
  json.object().member("exit", error.exit).member("message", error.message).member("hint", error.hint).end();
  return text;
}

SenderError decode_sender_error(std::string_view bytes) {
  const auto json = codec::JsonValue::parse(bytes, {.bytes = kMaxSmall, .values = kMostOther, .text = kMaxSmall, .levels = kMostLevels});
  SenderError error;
  const auto exit = json.get_i64("exit");
  if (exit < 1 || exit > 255) throw base::Error(base::Exit::data, base::concat("ERR says exit status ", exit));
  error.exit = static_cast<int>(exit);
  error.message = json.get_string("message");
  error.hint = json.get_string("hint", "");
  return error;
}

}  // namespace flytt::wire
