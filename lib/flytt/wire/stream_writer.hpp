// Writes a stream into one pipe: HELLO, SCHEMA, what the chunk writers bring, and END, or ERR instead.
// Layer: wire (3).  Thread rule: every member from any thread.  Format: man/flytt-stream.5.
// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include <flytt/codec/xxh3.hpp>
#include <flytt/codec/zstd.hpp>
#include <flytt/value/manifest.hpp>
#include <flytt/wire/byte_io.hpp>
#include <flytt/wire/frame.hpp>
#include <flytt/wire/payloads.hpp>

namespace flytt::wire {

/// The level of "zstd" or "zstd:LEVEL"; negative levels are faster. Throws: Exit::usage naming the text.
int parse_compression(std::string_view text);

/// After a write that failed the object writes nothing more: what reached the pipe may end inside a frame.
class StreamWriter {
 public:
  /// `sink` outlives the writer. Throws: Exit::usage when zstd has no such level.
  StreamWriter(ByteSink& sink, int level);

  /// First and once.
  void hello(const value::Manifest& manifest);
  /// After HELLO, before the first chunk.
  void schema(const value::SchemaObject& object);
  /// After the last chunk of this table of HELLO. Nothing more of it may be written.
  void table_end(std::uint32_t table);
  /// A sign of life, unless somebody is writing just now. True when it was written.
  bool heartbeat();
  /// The last frame of a stream that failed; nothing when the stream is over or the pipe is broken. Throws: Exit::io.
  void error(const SenderError& why);
  /// What END is to say of a computed column. Before end().
  void computed(ComputedColumn column);
  /// The last frame of a stream that is complete. Returns what it says.
  Totals end();

  /// Frames written so far: a stream that is idle shows by it.
  std::uint64_t frames() const noexcept { return frames_.load(std::memory_order_relaxed); }
  /// Bytes handed to the pipe.
  std::uint64_t written() const noexcept { return written_.load(std::memory_order_relaxed); }
  bool broken() const noexcept { return broken_.load(); }
  int level() const noexcept { return level_; }

 private:
  friend class ChunkWriter;
  enum class Phase { start, schema, data, over };
  using Lock = std::unique_lock<std::mutex>;

  void put_payload(const Lock& lock, FrameHeader header, std::string_view payload);
  /// Takes the next chunk number.
  std::uint32_t begin_chunk(const Lock& lock);
  /// Numbers and seals the frames that start at `offsets` in `encoded`, and writes them.
  void put_frames(const Lock& lock, std::uint32_t chunk, std::string& encoded, const std::vector<std::size_t>& offsets);
  void end_chunk(const Lock& lock, std::uint32_t chunk, std::uint32_t object, const ChunkEnd& end);
  void send(std::string_view bytes);
  void expect(Phase a, Phase b) const;

  ByteSink& sink_;
  const int level_;
  std::mutex mutex_;  // the pipe: held over whole chunks, and over a chunk that is too large to be kept
  codec::Compressor compressor_;
  codec::Hasher128 digest_;
  Phase phase_ = Phase::start;
  std::uint64_t seq_ = 0;
  Totals totals_;
  std::vector<std::uint64_t> table_chunks_;
  std::uint32_t schema_objects_ = 0;
  std::uint64_t schema_bytes_ = 0;
  std::string buffer_;
  std::atomic<std::uint64_t> frames_{0};
  std::atomic<std::uint64_t> written_{0};
  std::atomic<bool> broken_{false};
};

}  // namespace flytt::wire
