// Reads a stream frame by frame and believes none of it: hashes, order, numbers and totals are checked before anything is used.
// Layer: wire (3).  Thread rule: one thread an object; the chunks it gives away belong to who takes them.
// Format: man/flytt-stream.5.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <flytt/base/error.hpp>
#include <flytt/codec/xxh3.hpp>
#include <flytt/codec/zstd.hpp>
#include <flytt/value/manifest.hpp>
#include <flytt/wire/byte_io.hpp>
#include <flytt/wire/frame.hpp>
#include <flytt/wire/payloads.hpp>

namespace flytt::wire {

/// A DATA frame as it came: its hash is checked, nothing is decompressed yet.
struct EncodedFrame {
  std::string payload;
  std::uint32_t raw_len = 0;
  bool more = false;
};

/// A whole chunk, still compressed. What its end says is compared by the ChunkDecoder.
struct Chunk {
  std::uint32_t number = 0;
  std::uint32_t object = 0;  ///< index in HELLO's tables
  std::vector<EncodedFrame> frames{};
  ChunkEnd end{};
  std::uint64_t encoded_bytes = 0;
};

struct Heartbeat {};

/// What next() gives. Totals and SenderError are the last.
using Event = std::variant<value::Manifest, value::SchemaObject, Chunk, TableEnd, Heartbeat, SenderError, Totals>;

class StreamReader {
 public:
  /// `source` outlives the reader.
  explicit StreamReader(ByteSource& source) : source_(source) {}

  /// The next thing in the stream. HELLO is the first, unless the sender failed before it.
  /// Throws: Exit::data naming the byte, and the chunk and its table, for whatever is not as it must be; also when the
  /// stream ends before END or ERR. Exit::io when it cannot be read. Not to be called again after that, Totals or SenderError.
  Event next();

  /// Bytes taken from the source.
  std::uint64_t position() const noexcept { return position_; }
  /// The chunk that was begun last; 0 before the first.
  std::uint32_t last_chunk() const noexcept { return static_cast<std::uint32_t>(totals_.chunks); }

 private:
  struct Frame {
    FrameHeader header;
    std::string payload;
  };
  Frame read_frame();
  void read_exactly(char* into, std::size_t size);
  /// Decompresses a payload that may go on in further frames. Empties `first`.
  std::string whole_payload(Frame& first, std::uint64_t limit);
  Event event(Frame frame);
  Chunk read_chunk(Frame first, std::optional<SenderError>& failed);
  void add_data(Chunk& chunk, Frame frame, std::uint64_t& raw);
  void check_chunk_end(const Chunk& chunk, std::uint64_t raw);
  value::Manifest hello(Frame& frame);
  value::SchemaObject schema(Frame& frame);
  TableEnd table_end(Frame& frame);
  Totals end(Frame& frame);
  SenderError sender_error(Frame& frame);

  /// "in chunk 17 of shop.orders", "after chunk 17".
  std::string place() const;
  [[noreturn]] void corrupt(std::string what) const;
  [[noreturn]] void truncated() const;

  ByteSource& source_;
  codec::Decompressor decompressor_;
  codec::Hasher128 digest_;      // of the seals of all frames so far
  codec::Hash128 digest_before_;  // without the frame read last
  std::uint64_t position_ = 0;
  std::uint64_t frame_at_ = 0;
  std::uint64_t seq_ = 0;
  std::uint64_t schema_bytes_ = 0;
  std::uint64_t row_bytes_ = 0;  // of the row that the frames read last are part of
  bool hello_seen_ = false;
  bool in_chunk_ = false;
  bool rows_begun_ = false;
  bool over_ = false;
  std::uint32_t object_ = 0;  // of the chunk that is being read
  struct Table {
    std::string name;
    std::uint64_t chunks = 0;
    bool ended = false;
  };
  std::vector<Table> tables_;  // in HELLO's order
  Totals totals_;
};

}  // namespace flytt::wire
