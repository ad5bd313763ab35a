// XXH3: 64 bits against damage in frames, 128 bits for the digests of rows. Not against an attacker.
// Layer: codec (1).  Thread rule: hash64 and hash128 from any thread; a Hasher128 belongs to one.
// Format: xxHash 0.8 specification; man/flytt-digest.5.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace flytt::codec {

/// XXH3-64 with seed 0.
std::uint64_t hash64(std::string_view bytes) noexcept;

/// A 128-bit number: a hash, or a sum of hashes.
struct Hash128 {
  std::uint64_t lo = 0;
  std::uint64_t hi = 0;

  friend constexpr bool operator==(const Hash128&, const Hash128&) = default;

  /// Addition modulo 2^128: sums of row hashes do not depend on the rows' order.
  constexpr Hash128& operator+=(const Hash128& other) noexcept {
    lo += other.lo;
    hi += other.hi + (lo < other.lo ? 1 : 0);
    return *this;
  }
  constexpr Hash128& operator-=(const Hash128& other) noexcept {
    hi -= other.hi + (lo < other.lo ? 1 : 0);
    lo -= other.lo;
    return *this;
  }
  friend constexpr Hash128 operator+(Hash128 a, const Hash128& b) noexcept { return a += b; }
  friend constexpr Hash128 operator-(Hash128 a, const Hash128& b) noexcept { return a -= b; }

  /// 32 hexadecimal digits, most significant first.
  std::string hex() const;
  /// Back from hex(). Throws: Exit::data.
  static Hash128 from_hex(std::string_view digits);
};

/// XXH3-128.
Hash128 hash128(std::string_view bytes, std::uint64_t seed = 0) noexcept;

/// XXH3-128 of bytes that come in pieces: the same hash as of all at once.
class Hasher128 {
public:
  explicit Hasher128(std::uint64_t seed = 0);
  ~Hasher128();
  Hasher128(Hasher128&&) noexcept;
  Hasher128& operator=(Hasher128&&) noexcept;

  void update(std::string_view bytes) noexcept;
  /// The hash so far; more may follow.
  Hash128 digest() const noexcept;
  /// Begins anew with the same seed.
  void reset() noexcept;

private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace flytt::codec
