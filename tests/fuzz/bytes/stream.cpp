// A stream's own bytes. Hashes of headers and payloads are made anew, so that a change gets behind them to what they protect.
// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cstring>

#include <flytt/codec/xxh3.hpp>
#include <flytt/wire/frame.hpp>

#include "fuzz/bytes/support/harness.hpp"
#include "fuzz/bytes/support/streams.hpp"

namespace flytt::fuzz {
namespace {

constexpr std::size_t kEncodedLength = 40;  // offsets in the header: man/flytt-stream.5, FRAMES
constexpr std::size_t kPayloadHash = 48;
constexpr std::size_t kSeal = 56;

std::string sealed(std::string_view input) {
  std::string out(input);
  for (std::size_t at = 0; out.size() - at >= wire::kHeaderSize;) {
    char* const header = out.data() + at;
    std::uint64_t length;
    std::memcpy(&length, header + kEncodedLength, 8);
    const std::size_t size = static_cast<std::size_t>(std::min<std::uint64_t>(length, out.size() - at - wire::kHeaderSize));
    const std::uint64_t hash = codec::hash64({header + wire::kHeaderSize, size});
    std::memcpy(header + kPayloadHash, &hash, 8);
    const std::uint64_t seal = codec::hash64({header, kSeal});
    std::memcpy(header + kSeal, &seal, 8);
    at += wire::kHeaderSize + size;
  }
  return out;
}

}  // namespace

void one(std::string_view input) { read_stream(sealed(input)); }

void seeds(const Add& add) {
  for (const auto& stream : vector_streams()) {
    add(stream);
    // What is good stays good: else the offsets above are not the format's.
    if (accepted([&] { read_stream(stream); })) require(accepted([&] { read_stream(sealed(stream)); }), "a good stream is none after sealing");
  }
  require_equal(sealed(vector_file("stream/good.flytt")), vector_file("stream/good.flytt"), "sealing changes a good stream");
}

}  // namespace flytt::fuzz
