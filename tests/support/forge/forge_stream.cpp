// The format of man/flytt-stream.5, written out once more.
// SPDX-License-Identifier: MIT
#include "forge_stream.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <stdexcept>

#include <xxhash.h>
#include <zstd.h>

namespace forge {
namespace {

constexpr std::size_t kMebibyte = std::size_t{1} << 20;
constexpr std::size_t kHeader = 64;
constexpr std::uint16_t kMore = 1;
constexpr std::array<const char*, 9> kNames{"", "hello", "schema", "data", "chunk_end", "heartbeat", "err", "end", "table_end"};

void put(std::string& out, std::uint64_t value, std::size_t size) {
  for (std::size_t i = 0; i < size; ++i) out.push_back(static_cast<char>(value >> (8 * i)));
}

std::uint64_t get(std::string_view bytes, std::size_t at, std::size_t size) {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < size; ++i) value |= std::uint64_t{static_cast<unsigned char>(bytes[at + i])} << (8 * i);
  return value;
}

std::string compressed(std::string_view content) {
  std::string out(ZSTD_compressBound(content.size()), '\0');
  const auto size = ZSTD_compress(out.data(), out.size(), content.data(), content.size(), 1);
  if (ZSTD_isError(size) != 0) throw std::runtime_error(ZSTD_getErrorName(size));
  out.resize(size);
  return out;
}

std::string decompressed(std::string_view encoded, std::size_t size) {
  std::string out(size, '\0');
  if (!encoded.empty() && ZSTD_decompress(out.data(), out.size(), encoded.data(), encoded.size()) != size)
    throw std::runtime_error("a payload of the base does not decompress");
  return out;
}

std::uint64_t said(const Lies& header, const std::string& name, std::uint64_t truth) {
  const auto lie = header.find(name);
  return lie == header.end() ? truth : lie->second;
}

}  // namespace

std::uint8_t kind_of(const std::string& word) {
  const auto name = std::find(kNames.begin() + 1, kNames.end(), word);
  return name != kNames.end() ? static_cast<std::uint8_t>(name - kNames.begin()) : static_cast<std::uint8_t>(std::stoul(word));
}

std::vector<Payload> read_stream(std::string_view bytes) {
  std::vector<Payload> out;
  bool more = false;
  for (std::size_t at = 0; at + kHeader <= bytes.size();) {
    const auto header = bytes.substr(at, kHeader);
    const auto encoded = bytes.substr(at + kHeader, get(header, 40, 8));
    if (!more) out.emplace_back();
    auto& payload = out.back();
    payload.kind = static_cast<std::uint8_t>(get(header, 13, 1));
    const auto flags = static_cast<std::uint16_t>(get(header, 14, 2));
    more = (flags & kMore) != 0;
    payload.flags = flags & static_cast<std::uint16_t>(~kMore);
    payload.chunk = static_cast<std::uint32_t>(get(header, 16, 4));
    payload.object = static_cast<std::uint32_t>(get(header, 20, 4));
    payload.content += decompressed(encoded, get(header, 32, 8));
    at += kHeader + encoded.size();
  }
  return out;
}

void Stream::payload(std::uint8_t kind, std::string_view content, const Lies& header, Form form, Split split) {
  if (split == Split::no) return frame(kind, content, false, header, form);
  do {
    const auto part = content.substr(0, kMebibyte);
    content.remove_prefix(part.size());
    frame(kind, part, !content.empty(), header, form);
  } while (!content.empty());
}

void Stream::frame(std::uint8_t kind, std::string_view content, bool more, const Lies& header, Form form) {
  const std::string encoded = content.empty() ? "" : form == Form::stored ? std::string(content) : compressed(content);
  std::string head;
  put(head, 0x184D2A5F, 4);
  put(head, 56, 4);
  put(head, 0x54594C46, 4);
  put(head, said(header, "version", 1), 1);
  put(head, kind, 1);
  put(head, said(header, "flags", 0) | (more ? kMore : 0U), 2);
  put(head, said(header, "chunk", 0), 4);
  put(head, said(header, "object", 0), 4);
  put(head, said(header, "seq", seq_++), 8);
  put(head, said(header, "raw_len", content.size()), 8);
  put(head, said(header, "enc_len", encoded.size()), 8);
  put(head, said(header, "payload_hash", XXH3_64bits(encoded.data(), encoded.size())), 8);
  put(head, said(header, "seal", XXH3_64bits(head.data(), head.size())), 8);
  if (kind != kEnd) seals_ += head.substr(56);
  out_ += head + encoded;
}

std::string Stream::digest() const {
  const auto hash = XXH3_128bits(seals_.data(), seals_.size());
  char text[33];
  std::snprintf(text, sizeof text, "%016llx%016llx", static_cast<unsigned long long>(hash.high64), static_cast<unsigned long long>(hash.low64));
  return text;
}

std::string digest_bytes(std::string_view content) {
  const auto hash = XXH3_128bits(content.data(), content.size());
  std::string out;
  put(out, hash.low64, 8);
  put(out, hash.high64, 8);
  return out;
}

}  // namespace forge
