// The header's 64 bytes, literally.
// SPDX-License-Identifier: MIT
#include <flytt/wire/frame.hpp>

#include <flytt/base/text.hpp>

#include "support/catch.hpp"

using namespace flytt;
using base::Exit;

namespace {

wire::FrameHeader sample() {
  return {.version = 1,
          .kind = wire::Kind::data,
          .flags = wire::kFlagMore,
          .chunk = 0x01020304,
          .object = 0x11121314,
          .seq = 0x2122232425262728,
          .raw_len = 0x10000,
          .enc_len = 0x8000,
          .payload_hash = 0x3132333435363738};
}

std::string bytes_of(const wire::FrameHeader& header) {
  const auto bytes = wire::encode_header(header);
  return {bytes.data(), bytes.size()};
}

}  // namespace

TEST_CASE("the header stands as flytt-stream.5 says") {
  const auto bytes = bytes_of(sample());
  REQUIRE(bytes.size() == 64);
  CHECK(base::hex(bytes.substr(0, 56)) ==
        "5f2a4d18"          // skippable frame
        "38000000"          // of 56 bytes
        "464c5954"          // FLYT
        "01" "03" "0100"    // version, kind, flags
        "04030201" "14131211"
        "2827262524232221"
        "0000010000000000"
        "0080000000000000"
        "3837363534333231");
  CHECK(wire::decode_header(bytes) == sample());
}

TEST_CASE("every bit of a header counts") {
  const auto good = bytes_of(sample());
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    auto bad = good;
    bad[bit / 8] = static_cast<char>(static_cast<unsigned char>(bad[bit / 8]) ^ (1U << (bit % 8)));
    CAPTURE(bit);
    REQUIRE(test::error_of([&] { wire::decode_header(bad); }).code() == Exit::data);
  }
}

TEST_CASE("stamping is encoding") {
  auto header = sample();
  auto bytes = wire::encode_header(header);
  const auto seal = wire::stamp_header(bytes.data(), 9, 10);
  header.chunk = 9;
  header.seq = 10;
  const std::string stamped(bytes.data(), bytes.size());
  CHECK(stamped == bytes_of(header));
  CHECK(seal == wire::header_seal(stamped));
}

TEST_CASE("bounds hold although the seal is right") {
  auto header = sample();
  header.raw_len = wire::kMaxRaw + 1;
  REQUIRE_ERROR(wire::decode_header(bytes_of(header)), Exit::data, "more than");
  header = sample();
  header.enc_len = wire::kMaxEncoded + 1;
  REQUIRE_ERROR(wire::decode_header(bytes_of(header)), Exit::data, "more than");
  header = sample();
  header.enc_len = 0;
  REQUIRE_ERROR(wire::decode_header(bytes_of(header)), Exit::data, "0 encoded bytes");
  header = sample();
  header.flags = 4;
  REQUIRE_ERROR(wire::decode_header(bytes_of(header)), Exit::data, "flags");
  header = sample();
  header.version = 2;
  REQUIRE_ERROR(wire::decode_header(bytes_of(header)), Exit::data, "framing version 2");
}
