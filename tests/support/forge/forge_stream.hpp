// Frames with hashes that are right, whatever they say; and the frames of a stream that is there.
// Shares no code with the library: what it writes is judged by man/flytt-stream.5 alone.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace forge {

inline constexpr std::uint8_t kHello = 1, kSchema = 2, kData = 3, kChunkEnd = 4, kHeartbeat = 5, kErr = 6, kEnd = 7, kTableEnd = 8;

/// The number of a kind's name, or of the number itself.
std::uint8_t kind_of(const std::string& word);

/// What a header says when it is not what the payload calls for.
using Lies = std::map<std::string, std::uint64_t>;

/// One payload of a stream, put together from its frames.
struct Payload {
  std::uint8_t kind = 0;
  std::uint16_t flags = 0;
  std::uint32_t chunk = 0;
  std::uint32_t object = 0;
  std::string content;
};

/// The payloads of a stream in their order. It is not checked.
std::vector<Payload> read_stream(std::string_view bytes);

class Stream {
 public:
  enum class Form { compressed, stored };
  enum class Split { yes, no };

  /// A payload in as many frames as it needs, or in one. Lies: version, flags, chunk, object, seq, raw_len, enc_len, payload_hash, seal.
  void payload(std::uint8_t kind, std::string_view content, const Lies& header, Form form = Form::compressed, Split split = Split::yes);
  /// Bytes without a frame.
  void raw(std::string_view bytes) { out_ += bytes; }

  /// The digest of all seals so far, as END has it.
  std::string digest() const;
  std::string take() { return std::move(out_); }

 private:
  void frame(std::uint8_t kind, std::string_view content, bool more, const Lies& header, Form form);

  std::string out_;
  std::string seals_;
  std::uint64_t seq_ = 0;
};

/// XXH3-128: low half, then high half, 16 bytes.
std::string digest_bytes(std::string_view content);

}  // namespace forge
