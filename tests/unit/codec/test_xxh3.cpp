// SPDX-License-Identifier: MIT
#include "support/catch.hpp"

#include <flytt/codec/xxh3.hpp>

#include <limits>

using flytt::base::Exit;
using namespace flytt::codec;

TEST_CASE("hashes are those of the specification") {
  // As xxhsum of xxHash 0.8 prints them.
  CHECK(hash64("") == 0x2d06800538d394c2);
  CHECK(hash128("").hex() == "99aa06d3014798d86001c324468d497f");
  CHECK(hash64("abc") == 0x78af5f94892f3950);
  CHECK(hash128("abc").hex() == "06b05ab6733a618578af5f94892f3950");
  CHECK(hash128("abc", 1) != hash128("abc"));
}

TEST_CASE("pieces hash as the whole does") {
  std::string text;
  for (int i = 0; i < 3000; ++i) text += static_cast<char>(i * 31);
  for (const std::uint64_t seed : {std::uint64_t{0}, std::uint64_t{42}}) {
    Hasher128 hasher(seed);
    CHECK(hasher.digest() == hash128("", seed));
    for (std::size_t at = 0, size = 1; at < text.size(); at += size, size = size * 3 % 257 + 1) {
      hasher.update(std::string_view(text).substr(at, size));
    }
    CHECK(hasher.digest() == hash128(text, seed));
    hasher.reset();
    hasher.update("x");
    CHECK(hasher.digest() == hash128("x", seed));
    Hasher128 moved = std::move(hasher);
    moved.update("y");
    CHECK(moved.digest() == hash128("xy", seed));
  }
}

TEST_CASE("sums are modulo 2^128 and do not depend on the order") {
  constexpr auto kMost = std::numeric_limits<std::uint64_t>::max();
  CHECK(Hash128{kMost, 0} + Hash128{1, 0} == Hash128{0, 1});
  CHECK(Hash128{kMost, kMost} + Hash128{1, 0} == Hash128{0, 0});
  CHECK(Hash128{0, 0} - Hash128{1, 0} == Hash128{kMost, kMost});
  const auto a = hash128("a");
  const auto b = hash128("b");
  const auto c = hash128("c");
  CHECK(a + b + c == c + a + b);
  CHECK(a + b - b == a);
  CHECK(a + a != Hash128{});  // two equal rows do not cancel out
}

TEST_CASE("hex goes there and back") {
  const Hash128 hash{0x0123456789abcdef, 0xfedcba9876543210};
  CHECK(hash.hex() == "fedcba98765432100123456789abcdef");
  CHECK(Hash128::from_hex(hash.hex()) == hash);
  for (const char* bad : {"", "00", "fedcba98765432100123456789abcdeg", "fedcba98765432100123456789abcdef0",
                          "-edcba98765432100123456789abcdef"}) {
    INFO(bad);
    REQUIRE_ERROR(Hash128::from_hex(bad), Exit::data, "128-bit hash");
  }
}
