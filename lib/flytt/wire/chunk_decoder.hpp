// Turns a compressed chunk into blocks of whole rows, and proves at the end that they are what its sender read.
// Layer: wire (3).  Thread rule: one thread an object; a loader has one a worker.  Format: man/flytt-stream.5, CHUNKS.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <flytt/codec/xxh3.hpp>
#include <flytt/codec/zstd.hpp>
#include <flytt/wire/stream_reader.hpp>

namespace flytt::wire {

/// Whole rows. `bytes` is valid until the next call.
struct Block {
  std::string_view bytes;
  std::uint64_t rows = 0;
};

/// Memory: one block, 1 MiB or one larger row. The encoded frames of a large chunk are freed as they are decoded; those of an
/// ordinary one are kept until the next, so that it can be read again.
class ChunkDecoder {
 public:
  /// Encoded bytes up to which a chunk can be read again.
  static constexpr std::uint64_t kKept = std::uint64_t{16} << 20;

  /// Begins with a chunk.
  void start(Chunk chunk);
  /// Begins again with the same chunk; false when its frames are gone.
  bool rewind();
  /// The next block; false at the chunk's end, when its bytes, rows and digest have been found to be what CHUNK_END says.
  /// Throws: Exit::data naming the chunk's number.
  bool next(Block& block);

 private:
  [[noreturn]] void corrupt(std::string what) const;
  void verify() const;
  /// Raw bytes of the frame at hand and those it goes on in.
  std::size_t group_size() const;

  codec::Decompressor decompressor_;
  codec::Hasher128 digest_;
  Chunk chunk_;
  std::size_t at_ = 0;
  bool kept_ = false;
  std::uint64_t rows_ = 0;
  std::uint64_t bytes_ = 0;
  std::string raw_;
};

}  // namespace flytt::wire
