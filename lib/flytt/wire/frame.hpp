// The frame header: 64 bytes before every payload, sealed by a hash, and the bounds that nobody may exceed.
// Layer: wire (3).  Thread rule: functions without state.  Format: man/flytt-stream.5, FRAMES.
// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace flytt::wire {

/// What a frame holds. The number is part of the stream format: never change one, only add.
enum class Kind : std::uint8_t {
  hello = 1,
  schema = 2,
  data = 3,
  chunk_end = 4,
  heartbeat = 5,
  error = 6,
  end = 7,
  table_end = 8,
};

/// "DATA", for messages; "kind 42" has none and gives an empty text.
std::string_view kind_name(Kind kind) noexcept;

inline constexpr std::uint8_t kFramingVersion = 1;
inline constexpr std::uint32_t kSkippableMagic = 0x184D2A5F;
inline constexpr std::uint32_t kFrameMagic = 0x54594C46;  ///< "FLYT"
inline constexpr std::size_t kHeaderSize = 64;

inline constexpr std::uint16_t kFlagMore = 1;       ///< the payload, or the last row of it, goes on in the next frame
inline constexpr std::uint16_t kFlagSkippable = 2;  ///< a reader that does not know the kind may pass it over

inline constexpr std::uint64_t kMaxRaw = std::uint64_t{1} << 20;                   ///< of one frame
/// The worst that zstd makes of so many bytes.
constexpr std::uint64_t most_encoded(std::uint64_t raw) noexcept { return raw + (raw >> 8) + 64; }
inline constexpr std::uint64_t kMaxEncoded = most_encoded(kMaxRaw);
inline constexpr std::uint64_t kMaxHello = std::uint64_t{256} << 20;
inline constexpr std::uint64_t kMaxObject = std::uint64_t{64} << 20;               ///< SCHEMA, END
inline constexpr std::uint64_t kMaxSchema = std::uint64_t{1} << 30;                ///< all SCHEMA objects of a stream
inline constexpr std::uint64_t kMaxTables = 1'000'000;                             ///< in HELLO
inline constexpr std::uint64_t kMaxSmall = std::uint64_t{1} << 20;                 ///< CHUNK_END, TABLE_END, ERR
inline constexpr std::uint64_t kMaxFrames = std::uint64_t{1} << 16;                ///< of one chunk
inline constexpr std::uint64_t kMaxChunk = std::uint64_t{4} << 30;                 ///< raw bytes of one chunk
inline constexpr std::uint64_t kMaxRow = (std::uint64_t{1} << 30) + kMaxRaw;      ///< no server sends a packet above 1 GiB

/// A header's fields. `chunk` is 0 outside of chunks; `object` is the table's index in HELLO, or the SCHEMA object's number.
struct FrameHeader {
  std::uint8_t version = kFramingVersion;
  Kind kind = Kind::heartbeat;
  std::uint16_t flags = 0;
  std::uint32_t chunk = 0;
  std::uint32_t object = 0;
  std::uint64_t seq = 0;
  std::uint64_t raw_len = 0;
  std::uint64_t enc_len = 0;
  std::uint64_t payload_hash = 0;  ///< XXH3-64 of the encoded payload

  bool more() const noexcept { return (flags & kFlagMore) != 0; }
  bool operator==(const FrameHeader&) const = default;
};

using HeaderBytes = std::array<char, kHeaderSize>;

/// The 64 bytes, sealed.
HeaderBytes encode_header(const FrameHeader& header) noexcept;

/// Writes chunk and sequence number into an encoded header and seals it anew. Returns the seal.
std::uint64_t stamp_header(char* header, std::uint32_t chunk, std::uint64_t seq) noexcept;

/// The seal of an encoded header: XXH3-64 of the 56 bytes before it, as it stands there.
std::uint64_t header_seal(std::string_view header) noexcept;

/// Reads and checks a header: magic, seal, version, flags, bounds of both lengths. The kind may be one that is not known.
/// Throws: Exit::data naming what is wrong.
FrameHeader decode_header(std::string_view bytes);

/// Is this a kind that this version knows?
bool known(Kind kind) noexcept;

}  // namespace flytt::wire
