// A stream made of frames that an input describes: payloads before compression, and which of their numbers shall lie.
// Shape: for each frame kind, flags, object, lies (one byte each), the payload's length (u16), the payload.
// SPDX-License-Identifier: MIT
#include <algorithm>
#include <vector>

#include <flytt/base/bytes.hpp>
#include <flytt/codec/xxh3.hpp>
#include <flytt/codec/zstd.hpp>
#include <flytt/wire/frame.hpp>
#include <flytt/wire/payloads.hpp>

#include "fuzz/bytes/support/harness.hpp"
#include "fuzz/bytes/support/streams.hpp"

namespace flytt::fuzz {
namespace {

constexpr std::size_t kMostFrames = 64;

// What a frame lies about.
constexpr unsigned kUncompressed = 1, kSequence = 2, kRawLength = 4, kContent = 8, kChunk = 16;

class Maker {
 public:
  void put(Bytes& in) {
    const auto kind = static_cast<wire::Kind>(in.byte());
    const std::uint16_t flags = in.byte();
    const std::uint32_t object = in.byte();
    const unsigned lies = in.byte();
    const std::size_t low = in.byte();
    std::string payload(in.take(low | std::size_t{in.byte()} << 8));
    if ((lies & kContent) == 0) payload = honest(kind, object, payload);
    if (kind == wire::Kind::data && !in_chunk_) begin_chunk();
    const bool of_chunk = kind == wire::Kind::data || kind == wire::Kind::chunk_end;
    wire::FrameHeader header{.kind = kind, .flags = flags, .object = object};
    header.chunk = of_chunk != ((lies & kChunk) != 0) ? totals_.chunks : 0;
    if (kind == wire::Kind::data) note_data(payload);
    if (kind == wire::Kind::chunk_end) in_chunk_ = false;
    if (kind == wire::Kind::schema && (flags & wire::kFlagMore) == 0) ++totals_.schema_objects;
    seal(header, payload, lies);
  }
  const std::string& stream() const noexcept { return stream_; }

 private:
  void begin_chunk() {
    in_chunk_ = true;
    ++totals_.chunks;
    sizes_.clear();
    raw_.clear();
  }
  void note_data(std::string_view payload) {
    sizes_.push_back(payload.size());
    raw_ += payload;
  }

  /// CHUNK_END, TABLE_END and END with what they must say. The rows of a chunk's frames are its payload's first bytes.
  std::string honest(wire::Kind kind, std::uint32_t object, std::string_view payload) {
    if (kind == wire::Kind::chunk_end) {
      Bytes in(payload);
      wire::ChunkEnd end{.rows = 0, .bytes = raw_.size(), .digest = codec::hash128(raw_), .frame_rows = {}, .bounds = {}};
      for (std::size_t i = 0; i < sizes_.size(); ++i) end.frame_rows.push_back(in.byte());
      for (const auto rows : end.frame_rows) end.rows += rows;
      if (in.byte() != 0) end.bounds.after = in.text();
      if (in.byte() != 0) end.bounds.through = in.text();
      totals_.rows += end.rows;
      totals_.bytes += end.bytes;
      of(object).rows += end.rows;
      ++of(object).chunks;
      return wire::encode(end);
    }
    if (kind == wire::Kind::table_end) return wire::encode(of(object));
    if (kind != wire::Kind::end) return std::string(payload);
    Bytes in(payload);  // how many tables there are, then the copy's uuid
    totals_.table_rows.clear();
    const unsigned tables = in.byte();
    for (unsigned i = 0; i < tables; ++i) totals_.table_rows.push_back(of(i).rows);
    totals_.uuid = in.rest();
    totals_.digest = digest_.digest();
    return wire::encode(totals_);
  }

  wire::TableEnd& of(std::uint32_t object) {
    if (tables_.size() <= object) tables_.resize(object + 1);
    return tables_[object];
  }

  void seal(wire::FrameHeader header, std::string_view payload, unsigned lies) {
    std::string encoded;
    if ((lies & kUncompressed) != 0) encoded = payload;
    else if (!payload.empty()) compressor_.compress_frame(payload, encoded);
    header.seq = seq_++ + ((lies & kSequence) != 0 ? 1 : 0);
    header.raw_len = payload.size() + ((lies & kRawLength) != 0 ? 1 : 0);
    header.enc_len = encoded.size();
    header.payload_hash = codec::hash64(encoded);
    const auto bytes = wire::encode_header(header);
    digest_.update({bytes.data() + wire::kHeaderSize - 8, 8});
    stream_.append(bytes.data(), bytes.size());
    stream_ += encoded;
  }

  codec::Compressor compressor_{1};
  codec::Hasher128 digest_;
  std::string stream_;
  std::uint64_t seq_ = 0;
  bool in_chunk_ = false;
  std::vector<std::size_t> sizes_;
  std::string raw_;
  wire::Totals totals_;
  std::vector<wire::TableEnd> tables_;
};

std::string recipe(wire::Kind kind, std::uint16_t flags, std::uint32_t object, std::string_view payload) {
  std::string out;
  base::ByteWriter writer(out);
  writer.put_u8(static_cast<std::uint8_t>(kind));
  writer.put_u8(static_cast<std::uint8_t>(flags));
  writer.put_u8(static_cast<std::uint8_t>(object));
  writer.put_u8(0);
  writer.put_u16(static_cast<std::uint16_t>(payload.size()));
  return out.append(payload);
}

/// A good stream as a recipe.
std::string described(std::string_view stream) {
  std::string out;
  codec::Decompressor decompressor;
  std::vector<std::uint64_t> tables;
  std::string uuid;
  while (!stream.empty()) {
    const auto header = wire::decode_header(stream.substr(0, wire::kHeaderSize));
    const auto encoded = stream.substr(wire::kHeaderSize, static_cast<std::size_t>(header.enc_len));
    stream.remove_prefix(wire::kHeaderSize + encoded.size());
    std::string raw;
    if (!encoded.empty()) decompressor.decompress_frame(encoded, static_cast<std::size_t>(header.raw_len), raw);
    if (header.kind == wire::Kind::chunk_end) {
      const auto end = wire::decode_chunk_end(raw);
      raw.clear();
      for (const auto rows : end.frame_rows) raw += static_cast<char>(rows);
      for (const auto& bound : {end.bounds.after, end.bounds.through}) raw += bound ? "\1" + as_piece(*bound) : std::string(1, '\0');
    } else if (header.kind == wire::Kind::end) {
      const auto totals = wire::decode_totals(raw, wire::kMaxTables);
      raw = static_cast<char>(totals.table_rows.size()) + totals.uuid;
    }
    out += recipe(header.kind, header.flags, header.object, raw);
  }
  return out;
}

}  // namespace

void one(std::string_view input) {
  Bytes in(input);
  Maker maker;
  for (std::size_t n = 0; n < kMostFrames && !in.empty(); ++n) maker.put(in);
  read_stream(maker.stream());
}

void seeds(const Add& add) {
  for (const char* name : {"stream/good.flytt", "stream/table-ends.flytt", "stream/error.flytt"}) {
    const auto input = described(vector_file(name));
    require(accepted([&] { one(input); }), std::string(name) + " is no good stream when it is made again");
    add(input);
  }
}

}  // namespace flytt::fuzz
