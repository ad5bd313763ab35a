// Frames into the pipe, in order.
// SPDX-License-Identifier: MIT
#include <flytt/wire/stream_writer.hpp>

#include <limits>

#include <flytt/base/bytes.hpp>
#include <flytt/base/error.hpp>
#include <flytt/base/text.hpp>
#include <flytt/wire/manifest.hpp>

namespace flytt::wire {

int parse_compression(std::string_view text) {
  constexpr std::string_view kName = "zstd";
  if (text == kName) return codec::Compressor::kDefaultLevel;
  if (text.starts_with("zstd:")) {
    const auto level = base::parse_i64(text.substr(5));
    if (level && *level >= -131072 && *level <= 22) {
      codec::Compressor(static_cast<int>(*level));  // asks the library itself
      return static_cast<int>(*level);
    }
  }
  throw base::Error(base::Exit::usage, "compression " + base::quote_for_message(text) + " is not zstd or zstd:LEVEL",
                    {.hint = "Levels are 1 to 22, and negative ones that are faster, such as zstd:-3."});
}

StreamWriter::StreamWriter(ByteSink& sink, int level) : sink_(sink), level_(level), compressor_(level) {}

void StreamWriter::expect(Phase a, Phase b) const {
  if (broken_) throw base::Error(base::Exit::io, "the stream's output failed earlier");
  if (phase_ != a && phase_ != b) throw base::Error(base::Exit::bug, "stream frames in the wrong order");
}

void StreamWriter::send(std::string_view bytes) {
  try {
    sink_.write(bytes);
  } catch (...) {
    broken_ = true;
    throw;
  }
  written_.fetch_add(bytes.size(), std::memory_order_relaxed);
}

void StreamWriter::put_frames(const Lock&, std::uint32_t chunk, std::string& encoded, const std::vector<std::size_t>& offsets) {
  for (const auto at : offsets) {
    const auto seal = stamp_header(encoded.data() + at, chunk, seq_++);
    std::string image;
    base::ByteWriter(image).put_u64(seal);
    digest_.update(image);
  }
  send(encoded);
  frames_.fetch_add(offsets.size(), std::memory_order_relaxed);
}

void StreamWriter::put_payload(const Lock& lock, FrameHeader header, std::string_view payload) {
  buffer_.clear();
  const auto kept = header.flags;
  std::vector<std::size_t> offsets;
  do {
    const auto part = payload.substr(0, kMaxRaw);
    payload.remove_prefix(part.size());
    const auto at = buffer_.size();
    offsets.push_back(at);
    buffer_.resize(at + kHeaderSize);
    if (!part.empty()) compressor_.compress_frame(part, buffer_);
    header.flags = static_cast<std::uint16_t>(kept | (payload.empty() ? 0 : kFlagMore));
    header.raw_len = part.size();
    header.enc_len = buffer_.size() - at - kHeaderSize;
    header.payload_hash = codec::hash64(std::string_view(buffer_).substr(at + kHeaderSize));
    const auto bytes = encode_header(header);
    buffer_.replace(at, kHeaderSize, bytes.data(), bytes.size());
  } while (!payload.empty());
  put_frames(lock, header.chunk, buffer_, offsets);
  if (buffer_.capacity() > 2 * kMaxEncoded) buffer_ = {};
}

namespace {

/// What a reader would refuse must not be sent: the copy would end there, after hours.
void require_room(std::uint64_t needed, std::uint64_t most, std::string_view what) {
  if (needed > most) throw base::Error(base::Exit::refused, base::concat(what, " takes ", needed, ", and a stream has room for ", most));
}

}  // namespace

void StreamWriter::hello(const value::Manifest& manifest) {
  require_room(manifest.tables.size(), kMaxTables, "the list of tables");
  const auto payload = encode(manifest);
  require_room(payload.size(), kMaxHello, "what HELLO says of all tables");
  const Lock lock(mutex_);
  expect(Phase::start, Phase::start);
  phase_ = Phase::schema;
  totals_.uuid = manifest.uuid;
  totals_.table_rows.assign(manifest.tables.size(), 0);
  table_chunks_.assign(manifest.tables.size(), 0);
  put_payload(lock, {.kind = Kind::hello}, payload);
}

void StreamWriter::schema(const value::SchemaObject& object) {
  const auto payload = encode(object);
  require_room(payload.size(), kMaxObject, object.display());
  const Lock lock(mutex_);
  require_room(schema_bytes_ += payload.size(), kMaxSchema, "the schema up to " + object.display());
  expect(Phase::schema, Phase::schema);
  put_payload(lock, {.kind = Kind::schema, .object = schema_objects_++}, payload);
  ++totals_.schema_objects;
}

bool StreamWriter::heartbeat() {
  const Lock lock(mutex_, std::try_to_lock);
  if (!lock.owns_lock() || broken_ || (phase_ != Phase::schema && phase_ != Phase::data)) return false;
  put_payload(lock, {.kind = Kind::heartbeat}, {});
  return true;
}

void StreamWriter::table_end(std::uint32_t table) {
  const Lock lock(mutex_);
  expect(Phase::schema, Phase::data);
  phase_ = Phase::data;
  const TableEnd end{table, totals_.table_rows.at(table), table_chunks_.at(table)};
  put_payload(lock, {.kind = Kind::table_end, .flags = kFlagSkippable, .object = table}, encode(end));
}

void StreamWriter::error(const SenderError& why) {
  const Lock lock(mutex_);
  if (broken_ || phase_ == Phase::over) return;
  phase_ = Phase::over;
  put_payload(lock, {.kind = Kind::error}, encode(why));
}

void StreamWriter::computed(ComputedColumn column) {
  const Lock lock(mutex_);
  totals_.computed.push_back(std::move(column));
}

Totals StreamWriter::end() {
  const Lock lock(mutex_);
  expect(Phase::schema, Phase::data);
  phase_ = Phase::over;
  totals_.digest = digest_.digest();
  put_payload(lock, {.kind = Kind::end}, encode(totals_));
  return totals_;
}

std::uint32_t StreamWriter::begin_chunk(const Lock&) {
  expect(Phase::schema, Phase::data);
  phase_ = Phase::data;
  if (totals_.chunks == std::numeric_limits<std::uint32_t>::max())
    throw base::Error(base::Exit::refused, "the stream has as many chunks as it can number",
                      {.hint = "Use a larger --chunk-size."});
  return static_cast<std::uint32_t>(++totals_.chunks);
}

void StreamWriter::end_chunk(const Lock& lock, std::uint32_t chunk, std::uint32_t object, const ChunkEnd& end) {
  put_payload(lock, {.kind = Kind::chunk_end, .chunk = chunk, .object = object}, encode(end));
  totals_.rows += end.rows;
  totals_.bytes += end.bytes;
  totals_.table_rows.at(object) += end.rows;
  ++table_chunks_.at(object);
}

}  // namespace flytt::wire
