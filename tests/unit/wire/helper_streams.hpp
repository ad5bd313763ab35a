// Small streams for tests: made by the writer, taken apart frame by frame, changed and sealed again.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <flytt/wire/stream_reader.hpp>

namespace flytt::test {

/// Two tables, two schema objects, every kind of position.
value::Manifest small_manifest();
value::SchemaObject small_object(int number);

/// Row images of table shop.orders: an id and a text.
std::string order_rows(std::uint32_t first, std::uint32_t count, std::size_t note_size = 8);

/// HELLO, SCHEMA twice, a heartbeat, two chunks of one table and one of the other, END.
std::string small_stream();
/// The same, and TABLE_END after the last chunk of each table.
std::string small_stream_with_table_ends();

/// A frame as it stands in a stream.
struct RawFrame {
  wire::FrameHeader header;
  std::string payload;
};
std::vector<RawFrame> take_apart(std::string_view stream);
/// Back to bytes. Hashes of payloads and headers are made anew: a liar seals his lies.
std::string put_together(const std::vector<RawFrame>& frames);
/// A sealed frame around raw bytes.
RawFrame frame_of(wire::Kind kind, std::string_view raw, std::uint64_t seq, std::uint16_t flags = 0);

/// Reads a stream to its end and decodes every chunk; throws what the reader throws.
struct Everything {
  value::Manifest manifest;
  std::vector<value::SchemaObject> objects;
  std::vector<std::string> rows;  ///< raw bytes by table
  std::uint64_t row_count = 0;
  unsigned heartbeats = 0;
  std::vector<wire::TableEnd> ends;
  bool complete = false;
  wire::Totals totals;
  wire::SenderError failure;
};
Everything read_all(std::string_view stream);

}  // namespace flytt::test
