// One worker's way into the stream: takes rows, cuts and compresses frames in memory, writes the chunk in one piece.
// Layer: wire (3).  Thread rule: one thread an object; several share a StreamWriter.  Format: man/flytt-stream.5, CHUNKS.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include <flytt/codec/xxh3.hpp>
#include <flytt/codec/zstd.hpp>
#include <flytt/wire/stream_writer.hpp>

namespace flytt::wire {

/// What became of a chunk. Number 0: it held no row and was not written.
struct WrittenChunk {
  std::uint32_t number = 0;
  std::uint64_t rows = 0;
  std::uint64_t bytes = 0;
};

/// Memory: the chunk size and 2 MiB for encoded frames, 1 MiB for rows. A chunk whose frames need more (a large row) takes the
/// pipe, and what follows is written frame by frame while it is held.
class ChunkWriter {
 public:
  ChunkWriter(StreamWriter& stream, std::uint64_t chunk_size);
  /// Gives the pipe back; a chunk that was begun is not ended.
  ~ChunkWriter();
  ChunkWriter(const ChunkWriter&) = delete;
  ChunkWriter& operator=(const ChunkWriter&) = delete;

  /// Begins a chunk of the table with this index in HELLO.
  void begin(std::uint32_t object);
  /// Rows of it: a piece that completes `rows` rows. A row larger than a piece comes in several, all but the last with
  /// `rows` 0; other pieces hold whole rows and had better be at most 1 MiB.
  void write(std::string_view bytes, std::uint64_t rows);
  /// Ends the chunk and writes what is not written yet. Throws: Exit::io.
  WrittenChunk finish(KeyBounds bounds);
  /// Forgets the chunk and gives the pipe back. What is in the pipe of it makes the stream one that must end with ERR.
  void abandon() noexcept;

 private:
  void emit(std::string_view raw, bool more);
  void flush(bool more);
  void take_pipe();
  void put();

  StreamWriter& stream_;
  const std::size_t limit_;
  codec::Compressor compressor_;
  codec::Hasher128 digest_;
  std::unique_lock<std::mutex> pipe_;
  std::uint32_t number_ = 0;
  std::uint32_t object_ = 0;
  std::string raw_;
  std::uint64_t raw_rows_ = 0;
  bool inside_row_ = false;
  std::uint64_t row_bytes_ = 0;  // of the row that the frames written last are part of
  std::string encoded_;
  std::vector<std::size_t> offsets_;
  ChunkEnd end_;
};

}  // namespace flytt::wire
