// zstd frames: one independent frame for each block, and a decoder that believes no declared size.
// Layer: codec (1).  Thread rule: one thread an object.  Format: RFC 8878.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace flytt::codec {

/// Compresses blocks into frames that each say their content size and carry no checksum (the stream has its own).
class Compressor {
public:
  static constexpr int kDefaultLevel = 1;

  /// Throws: Exit::usage when zstd has no such level (negative ones are the fast ones).
  explicit Compressor(int level = kDefaultLevel);
  ~Compressor();
  Compressor(Compressor&&) noexcept;
  Compressor& operator=(Compressor&&) noexcept;

  /// Appends one frame to `out`. The empty text makes a frame too.
  void compress_frame(std::string_view raw, std::string& out);

private:
  struct Context;
  std::unique_ptr<Context> context_;
};

/// Decodes single frames.
class Decompressor {
public:
  /// The largest window a frame may ask for.
  static constexpr int kMaxWindowLog = 23;

  Decompressor();
  ~Decompressor();
  Decompressor(Decompressor&&) noexcept;
  Decompressor& operator=(Decompressor&&) noexcept;

  /// Appends the content of exactly one frame to `out`. What the frame declares is compared with `raw_len_expected` before
  /// any memory is taken; the caller bounds that number. On an error `out` is as it was.
  /// Throws: Exit::data.
  void decompress_frame(std::string_view encoded, std::size_t raw_len_expected, std::string& out);

private:
  struct Context;
  std::unique_ptr<Context> context_;
};

}  // namespace flytt::codec
