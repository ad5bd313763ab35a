// Frames out of the pipe: one at a time, and only whole ones.
// SPDX-License-Identifier: MIT
#include <flytt/wire/stream_reader.hpp>

#include <algorithm>
#include <utility>

#include <flytt/base/bytes.hpp>
#include <flytt/base/text.hpp>
#include <flytt/wire/manifest.hpp>

namespace flytt::wire {

std::string StreamReader::place() const {
  if (!hello_seen_) return "in HELLO";
  if (in_chunk_) return base::concat("in chunk ", totals_.chunks, " of ", tables_[object_].name);
  if (totals_.chunks > 0) return base::concat("after chunk ", totals_.chunks);
  return "before the first chunk";
}

void StreamReader::corrupt(std::string what) const {
  throw base::Error(base::Exit::data, base::concat(what, " (", place(), ", at byte ", frame_at_, " of the stream)"));
}

void StreamReader::truncated() const {
  if (position_ == 0) throw base::Error(base::Exit::data, "the stream is empty");
  if (in_chunk_) throw base::Error(base::Exit::data, base::concat("stream ends ", place()));
  throw base::Error(base::Exit::data, base::concat("stream ends without END ", place()));
}

void StreamReader::read_exactly(char* into, std::size_t size) {
  const auto n = source_.read(into, size);
  position_ += n;
  if (n < size) truncated();
}

StreamReader::Frame StreamReader::read_frame() {
  Frame frame;
  frame_at_ = position_;
  HeaderBytes bytes;
  read_exactly(bytes.data(), bytes.size());
  try {
    frame.header = decode_header(std::string_view(bytes.data(), bytes.size()));
  } catch (const base::Error& error) {
    if (frame_at_ == 0 && header_seal({bytes.data(), bytes.size()}) != codec::hash64({bytes.data(), 56}))
      throw base::Error(base::Exit::data, "this is no flytt stream, or its first frame is damaged: " + error.message());
    if (!error.facts().hint.empty()) throw;  // says what to do; the place does not matter
    corrupt(error.message());
  }
  // The header's own hash matched and both lengths are bounded: memory for the payload can be taken.
  frame.payload.resize(static_cast<std::size_t>(frame.header.enc_len));
  read_exactly(frame.payload.data(), frame.payload.size());
  if (codec::hash64(frame.payload) != frame.header.payload_hash) corrupt("a frame's payload is damaged: its hash does not match");
  if (frame.header.seq != seq_) corrupt(base::concat("frame ", seq_, " is missing: frame ", frame.header.seq, " is here"));
  ++seq_;
  digest_before_ = digest_.digest();
  digest_.update(std::string_view(bytes.data() + kHeaderSize - 8, 8));
  return frame;
}

std::string StreamReader::whole_payload(Frame& first, std::uint64_t limit) {
  std::string raw;
  const auto kind = first.header.kind;
  Frame frame = std::move(first);
  for (;;) {
    if (raw.size() + frame.header.raw_len > limit) corrupt(base::concat(kind_name(kind), " is larger than ", limit, " bytes"));
    if (frame.header.enc_len > 0) {
      try {
        decompressor_.decompress_frame(frame.payload, static_cast<std::size_t>(frame.header.raw_len), raw);
      } catch (const base::Error& error) {
        corrupt(error.message());
      }
    }
    if (!frame.header.more()) return raw;
    const auto before = frame.header;
    frame = read_frame();
    if (frame.header.kind != kind || frame.header.chunk != before.chunk || frame.header.object != before.object)
      corrupt(base::concat(kind_name(kind), " goes on in a frame that is not its own"));
  }
}

Event StreamReader::next() {
  if (over_) throw base::Error(base::Exit::bug, "a stream was read beyond its end");
  for (;;) {
    Frame frame = read_frame();
    if (known(frame.header.kind)) return event(std::move(frame));
    if ((frame.header.flags & kFlagSkippable) == 0)
      corrupt(base::concat("frame has kind ", static_cast<unsigned>(frame.header.kind), ", which this version does not know"));
    if (!hello_seen_) corrupt("the stream does not begin with HELLO");
  }
}

Event StreamReader::event(Frame frame) {
  const auto kind = frame.header.kind;
  if (kind == Kind::error) return sender_error(frame);
  if (hello_seen_ == (kind == Kind::hello)) corrupt(hello_seen_ ? "HELLO comes twice" : "the stream does not begin with HELLO");
  if (kind == Kind::data) {
    std::optional<SenderError> failed;
    Chunk chunk = read_chunk(std::move(frame), failed);
    if (failed) return *std::move(failed);
    return chunk;
  }
  if (frame.header.chunk != 0) corrupt(base::concat(kind_name(kind), " outside of a chunk has a chunk number"));
  switch (kind) {
    case Kind::hello: return hello(frame);
    case Kind::schema: return schema(frame);
    case Kind::table_end: return table_end(frame);
    case Kind::end: return end(frame);
    case Kind::heartbeat: break;
    default: corrupt(base::concat(kind_name(kind), " is out of place"));
  }
  if (frame.header.enc_len != 0 || frame.header.more()) corrupt("HEARTBEAT has a payload");
  return Heartbeat{};
}

value::Manifest StreamReader::hello(Frame& frame) {
  if (frame.header.object != 0) corrupt("HELLO has an object number");
  const auto payload = whole_payload(frame, kMaxHello);
  try {
    auto manifest = decode_manifest(payload);
    for (const auto& table : manifest.tables) tables_.push_back({.name = table.name.display()});
    totals_.uuid = manifest.uuid;
    totals_.table_rows.assign(manifest.tables.size(), 0);
    hello_seen_ = true;
    return manifest;
  } catch (const base::Error& error) {
    throw error.within("while reading HELLO");
  }
}

value::SchemaObject StreamReader::schema(Frame& frame) {
  if (rows_begun_) corrupt("SCHEMA comes after the first chunk");
  if (frame.header.object != totals_.schema_objects)
    corrupt(base::concat("schema object ", totals_.schema_objects, " is missing: ", frame.header.object, " is here"));
  const auto payload = whole_payload(frame, kMaxObject);
  schema_bytes_ += payload.size();
  if (schema_bytes_ > kMaxSchema) corrupt(base::concat("the schema is larger than ", kMaxSchema, " bytes"));
  ++totals_.schema_objects;
  try {
    return decode_schema_object(payload);
  } catch (const base::Error& error) {
    throw error.within(base::concat("while reading schema object ", totals_.schema_objects));
  }
}

SenderError StreamReader::sender_error(Frame& frame) {
  const auto payload = whole_payload(frame, kMaxSmall);
  over_ = true;
  try {
    return decode_sender_error(payload);
  } catch (const base::Error& error) {
    corrupt(error.message());
  }
}

Chunk StreamReader::read_chunk(Frame first, std::optional<SenderError>& failed) {
  Chunk chunk{.number = first.header.chunk, .object = first.header.object};
  if (chunk.object >= tables_.size()) corrupt(base::concat("chunk is of table ", chunk.object, ", which HELLO does not name"));
  if (chunk.number != totals_.chunks + 1)
    corrupt(base::concat("chunk ", totals_.chunks + 1, " is missing: chunk ", chunk.number, " is here"));
  if (tables_[chunk.object].ended) corrupt(base::concat("a chunk of ", tables_[chunk.object].name, " comes after its TABLE_END"));
  ++totals_.chunks;
  ++tables_[chunk.object].chunks;
  object_ = chunk.object;
  in_chunk_ = rows_begun_ = true;
  std::uint64_t raw = 0;
  row_bytes_ = 0;
  add_data(chunk, std::move(first), raw);
  for (;;) {
    Frame frame = read_frame();
    if (frame.header.kind == Kind::error) {
      failed = sender_error(frame);
      return chunk;
    }
    if (frame.header.chunk != chunk.number || frame.header.object != chunk.object)
      corrupt("a frame of another chunk stands inside a chunk");
    if (frame.header.kind == Kind::data) {
      add_data(chunk, std::move(frame), raw);
      continue;
    }
    if (frame.header.kind != Kind::chunk_end) corrupt(base::concat(kind_name(frame.header.kind), " stands inside a chunk"));
    const auto payload = whole_payload(frame, kMaxSmall);
    try {
      chunk.end = decode_chunk_end(payload);
    } catch (const base::Error& error) {
      corrupt(error.message());
    }
    check_chunk_end(chunk, raw);
    in_chunk_ = false;
    return chunk;
  }
}

void StreamReader::add_data(Chunk& chunk, Frame frame, std::uint64_t& raw) {
  if (frame.header.raw_len == 0) corrupt("DATA is empty");
  raw += frame.header.raw_len;
  if (raw > kMaxChunk) corrupt("chunk is larger than 4 GiB");
  if (chunk.frames.size() == kMaxFrames) corrupt(base::concat("chunk has more than ", kMaxFrames, " frames"));
  row_bytes_ += frame.header.raw_len;
  if (row_bytes_ > kMaxRow) corrupt(base::concat("a row is larger than ", kMaxRow, " bytes"));
  if (!frame.header.more()) row_bytes_ = 0;
  chunk.encoded_bytes += frame.payload.size();
  chunk.frames.push_back(
      {std::move(frame.payload), static_cast<std::uint32_t>(frame.header.raw_len), frame.header.more()});
}

void StreamReader::check_chunk_end(const Chunk& chunk, std::uint64_t raw) {
  std::uint64_t rows = 0;
  for (const auto n : chunk.end.frame_rows) rows += n;
  if (chunk.frames.back().more) corrupt("chunk ends inside a row");
  if (chunk.end.frame_rows.size() != chunk.frames.size())
    corrupt(base::concat("CHUNK_END says ", chunk.end.frame_rows.size(), " frames, there are ", chunk.frames.size()));
  if (chunk.end.bytes != raw) corrupt(base::concat("CHUNK_END says ", chunk.end.bytes, " bytes, there are ", raw));
  if (chunk.end.rows != rows) corrupt(base::concat("CHUNK_END says ", chunk.end.rows, " rows, its frames have ", rows));
  totals_.rows += rows;
  totals_.bytes += raw;
  totals_.table_rows[chunk.object] += rows;
}

TableEnd StreamReader::table_end(Frame& frame) {
  const auto index = frame.header.object;
  if (index >= tables_.size()) corrupt(base::concat("TABLE_END is of table ", index, ", which HELLO does not name"));
  auto& table = tables_[index];
  if (std::exchange(table.ended, true)) corrupt("TABLE_END of " + table.name + " comes twice");
  rows_begun_ = true;
  const auto payload = whole_payload(frame, kMaxSmall);
  TableEnd said;
  try {
    said = decode_table_end(payload, index);
  } catch (const base::Error& error) {
    corrupt(error.message());
  }
  if (said.chunks != table.chunks) corrupt(base::concat("TABLE_END of ", table.name, " says ", said.chunks, " chunks, there are ", table.chunks));
  if (said.rows != totals_.table_rows[index])
    corrupt(base::concat("TABLE_END of ", table.name, " says ", said.rows, " rows, there are ", totals_.table_rows[index]));
  return said;
}

Totals StreamReader::end(Frame& frame) {
  totals_.digest = digest_before_;
  Totals said;
  try {
    said = decode_totals(whole_payload(frame, kMaxObject), tables_.size());
  } catch (const base::Error& error) {
    throw error.within("while reading END");
  }
  if (said.uuid != totals_.uuid) corrupt("END is of another stream");
  const auto compare = [&](std::string_view what, std::uint64_t says, std::uint64_t there) {
    if (says != there) corrupt(base::concat("END says ", says, " ", what, ", there are ", there));
  };
  compare("schema objects", said.schema_objects, totals_.schema_objects);
  compare("chunks", said.chunks, totals_.chunks);
  compare("rows", said.rows, totals_.rows);
  compare("bytes", said.bytes, totals_.bytes);
  compare("tables", said.table_rows.size(), totals_.table_rows.size());
  for (std::size_t i = 0; i < tables_.size(); ++i)
    compare("rows in " + tables_[i].name, said.table_rows[i], totals_.table_rows[i]);
  if (said.digest != totals_.digest) corrupt("END's digest is not that of the frames before it");
  char beyond;
  if (source_.read(&beyond, 1) != 0) {
    frame_at_ = position_;
    corrupt("something follows END");
  }
  over_ = true;
  return said;
}

}  // namespace flytt::wire
