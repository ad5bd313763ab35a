// Headers to bytes and back.
// SPDX-License-Identifier: MIT
#include <flytt/wire/frame.hpp>

#include <flytt/base/bytes.hpp>
#include <flytt/base/text.hpp>
#include <flytt/codec/xxh3.hpp>
#include <flytt/wire/refuse.hpp>

namespace flytt::wire {
namespace {

constexpr std::uint32_t kSkippableLength = kHeaderSize - 8;
constexpr std::size_t kChunkAt = 16;
constexpr std::size_t kSeqAt = 24;
constexpr std::size_t kSealAt = 56;

template <class Unsigned>
void put(char* at, Unsigned value) noexcept {
  value = base::detail::little_endian(value);
  std::memcpy(at, &value, sizeof value);
}

std::uint64_t seal(char* header) noexcept {
  const auto hash = codec::hash64(std::string_view(header, kSealAt));
  put(header + kSealAt, hash);
  return hash;
}

void check_bounds(const FrameHeader& h) {
  if ((h.flags & ~(kFlagMore | kFlagSkippable)) != 0) refuse(base::concat("frame has unknown flags ", h.flags));
  if (h.raw_len > kMaxRaw) refuse(base::concat("frame declares ", h.raw_len, " bytes, more than ", kMaxRaw));
  if (h.enc_len > most_encoded(h.raw_len))
    refuse(base::concat("frame declares ", h.enc_len, " encoded bytes, more than ", most_encoded(h.raw_len)));
  if ((h.raw_len == 0) != (h.enc_len == 0))
    refuse(base::concat("frame declares ", h.raw_len, " bytes in ", h.enc_len, " encoded bytes"));
  if (h.more() && h.raw_len == 0) refuse("frame is empty and goes on in the next");
}

}  // namespace

std::string_view kind_name(Kind kind) noexcept {
  switch (kind) {
    case Kind::hello: return "HELLO";
    case Kind::schema: return "SCHEMA";
    case Kind::data: return "DATA";
    case Kind::chunk_end: return "CHUNK_END";
    case Kind::heartbeat: return "HEARTBEAT";
    case Kind::error: return "ERR";
    case Kind::end: return "END";
    case Kind::table_end: return "TABLE_END";
  }
  return {};
}

bool known(Kind kind) noexcept { return !kind_name(kind).empty(); }

HeaderBytes encode_header(const FrameHeader& h) noexcept {
  HeaderBytes out;
  char* p = out.data();
  put(p, kSkippableMagic);
  put(p + 4, kSkippableLength);
  put(p + 8, kFrameMagic);
  put(p + 12, h.version);
  put(p + 13, static_cast<std::uint8_t>(h.kind));
  put(p + 14, h.flags);
  put(p + kChunkAt, h.chunk);
  put(p + 20, h.object);
  put(p + kSeqAt, h.seq);
  put(p + 32, h.raw_len);
  put(p + 40, h.enc_len);
  put(p + 48, h.payload_hash);
  seal(p);
  return out;
}

std::uint64_t stamp_header(char* header, std::uint32_t chunk, std::uint64_t seq) noexcept {
  put(header + kChunkAt, chunk);
  put(header + kSeqAt, seq);
  return seal(header);
}

std::uint64_t header_seal(std::string_view header) noexcept {
  std::uint64_t value;
  std::memcpy(&value, header.data() + kSealAt, sizeof value);
  return base::detail::little_endian(value);
}

FrameHeader decode_header(std::string_view bytes) {
  base::ByteReader in(bytes, "frame header");
  const bool ours = in.get_u32() == kSkippableMagic && in.get_u32() == kSkippableLength && in.get_u32() == kFrameMagic;
  if (!ours) refuse("no frame header where one must be");
  FrameHeader h;
  h.version = in.get_u8();
  h.kind = static_cast<Kind>(in.get_u8());
  h.flags = in.get_u16();
  h.chunk = in.get_u32();
  h.object = in.get_u32();
  h.seq = in.get_u64();
  h.raw_len = in.get_u64();
  h.enc_len = in.get_u64();
  h.payload_hash = in.get_u64();
  if (in.get_u64() != codec::hash64(bytes.substr(0, kSealAt))) refuse("frame header is damaged: its hash does not match");
  if (h.version != kFramingVersion)
    refuse(base::concat("stream has framing version ", unsigned{h.version}, ", this program reads version ",
                        unsigned{kFramingVersion}),
           "Use a load-stream that is as new as the dump-stream.");
  check_bounds(h);
  return h;
}

}  // namespace flytt::wire
