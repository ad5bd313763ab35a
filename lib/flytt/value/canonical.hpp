// The canonical form of a row: the same bytes for the same values, whatever server, column width or character set held them.
// Layer: value (2).  Thread rule: one thread per object; functions without state.  Format: man/flytt-digest.5.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <flytt/codec/xxh3.hpp>
#include <flytt/value/row_image.hpp>
#include <flytt/value/schema.hpp>

namespace flytt::value {

/// Version of the canonical form: the first byte of every row, so that digests of two versions never agree by accident.
inline constexpr std::uint8_t kCanonicalVersion = 1;

/// What a value is, in the canonical form. The number is part of the format: never change one, only add.
enum class CanonicalTag : std::uint8_t {
  null = 0,
  integer = 1,           ///< zero or more: the number, big-endian, without leading zero bytes
  negative = 2,          ///< below zero: its magnitude likewise
  decimal = 3,           ///< above zero, and no integer below 2^64: exponent of ten (zigzag varint), digits
  negative_decimal = 4,  ///< below zero, likewise
  decimal_nan = 5,
  decimal_infinity = 6,
  decimal_negative_infinity = 7,
  real = 8,             ///< IEEE 754 double, big-endian; one zero, one NaN
  text = 9,             ///< UTF-8
  native_text = 10,     ///< name of the character set (varint length, bytes), then the bytes
  bytes = 11,
  date = 12,            ///< days since 0001-01-01, u32
  datetime = 13,        ///< microseconds since 1970-01-01 00:00, i64
  instant = 14,         ///< the same, in UTC
  time = 15,            ///< microseconds, i64
  odd_date = 16,        ///< zero, partial and impossible dates: year u16, month u8, day u8
  odd_datetime = 17,    ///< the same, then microseconds of the day, u64
  odd_instant = 18,
  set = 19,             ///< each member in its order: varint length, UTF-8
  json = 20,
  geometry = 21,        ///< SRID and WKB, as the server holds them
  uuid = 22,            ///< 16 bytes
  inet = 23,            ///< 4 or 6, prefix length, address
};

/// Encodes rows of one table.
/// Shape: version byte, then for each chosen column its tag and, unless NULL, a varint length and that many bytes. No value
/// can imitate another or its neighbour: the form is prefix-free.
class CanonicalRow {
 public:
  /// `chosen`: indexes of the columns that count, in the order in which they count.
  CanonicalRow(const std::vector<Column>& columns, const std::vector<std::uint32_t>& chosen, std::uint64_t seed = 0);
  /// All columns in declared order.
  explicit CanonicalRow(const std::vector<Column>& columns, std::uint64_t seed = 0);
  ~CanonicalRow();
  CanonicalRow(CanonicalRow&&) noexcept;
  CanonicalRow& operator=(CanonicalRow&&) noexcept;

  /// The row's canonical form; the view holds until the next call.
  /// Throws Error{Exit::data} naming the column when an image is no value of its type.
  std::string_view encode(const std::vector<Cell>& cells);

  /// XXH3-128 of encode(), under the seed. A large value is hashed in place and not copied.
  codec::Hash128 hash(const std::vector<Cell>& cells);

 private:
  struct Step;

  std::size_t image_bytes(const std::vector<Cell>& cells) const noexcept;
  codec::Hash128 hash_in_pieces(const std::vector<Cell>& cells);
  std::vector<Step> steps_;
  std::string buffer_;
  std::uint64_t seed_;
  std::unique_ptr<codec::Hasher128> pieces_;
};

/// One value's canonical form.
std::string canonical_value(const Column& column, const Cell& cell);

/// A text's, label's or set's image in UTF-8; as it is where its character set is not turned into UTF-8 here, and for other types.
std::string utf8_text(const Column& column, std::string_view image);

/// Can values of these columns be equal at all? False when their kinds differ (a number and a text) and when their
/// texts stand in different character sets of which one is not turned into UTF-8 here.
bool canonically_comparable(const Column& a, const Column& b) noexcept;

/// True when both columns are of one kind, whatever their character sets.
bool same_kind(const Column& a, const Column& b) noexcept;

}  // namespace flytt::value
