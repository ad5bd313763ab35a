// SPDX-License-Identifier: MIT
#include "support/catch.hpp"

#include <flytt/base/bytes.hpp>
#include <flytt/base/text.hpp>

#include <bit>
#include <cmath>
#include <limits>

using namespace flytt::base;
using namespace std::string_literals;

TEST_CASE("numbers lie little-endian in the bytes") {
  std::string out;
  ByteWriter writer(out);
  writer.put_u8(0x01);
  writer.put_u16(0x0203);
  writer.put_u32(0x04050607);
  writer.put_u64(0x08090a0b0c0d0e0f);
  writer.put_i64(-2);
  CHECK(hex(out) == "01" "0302" "07060504" "0f0e0d0c0b0a0908" "feffffffffffffff");
  CHECK(writer.size() == out.size());
}

TEST_CASE("everything written is read back") {
  std::string out;
  ByteWriter writer(out);
  writer.put_i8(-128);
  writer.put_i16(-32768);
  writer.put_i32(std::numeric_limits<std::int32_t>::min());
  writer.put_i64(std::numeric_limits<std::int64_t>::min());
  writer.put_f32(-0.0f);
  writer.put_f64(std::bit_cast<double>(std::uint64_t{0x7ff8dead00000001}));
  writer.put_lp32("a\0b"s);
  writer.put_bytes("tail");

  ByteReader reader(out);
  CHECK(reader.get_i8() == -128);
  CHECK(reader.get_i16() == -32768);
  CHECK(reader.get_i32() == std::numeric_limits<std::int32_t>::min());
  CHECK(reader.get_i64() == std::numeric_limits<std::int64_t>::min());
  CHECK(std::signbit(reader.get_f32()));
  CHECK(std::bit_cast<std::uint64_t>(reader.get_f64()) == 0x7ff8dead00000001);
  CHECK(reader.get_lp32() == "a\0b"s);
  CHECK(reader.position() == out.size() - 4);
  CHECK(reader.remaining() == 4);
  CHECK(reader.take(4) == "tail");
  CHECK(reader.at_end());
  reader.expect_end();
}

TEST_CASE("a vector of bytes is written the same") {
  std::vector<std::byte> out;
  ByteVectorWriter writer(out);
  writer.put_u16(0x0102);
  writer.put_lp32("x");
  REQUIRE(out.size() == 7);
  CHECK(out[0] == std::byte{2});
  CHECK(out[6] == std::byte{'x'});
}

TEST_CASE("a short input is an error that says where, and consumes nothing") {
  ByteReader reader("abc", "row image");
  REQUIRE_ERROR(reader.get_u32(), Exit::data, "row image ends too early: 4 bytes wanted at offset 0, 3 left");
  CHECK(reader.position() == 0);
  CHECK(reader.get_u16() == 0x6261);
  REQUIRE_ERROR(reader.take(2), Exit::data, "2 bytes wanted at offset 2, 1 left");
  REQUIRE_ERROR(reader.take(std::numeric_limits<std::uint64_t>::max()), Exit::data, "ends too early");
  REQUIRE_ERROR(reader.expect_end(), Exit::data, "1 bytes left over at offset 2");
}

TEST_CASE("a length that lies is an error and consumes nothing") {
  ByteReader reader("\xff\xff\xff\xff" "abc");
  REQUIRE_ERROR(reader.get_lp32(), Exit::data, "4294967295 bytes wanted at offset 4, 3 left");
  CHECK(reader.position() == 0);
  ByteReader torn("\x01\x00");
  REQUIRE_ERROR(torn.get_lp32(), Exit::data, "ends too early");
  CHECK(torn.position() == 0);
}
