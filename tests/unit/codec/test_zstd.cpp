// SPDX-License-Identifier: MIT
#include "support/catch.hpp"

#include <flytt/codec/zstd.hpp>

#include <cstring>
#include <random>

#include <zstd.h>

using flytt::base::Exit;
using namespace flytt::codec;

namespace {

std::string noise(std::size_t size) {
  std::mt19937 random(17);
  std::string out(size, '\0');
  for (char& c : out) c = static_cast<char>(random());
  return out;
}

std::string frame_of(const std::string& raw, int level = 1) {
  std::string out;
  Compressor(level).compress_frame(raw, out);
  return out;
}

std::string content_of(const std::string& frame, std::size_t size) {
  std::string out;
  Decompressor().decompress_frame(frame, size, out);
  return out;
}

/// A frame as another program may make it: by the streaming interface, with the settings given.
std::string foreign_frame(const std::string& raw, std::initializer_list<std::pair<ZSTD_cParameter, int>> settings,
                          unsigned long long pledged) {
  ZSTD_CCtx* cctx = ZSTD_createCCtx();
  for (const auto& [parameter, value] : settings) REQUIRE_FALSE(ZSTD_isError(ZSTD_CCtx_setParameter(cctx, parameter, value)));
  ZSTD_CCtx_setPledgedSrcSize(cctx, pledged);
  std::string out(ZSTD_compressBound(raw.size()) + 1024, '\0');
  ZSTD_inBuffer input{raw.data(), raw.size() / 2, 0};
  ZSTD_outBuffer output{out.data(), out.size(), 0};
  ZSTD_compressStream2(cctx, &output, &input, ZSTD_e_flush);
  input.size = raw.size();
  REQUIRE(ZSTD_compressStream2(cctx, &output, &input, ZSTD_e_end) == 0);
  ZSTD_freeCCtx(cctx);
  out.resize(output.pos);
  return out;
}

/// So many MiB of zeros, made without holding them.
std::string frame_of_zeros(std::size_t mebibytes) {
  const std::string zeros(1 << 20, '\0');
  std::string out(1 << 20, '\0');
  ZSTD_CCtx* cctx = ZSTD_createCCtx();
  ZSTD_CCtx_setPledgedSrcSize(cctx, mebibytes << 20);
  ZSTD_outBuffer output{out.data(), out.size(), 0};
  for (std::size_t i = 0; i < mebibytes; ++i) {
    ZSTD_inBuffer input{zeros.data(), zeros.size(), 0};
    const bool last = i + 1 == mebibytes;
    const std::size_t left = ZSTD_compressStream2(cctx, &output, &input, last ? ZSTD_e_end : ZSTD_e_continue);
    REQUIRE_FALSE(ZSTD_isError(left));
    REQUIRE(input.pos == input.size);
    if (last) REQUIRE(left == 0);
  }
  ZSTD_freeCCtx(cctx);
  out.resize(output.pos);
  return out;
}

}  // namespace

TEST_CASE("blocks come back, of any size and at any level") {
  const std::string text = "the same again, " + std::string(100000, 'x') + noise(5000);
  for (const int level : {-50, 1, 3, 19, 22}) {
    for (const std::string& raw : {std::string(), std::string("a"), text, noise(1 << 20)}) {
      INFO(level << " " << raw.size());
      CHECK(content_of(frame_of(raw, level), raw.size()) == raw);
    }
  }
}

TEST_CASE("a block larger than the window of our decoder comes back at the highest level") {
  const std::string raw(20u << 20, 'z');
  CHECK(content_of(frame_of(raw, 22), raw.size()) == raw);
}

TEST_CASE("frames are appended, independent, and any zstd reads them one after the other") {
  Compressor compressor;
  std::string out = "head";
  compressor.compress_frame("first", out);
  const std::size_t cut = out.size();
  compressor.compress_frame("second", out);
  std::string back = ">";
  Decompressor decompressor;
  decompressor.decompress_frame(std::string_view(out).substr(cut), 6, back);
  decompressor.decompress_frame(std::string_view(out).substr(4, cut - 4), 5, back);
  CHECK(back == ">secondfirst");

  char all[64];
  const std::size_t size = ZSTD_decompress(all, sizeof all, out.data() + 4, out.size() - 4);
  REQUIRE_FALSE(ZSTD_isError(size));
  CHECK(std::string_view(all, size) == "firstsecond");
}

TEST_CASE("a level that zstd does not have is a usage error") {
  REQUIRE_ERROR(Compressor(23), Exit::usage, "no level 23");
  REQUIRE_ERROR(Compressor(-1000000), Exit::usage, "no level -1000000");
}

TEST_CASE("a frame that explodes is refused by the size it declares") {
  const std::string bomb = frame_of_zeros(1024);
  REQUIRE(bomb.size() < 110000);
  std::string out = "kept";
  Decompressor decompressor;
  REQUIRE_ERROR(decompressor.decompress_frame(bomb, 1 << 20, out), Exit::data, "declares 1073741824 bytes where 1048576 are expected");
  CHECK(out == "kept");
  CHECK(out.capacity() < 4096);
}

TEST_CASE("a declared size that lies is found out") {
  const std::string raw(100000, 'q');
  std::string frame = frame_of(raw);
  const auto declare = [&](std::uint32_t size) {
    // A single-segment frame with a four-byte size: magic, descriptor 0xa0, size.
    REQUIRE((static_cast<unsigned char>(frame[4]) & 0xe0) == 0xa0);
    std::memcpy(frame.data() + 5, &size, 4);
  };
  std::string out = "kept";
  Decompressor decompressor;
  declare(99999);
  REQUIRE_ERROR(decompressor.decompress_frame(frame, 99999, out), Exit::data, "corrupt");
  declare(100001);
  REQUIRE_ERROR(decompressor.decompress_frame(frame, 100001, out), Exit::data, "corrupt");
  CHECK(out == "kept");
  declare(100000);
  decompressor.decompress_frame(frame, 100000, out);  // and the decoder works on after errors
  CHECK(out == "kept" + raw);
}

TEST_CASE("no cut frame passes") {
  const std::string raw = noise(3000) + std::string(3000, 'x');
  const std::string frame = frame_of(raw);
  Decompressor decompressor;
  std::string out;
  for (std::size_t size = 0; size < frame.size(); ++size) {
    REQUIRE_ERROR(decompressor.decompress_frame(std::string_view(frame).substr(0, size), raw.size(), out), Exit::data, "zstd frame");
  }
  REQUIRE_ERROR(decompressor.decompress_frame(frame + "x", raw.size(), out), Exit::data, "1 bytes too early");
  REQUIRE_ERROR(decompressor.decompress_frame(frame + frame, raw.size(), out), Exit::data, "too early");
  CHECK(out.empty());
}

TEST_CASE("a flipped bit gives an error or another content of the same size, never anything else") {
  std::string raw;
  for (int i = 0; i < 300; ++i) raw += "row " + std::to_string(i * 7919) + ";";
  const std::string frame = frame_of(raw, 3);
  Decompressor decompressor;
  for (std::size_t bit = 0; bit < frame.size() * 8; ++bit) {
    std::string bad = frame;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << (bit % 8)));
    std::string out;
    try {
      decompressor.decompress_frame(bad, raw.size(), out);
      REQUIRE(out.size() == raw.size());
    } catch (const flytt::base::Error& error) {
      REQUIRE(error.code() == Exit::data);
      REQUIRE(out.empty());
    }
  }
}

TEST_CASE("only frames that say their size, of a modest window, are taken") {
  const std::string raw(10000, 'w');
  const auto unknown = foreign_frame(raw, {}, ZSTD_CONTENTSIZE_UNKNOWN);
  REQUIRE_ERROR(content_of(unknown, raw.size()), Exit::data, "does not say the size");

  const std::string large = noise(1000) + std::string(9u << 20, 'w');
  const auto ok = foreign_frame(large, {{ZSTD_c_windowLog, 23}}, large.size());
  CHECK(content_of(ok, large.size()) == large);
  const std::string larger(40u << 20, 'w');
  const auto wide = foreign_frame(larger, {{ZSTD_c_windowLog, 25}}, larger.size());
  REQUIRE_ERROR(content_of(wide, larger.size()), Exit::data, "window of 33554432 bytes");

  const std::string skippable("\x50\x2a\x4d\x18\x04\x00\x00\x00" "abcd", 12);
  REQUIRE_ERROR(content_of(skippable, 0), Exit::data, "does not begin as a frame");
  REQUIRE_ERROR(content_of("", 0), Exit::data, "ends too early");
  REQUIRE_ERROR(content_of("no zstd at all", 3), Exit::data, "does not begin as a frame");
}

TEST_CASE("a checksum that is there is checked") {
  const std::string raw(1000, 'c');
  auto frame = foreign_frame(raw, {{ZSTD_c_checksumFlag, 1}}, raw.size());
  CHECK(content_of(frame, raw.size()) == raw);
  frame.back() = static_cast<char>(frame.back() ^ 1);
  REQUIRE_ERROR(content_of(frame, raw.size()), Exit::data, "corrupt");
}
