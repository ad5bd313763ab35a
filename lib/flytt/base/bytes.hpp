// Fixed little-endian numbers in byte strings: the writer that appends and the reader that trusts nothing.
// Layer: base (0).  Thread rule: one thread an object.  Format: man/flytt-stream.5 is built of these.
// SPDX-License-Identifier: MIT
#pragma once

#include <flytt/base/error.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace flytt::base {

namespace detail {

template <class Unsigned>
constexpr Unsigned little_endian(Unsigned value) noexcept {
  if constexpr (std::endian::native == std::endian::little || sizeof(Unsigned) == 1) {
    return value;
  } else {
    Unsigned turned = 0;
    for (std::size_t i = 0; i < sizeof(Unsigned); ++i) {
      turned = static_cast<Unsigned>((turned << 8) | ((value >> (8 * i)) & 0xff));
    }
    return turned;
  }
}

[[noreturn]] void throw_short_read(std::string_view what, std::size_t at, std::uint64_t wanted, std::size_t left);
[[noreturn]] void throw_trailing(std::string_view what, std::size_t at, std::size_t left);
[[noreturn]] void throw_too_long(std::uint64_t size);

}  // namespace detail

/// Appends to a buffer it does not own.
template <class Buffer>
class BasicByteWriter {
public:
  explicit BasicByteWriter(Buffer& out) noexcept : out_(out) {}

  void put_u8(std::uint8_t v) { put(v); }
  void put_u16(std::uint16_t v) { put(v); }
  void put_u32(std::uint32_t v) { put(v); }
  void put_u64(std::uint64_t v) { put(v); }
  void put_i8(std::int8_t v) { put(static_cast<std::uint8_t>(v)); }
  void put_i16(std::int16_t v) { put(static_cast<std::uint16_t>(v)); }
  void put_i32(std::int32_t v) { put(static_cast<std::uint32_t>(v)); }
  void put_i64(std::int64_t v) { put(static_cast<std::uint64_t>(v)); }
  /// Bit for bit: NaN payloads and the sign of zero survive.
  void put_f32(float v) { put(std::bit_cast<std::uint32_t>(v)); }
  void put_f64(double v) { put(std::bit_cast<std::uint64_t>(v)); }

  /// The bytes alone, without their length.
  void put_bytes(std::string_view bytes) {
    const auto* begin = reinterpret_cast<const typename Buffer::value_type*>(bytes.data());
    out_.insert(out_.end(), begin, begin + bytes.size());
  }

  /// Length as u32, then the bytes. Throws: Exit::refused above 4 GiB - 1.
  void put_lp32(std::string_view bytes) {
    if (bytes.size() > std::numeric_limits<std::uint32_t>::max()) detail::throw_too_long(bytes.size());
    put_u32(static_cast<std::uint32_t>(bytes.size()));
    put_bytes(bytes);
  }

  /// How long the buffer is now.
  std::size_t size() const noexcept { return out_.size(); }

private:
  template <class Unsigned>
  void put(Unsigned value) {
    value = detail::little_endian(value);
    char raw[sizeof value];
    std::memcpy(raw, &value, sizeof value);
    put_bytes(std::string_view(raw, sizeof value));
  }

  Buffer& out_;
};

using ByteWriter = BasicByteWriter<std::string>;
using ByteVectorWriter = BasicByteWriter<std::vector<std::byte>>;

/// Reads from bytes it does not own. Every get throws Exit::data when they end early, and then has consumed nothing.
class ByteReader {
public:
  /// `what` names the data in messages ("row image"); it must outlive the reader.
  explicit ByteReader(std::string_view bytes, std::string_view what = "data") noexcept : bytes_(bytes), what_(what) {}

  std::uint8_t get_u8() { return get<std::uint8_t>(); }
  std::uint16_t get_u16() { return get<std::uint16_t>(); }
  std::uint32_t get_u32() { return get<std::uint32_t>(); }
  std::uint64_t get_u64() { return get<std::uint64_t>(); }
  std::int8_t get_i8() { return static_cast<std::int8_t>(get<std::uint8_t>()); }
  std::int16_t get_i16() { return static_cast<std::int16_t>(get<std::uint16_t>()); }
  std::int32_t get_i32() { return static_cast<std::int32_t>(get<std::uint32_t>()); }
  std::int64_t get_i64() { return static_cast<std::int64_t>(get<std::uint64_t>()); }
  float get_f32() { return std::bit_cast<float>(get<std::uint32_t>()); }
  double get_f64() { return std::bit_cast<double>(get<std::uint64_t>()); }

  /// The next n bytes, as a view into the input.
  std::string_view take(std::uint64_t n) {
    if (n > remaining()) [[unlikely]] detail::throw_short_read(what_, at_, n, remaining());
    const std::string_view part = bytes_.substr(at_, static_cast<std::size_t>(n));
    at_ += part.size();
    return part;
  }
  std::string_view get_bytes(std::uint64_t n) { return take(n); }

  /// A u32 length and that many bytes, as a view into the input.
  std::string_view get_lp32() {
    const std::size_t start = at_;
    const std::uint32_t length = get_u32();
    if (length > remaining()) [[unlikely]] {
      const std::size_t left = remaining();
      at_ = start;
      detail::throw_short_read(what_, start + 4, length, left);
    }
    return take(length);
  }

  void skip(std::uint64_t n) { take(n); }
  std::size_t remaining() const noexcept { return bytes_.size() - at_; }
  std::size_t position() const noexcept { return at_; }
  bool at_end() const noexcept { return at_ == bytes_.size(); }

  /// Throws Exit::data when bytes are left over.
  void expect_end() const {
    if (!at_end()) detail::throw_trailing(what_, at_, remaining());
  }

private:
  template <class Unsigned>
  Unsigned get() {
    const std::string_view raw = take(sizeof(Unsigned));
    Unsigned value;
    std::memcpy(&value, raw.data(), sizeof value);
    return detail::little_endian(value);
  }

  std::string_view bytes_;
  std::string_view what_;
  std::size_t at_ = 0;
};

}  // namespace flytt::base
