// SPDX-License-Identifier: MIT
#include <flytt/codec/xxh3.hpp>

#include <flytt/base/error.hpp>
#include <flytt/base/text.hpp>

#include <charconv>

#define XXH_INLINE_ALL  // a row is short: the call would cost as much as the hash
#include <xxhash.h>

namespace flytt::codec {

namespace {

Hash128 from_xxh(XXH128_hash_t hash) noexcept { return {hash.low64, hash.high64}; }

void put_hex(std::string& out, std::uint64_t number) {
  constexpr char kDigits[] = "0123456789abcdef";
  for (int shift = 60; shift >= 0; shift -= 4) out += kDigits[(number >> shift) & 15];
}

std::uint64_t get_hex(std::string_view digits) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number, 16);
  if (error != std::errc{} || end != digits.data() + digits.size()) {
    throw base::Error(base::Exit::data, base::concat(base::quote_for_message(digits), " is not part of a 128-bit hash"));
  }
  return number;
}

}  // namespace

std::uint64_t hash64(std::string_view bytes) noexcept { return XXH3_64bits(bytes.data(), bytes.size()); }

std::string Hash128::hex() const {
  std::string out;
  out.reserve(32);
  put_hex(out, hi);
  put_hex(out, lo);
  return out;
}

Hash128 Hash128::from_hex(std::string_view digits) {
  if (digits.size() != 32) {
    throw base::Error(base::Exit::data, base::concat(base::quote_for_message(digits), " is not a 128-bit hash"));
  }
  return {get_hex(digits.substr(16)), get_hex(digits.substr(0, 16))};
}

Hash128 hash128(std::string_view bytes, std::uint64_t seed) noexcept {
  return from_xxh(XXH3_128bits_withSeed(bytes.data(), bytes.size(), seed));
}

struct Hasher128::State {
  XXH3_state_t xxh;
  std::uint64_t seed;
};

Hasher128::Hasher128(std::uint64_t seed) : state_(std::make_unique<State>()) {
  state_->seed = seed;
  reset();
}

Hasher128::~Hasher128() = default;
Hasher128::Hasher128(Hasher128&&) noexcept = default;
Hasher128& Hasher128::operator=(Hasher128&&) noexcept = default;

void Hasher128::update(std::string_view bytes) noexcept { XXH3_128bits_update(&state_->xxh, bytes.data(), bytes.size()); }

Hash128 Hasher128::digest() const noexcept { return from_xxh(XXH3_128bits_digest(&state_->xxh)); }

void Hasher128::reset() noexcept { XXH3_128bits_reset_withSeed(&state_->xxh, state_->seed); }

}  // namespace flytt::codec
