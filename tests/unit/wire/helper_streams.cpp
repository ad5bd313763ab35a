// Small streams for tests.
// SPDX-License-Identifier: MIT
#include "unit/wire/helper_streams.hpp"

#include <flytt/base/bytes.hpp>
#include <flytt/codec/xxh3.hpp>
#include <flytt/codec/zstd.hpp>
#include <flytt/wire/chunk_decoder.hpp>
#include <flytt/wire/chunk_writer.hpp>

namespace flytt::test {

value::Manifest small_manifest() {
  value::Manifest m;
  m.uuid = "01234567-89ab-4cde-8f01-23456789abcd";
  m.created = "2026-01-31T23:59:58.123Z";
  m.tool_version = "0.1.0";
  m.source = {"fake", "FakeDB", "1.2.3", 10203, "server-uuid", "db1", 7, {{"charset", "utf8mb4"}}};
  m.scope.databases = {"shop"};
  m.position = {"0-1-100", "binlog.000003", 4711, ""};
  m.databases = {{"shop", "utf8mb4", "utf8mb4_bin"}};
  value::Column id{.name = "id", .type = value::Type::uint32, .nullable = false};
  id.native = "int unsigned";
  value::Column note{.name = "note", .type = value::Type::text, .charset = "latin1"};
  note.native = "varchar(100)";
  value::Table orders;
  orders.name = {"shop", "orders"};
  orders.columns = {id, note};
  orders.key = {"PRIMARY", {0}};
  orders.rows_estimate = 3;
  orders.bytes_estimate = 100;
  orders.identity = "table-id-17";
  value::Table notes = orders;
  notes.name.table = "notes \"of\" all, \xf0\x9f\x90\x9f";
  notes.key = {};
  m.tables = {orders, notes};
  m.warnings = {"table shop.orders: nothing is lost"};
  return m;
}

value::SchemaObject small_object(int number) {
  value::SchemaObject o;
  o.kind = number == 0 ? value::ObjectKind::table : value::ObjectKind::view;
  o.schema = "shop";
  o.name = number == 0 ? "orders" : "v";
  o.statement = number == 0 ? "CREATE TABLE orders (id int)" : "CREATE VIEW v AS SELECT 'caf\xe9'";
  o.charset = number == 0 ? "utf8mb4" : "latin1";
  o.definer = "app@%";
  return o;
}

std::string order_rows(std::uint32_t first, std::uint32_t count, std::size_t note_size) {
  std::string bytes;
  base::ByteWriter out(bytes);
  for (std::uint32_t i = first; i < first + count; ++i) {
    out.put_u8(0);
    out.put_u32(i);
    out.put_lp32(std::string(note_size, static_cast<char>('a' + i % 26)));
  }
  return bytes;
}

namespace {

std::string write_small_stream(bool table_ends) {
  wire::MemorySink sink;
  wire::StreamWriter writer(sink, 1);
  writer.hello(small_manifest());
  writer.schema(small_object(0));
  writer.schema(small_object(1));
  writer.heartbeat();
  wire::ChunkWriter chunk(writer, 1 << 20);
  chunk.begin(0);
  chunk.write(order_rows(1, 2), 2);
  chunk.finish({std::nullopt, std::string("\2\0\0\0", 4)});
  chunk.begin(1);
  chunk.write(order_rows(1, 1), 1);
  chunk.finish({});
  if (table_ends) writer.table_end(1);
  chunk.begin(0);
  chunk.write(order_rows(3, 1), 1);
  chunk.finish({std::string("\2\0\0\0", 4), std::nullopt});
  if (table_ends) writer.table_end(0);
  writer.end();
  return sink.bytes();
}

}  // namespace

std::string small_stream() { return write_small_stream(false); }
std::string small_stream_with_table_ends() { return write_small_stream(true); }

std::vector<RawFrame> take_apart(std::string_view stream) {
  std::vector<RawFrame> frames;
  while (!stream.empty()) {
    RawFrame frame;
    frame.header = wire::decode_header(stream.substr(0, wire::kHeaderSize));
    frame.payload = stream.substr(wire::kHeaderSize, frame.header.enc_len);
    stream.remove_prefix(wire::kHeaderSize + frame.header.enc_len);
    frames.push_back(std::move(frame));
  }
  return frames;
}

std::string put_together(const std::vector<RawFrame>& frames) {
  std::string out;
  for (const auto& frame : frames) {
    auto header = frame.header;
    header.payload_hash = codec::hash64(frame.payload);
    const auto bytes = wire::encode_header(header);
    out.append(bytes.data(), bytes.size());
    out += frame.payload;
  }
  return out;
}

RawFrame frame_of(wire::Kind kind, std::string_view raw, std::uint64_t seq, std::uint16_t flags) {
  RawFrame frame;
  if (!raw.empty()) codec::Compressor(1).compress_frame(raw, frame.payload);
  frame.header.kind = kind;
  frame.header.flags = flags;
  frame.header.seq = seq;
  frame.header.raw_len = raw.size();
  frame.header.enc_len = frame.payload.size();
  return frame;
}

Everything read_all(std::string_view stream) {
  Everything all;
  wire::MemorySource source(stream);
  wire::StreamReader reader(source);
  wire::ChunkDecoder decoder;
  for (;;) {
    wire::Event event = reader.next();
    if (auto* manifest = std::get_if<value::Manifest>(&event)) {
      all.manifest = *manifest;
      all.rows.resize(manifest->tables.size());
    } else if (auto* object = std::get_if<value::SchemaObject>(&event)) {
      all.objects.push_back(*object);
    } else if (auto* chunk = std::get_if<wire::Chunk>(&event)) {
      const auto table = chunk->object;
      decoder.start(std::move(*chunk));
      wire::Block block;
      while (decoder.next(block)) {
        all.rows[table] += block.bytes;
        all.row_count += block.rows;
      }
    } else if (auto* end = std::get_if<wire::TableEnd>(&event)) {
      all.ends.push_back(*end);
    } else if (std::get_if<wire::Heartbeat>(&event)) {
      ++all.heartbeats;
    } else if (auto* failure = std::get_if<wire::SenderError>(&event)) {
      all.failure = *failure;
      return all;
    } else {
      all.totals = std::get<wire::Totals>(event);
      all.complete = true;
      return all;
    }
  }
}

}  // namespace flytt::test
