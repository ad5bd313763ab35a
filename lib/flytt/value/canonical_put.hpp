// Single values in canonical form: the part of canonical.cpp that knows numbers, times and addresses.
// Layer: value (2).  Thread rule: functions without state.  Format: man/flytt-digest.5.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

#include <flytt/value/canonical.hpp>

namespace flytt::value::canonical {

/// What a value of a fixed-width type, a uuid or an address needs at most, tag and length included.
inline constexpr std::size_t kSmall = 32;
/// Longest varint.
inline constexpr std::size_t kVarint = 10;

// Every function writes at `p` and returns where it ended; the caller made room.

inline char* put_tag(char* p, CanonicalTag tag) noexcept {
  *p = static_cast<char>(tag);
  return p + 1;
}

inline char* put_varint(char* p, std::uint64_t v) noexcept {
  for (; v >= 0x80; v >>= 7) *p++ = static_cast<char>(v | 0x80);
  *p++ = static_cast<char>(v);
  return p;
}

inline char* put_bytes(char* p, std::string_view bytes) noexcept {
  if (!bytes.empty()) std::memcpy(p, bytes.data(), bytes.size());  // an empty view may point nowhere
  return p + bytes.size();
}

/// Tag, length, bytes.
inline char* put_value(char* p, CanonicalTag tag, std::string_view bytes) noexcept {
  return put_bytes(put_varint(put_tag(p, tag), bytes.size()), bytes);
}

/// A big-endian number of `N` bytes, framed.
template <class Unsigned>
inline char* put_fixed(char* p, CanonicalTag tag, Unsigned v) noexcept {
  p = put_varint(put_tag(p, tag), sizeof v);
  for (std::size_t i = sizeof v; i-- > 0;) *p++ = static_cast<char>(v >> (8 * i));
  return p;
}

inline char* put_magnitude(char* p, CanonicalTag tag, std::uint64_t v) noexcept {
  const unsigned bytes = v == 0 ? 0 : 8 - static_cast<unsigned>(__builtin_clzll(v)) / 8;
  p = put_tag(p, tag);
  *p++ = static_cast<char>(bytes);
  for (unsigned i = bytes; i-- > 0;) *p++ = static_cast<char>(v >> (8 * i));
  return p;
}

inline char* put_unsigned(char* p, std::uint64_t v) noexcept { return put_magnitude(p, CanonicalTag::integer, v); }

inline char* put_signed(char* p, std::int64_t v) noexcept {
  return v < 0 ? put_magnitude(p, CanonicalTag::negative, 0 - static_cast<std::uint64_t>(v))
               : put_magnitude(p, CanonicalTag::integer, static_cast<std::uint64_t>(v));
}

char* put_real(char* p, double v) noexcept;
/// Needs text.size() + kSmall bytes. Nothing (nullptr) when the text is no number.
char* put_decimal(char* p, std::string_view text) noexcept;
char* put_date(char* p, std::string_view image) noexcept;
char* put_datetime(char* p, CanonicalTag regular, CanonicalTag odd, std::string_view image) noexcept;
/// nullptr when the text is none.
char* put_uuid(char* p, std::string_view text) noexcept;
/// nullptr when the text is none.
char* put_inet(char* p, std::string_view text) noexcept;

}  // namespace flytt::value::canonical
