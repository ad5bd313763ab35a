// Rows and texts in canonical form. One step a column, decided once; no memory is taken per value.
// SPDX-License-Identifier: MIT
#include <flytt/value/canonical.hpp>

#include <algorithm>
#include <array>
#include <numeric>

#include <flytt/base/error.hpp>
#include <flytt/base/text.hpp>
#include <flytt/value/canonical_put.hpp>
#include <flytt/value/image_load.hpp>

namespace flytt::value {

namespace {

using namespace canonical;  // NOLINT: the other half of this file

/// Rows beyond this are hashed in pieces, and values beyond kInPlace of them without a copy.
constexpr std::size_t kWholeRow = std::size_t{1} << 20;
constexpr std::size_t kInPlace = std::size_t{64} << 10;

/// What becomes of a text.
enum class Charset : std::uint8_t {
  utf8,    ///< is UTF-8 or a part of it
  latin1,  ///< Windows-1252 with its five holes as C1 controls: turned into UTF-8
  other,   ///< kept, with its name
};

Charset charset_of(std::string_view name) noexcept {
  if (name.empty() || name == "utf8mb4" || name == "utf8mb3" || name == "utf8" || name == "ascii" || name == "UTF8") {
    return Charset::utf8;
  }
  return name == "latin1" ? Charset::latin1 : Charset::other;
}

/// The code points of 0x80 to 0x9f.
constexpr std::array<std::uint16_t, 32> kWindows1252{
    0x20AC, 0x0081, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x008D, 0x017D, 0x008F,
    0x0090, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x009D, 0x017E, 0x0178};

unsigned code_point(unsigned char byte) noexcept {
  return byte >= 0x80 && byte < 0xa0 ? kWindows1252[byte - 0x80] : byte;
}

bool ascii(std::string_view text) noexcept {
  std::size_t i = 0;
  for (; i + 8 <= text.size(); i += 8) {
    std::uint64_t eight;
    std::memcpy(&eight, text.data() + i, 8);
    if (eight & 0x8080'8080'8080'8080) return false;
  }
  for (; i < text.size(); ++i) {
    if (static_cast<unsigned char>(text[i]) >= 0x80) return false;
  }
  return true;
}

std::size_t utf8_size(std::string_view latin1) noexcept {
  std::size_t n = 0;
  for (const char c : latin1) {
    const unsigned cp = code_point(static_cast<unsigned char>(c));
    n += cp < 0x80 ? 1 : cp < 0x800 ? 2 : 3;
  }
  return n;
}

char* put_utf8(char* p, std::string_view latin1) noexcept {
  for (const char c : latin1) {
    const unsigned cp = code_point(static_cast<unsigned char>(c));
    if (cp < 0x80) {
      *p++ = c;
    } else if (cp < 0x800) {
      *p++ = static_cast<char>(0xc0 | cp >> 6);
      *p++ = static_cast<char>(0x80 | (cp & 0x3f));
    } else {
      *p++ = static_cast<char>(0xe0 | cp >> 12);
      *p++ = static_cast<char>(0x80 | (cp >> 6 & 0x3f));
      *p++ = static_cast<char>(0x80 | (cp & 0x3f));
    }
  }
  return p;
}

/// Length and UTF-8 bytes, without a tag.
char* put_framed_text(char* p, Charset charset, std::string_view text) noexcept {
  if (charset == Charset::utf8 || ascii(text)) return put_bytes(put_varint(p, text.size()), text);
  return put_utf8(put_varint(p, utf8_size(text)), text);
}

/// Fixed-length character types pad their values with blanks that mean nothing; some servers send them.
bool padded_text(const Column& c) noexcept {
  return c.type == Type::text && (c.native.starts_with("char(") || c.native == "char" || c.native.starts_with("character("));
}

enum class Kind : std::uint8_t { number, real, date, datetime, instant, time, text, bytes, set, json, geometry, uuid, inet };

Kind kind_of(Type t) noexcept {
  switch (t) {
    case Type::float32:
    case Type::float64: return Kind::real;
    case Type::date: return Kind::date;
    case Type::datetime: return Kind::datetime;
    case Type::timestamp: return Kind::instant;
    case Type::time: return Kind::time;
    case Type::text:
    case Type::enumeration: return Kind::text;
    case Type::bytes: return Kind::bytes;
    case Type::set: return Kind::set;
    case Type::json: return Kind::json;
    case Type::geometry: return Kind::geometry;
    case Type::uuid: return Kind::uuid;
    case Type::inet: return Kind::inet;
    default: return Kind::number;
  }
}

}  // namespace

/// How one column is encoded.
struct CanonicalRow::Step {
  Step(const Column& c, std::uint32_t index)
      : cell(index), type(c.type), charset(charset_of(c.charset)), padded(padded_text(c)), name(c.name), charset_name(c.charset) {}

  std::uint32_t cell;
  Type type;
  Charset charset;
  bool padded;
  std::string name;
  std::string charset_name;

  /// Upper bound of put()'s bytes for an image of this size.
  std::size_t room(std::size_t image) const noexcept {
    switch (kind_of(type)) {
      case Kind::text: return kSmall + charset_name.size() + (charset == Charset::latin1 ? 3 * image : image);
      case Kind::set: return kSmall + charset_name.size() + 6 * (image + 1);
      default: return kSmall + image;
    }
  }

  /// True when put() would copy the image as it is: then head() and the image are the same.
  bool verbatim() const noexcept {
    const Kind k = kind_of(type);
    return k == Kind::bytes || k == Kind::json || k == Kind::geometry || (k == Kind::text && charset == Charset::utf8 && !padded);
  }

  CanonicalTag verbatim_tag() const noexcept {
    switch (type) {
      case Type::bytes: return CanonicalTag::bytes;
      case Type::json: return CanonicalTag::json;
      case Type::geometry: return CanonicalTag::geometry;
      default: return CanonicalTag::text;
    }
  }

  char* put(char* p, std::string_view image) const {
    switch (type) {
      case Type::int8: return put_signed(p, load<std::int8_t>(image));
      case Type::int16: return put_signed(p, load<std::int16_t>(image));
      case Type::int32: return put_signed(p, load<std::int32_t>(image));
      case Type::int64: return put_signed(p, load<std::int64_t>(image));
      case Type::uint8: return put_unsigned(p, load<std::uint8_t>(image));
      case Type::uint16:
      case Type::year: return put_unsigned(p, load<std::uint16_t>(image));
      case Type::uint32: return put_unsigned(p, load<std::uint32_t>(image));
      case Type::uint64:
      case Type::bits: return put_unsigned(p, load<std::uint64_t>(image));
      case Type::float32: return put_real(p, static_cast<double>(load<float>(image)));
      case Type::float64: return put_real(p, load<double>(image));
      case Type::decimal: return sure(put_decimal(p, image), image);
      case Type::date: return put_date(p, image);
      case Type::datetime: return put_datetime(p, CanonicalTag::datetime, CanonicalTag::odd_datetime, image);
      case Type::timestamp: return put_datetime(p, CanonicalTag::instant, CanonicalTag::odd_instant, image);
      case Type::time: return put_fixed(p, CanonicalTag::time, load<std::uint64_t>(image));
      case Type::text:
      case Type::enumeration: return put_text(p, image);
      case Type::set: return put_set(p, image);
      case Type::uuid: return sure(put_uuid(p, image), image);
      case Type::inet: return sure(put_inet(p, image), image);
      case Type::bytes:
      case Type::json:
      case Type::geometry: return put_value(p, verbatim_tag(), image);
    }
    throw base::Error(base::Exit::bug, base::concat("column ", name, " has no canonical form"));
  }

  std::string_view trimmed(std::string_view image) const noexcept {
    if (padded) {
      while (!image.empty() && image.back() == ' ') image.remove_suffix(1);
    }
    return image;
  }

 private:
  char* put_native(char* p, std::string_view image) const noexcept {
    const std::size_t head = 1 + (charset_name.size() >= 0x80 ? 1 : 0) + charset_name.size();
    p = put_varint(put_tag(p, CanonicalTag::native_text), head + image.size());
    p = put_bytes(put_varint(p, charset_name.size()), charset_name);
    return put_bytes(p, image);
  }

  char* put_text(char* p, std::string_view image) const noexcept {
    if (charset == Charset::other) return put_native(p, image);
    return put_framed_text(put_tag(p, CanonicalTag::text), charset, trimmed(image));
  }

  /// Members cannot hold a comma. Their total length is needed first, so they are written a little further on and moved.
  char* put_set(char* p, std::string_view image) const noexcept {
    if (charset == Charset::other) return put_native(p, image);
    char* const members = p + 1 + kVarint;
    char* end = members;
    while (!image.empty()) {
      const std::size_t comma = image.find(',');
      end = put_framed_text(end, charset, image.substr(0, comma));
      image = comma == std::string_view::npos ? std::string_view() : image.substr(comma + 1);
    }
    const auto size = static_cast<std::size_t>(end - members);
    p = put_varint(put_tag(p, CanonicalTag::set), size);
    std::memmove(p, members, size);
    return p + size;
  }

  char* sure(char* p, std::string_view image) const {
    if (p != nullptr) return p;
    throw base::Error(base::Exit::data, base::concat("column ", base::quote_for_message(name), ": ", base::quote_for_message(image, 60),
                                                     " is no ", type_name(type)));
  }
};

namespace {

std::vector<std::uint32_t> all_of(const std::vector<Column>& columns) {
  std::vector<std::uint32_t> all(columns.size());
  std::iota(all.begin(), all.end(), 0U);
  return all;
}

}  // namespace

CanonicalRow::CanonicalRow(const std::vector<Column>& columns, const std::vector<std::uint32_t>& chosen, std::uint64_t seed)
    : seed_(seed) {
  steps_.reserve(chosen.size());
  for (const auto index : chosen) steps_.emplace_back(columns.at(index), index);
}

CanonicalRow::CanonicalRow(const std::vector<Column>& columns, std::uint64_t seed) : CanonicalRow(columns, all_of(columns), seed) {}

CanonicalRow::~CanonicalRow() = default;
CanonicalRow::CanonicalRow(CanonicalRow&&) noexcept = default;
CanonicalRow& CanonicalRow::operator=(CanonicalRow&&) noexcept = default;

std::size_t CanonicalRow::image_bytes(const std::vector<Cell>& cells) const noexcept {
  std::size_t n = 0;
  for (const auto& s : steps_) n += cells[s.cell].image().size();
  return n;
}

std::string_view CanonicalRow::encode(const std::vector<Cell>& cells) {
  std::size_t room = 1;
  for (const auto& s : steps_) room += s.room(cells[s.cell].image().size());
  if (buffer_.size() < room) buffer_.resize(room + room / 2);
  char* const begin = buffer_.data();
  char* p = begin;
  *p++ = static_cast<char>(kCanonicalVersion);
  for (const auto& s : steps_) {
    const Cell& cell = cells[s.cell];
    p = cell.null() ? put_tag(p, CanonicalTag::null) : s.put(p, cell.image());
  }
  return {begin, static_cast<std::size_t>(p - begin)};
}

codec::Hash128 CanonicalRow::hash(const std::vector<Cell>& cells) {
  if (image_bytes(cells) > kWholeRow) return hash_in_pieces(cells);
  return codec::hash128(encode(cells), seed_);
}

codec::Hash128 CanonicalRow::hash_in_pieces(const std::vector<Cell>& cells) {
  if (!pieces_) pieces_ = std::make_unique<codec::Hasher128>(seed_);
  pieces_->reset();
  const char version = static_cast<char>(kCanonicalVersion);
  pieces_->update({&version, 1});
  std::string piece;
  const auto flush = [&](char* end) { pieces_->update({piece.data(), static_cast<std::size_t>(end - piece.data())}); };
  for (const auto& s : steps_) {
    const Cell& cell = cells[s.cell];
    const std::string_view image = cell.image();
    const bool latin1 = s.type == Type::text && s.charset == Charset::latin1;
    const bool in_place = image.size() > kInPlace && (s.verbatim() || latin1);
    piece.resize(in_place ? kSmall : s.room(image.size()));
    if (cell.null()) {
      flush(put_tag(piece.data(), CanonicalTag::null));
    } else if (!in_place) {
      flush(s.put(piece.data(), image));
    } else if (s.verbatim()) {
      flush(put_varint(put_tag(piece.data(), s.verbatim_tag()), image.size()));
      pieces_->update(image);
    } else {
      std::string_view left = s.trimmed(image);
      flush(put_varint(put_tag(piece.data(), CanonicalTag::text), utf8_size(left)));
      piece.resize(3 * kInPlace);
      for (; !left.empty(); left.remove_prefix(std::min(left.size(), kInPlace))) {
        flush(put_utf8(piece.data(), left.substr(0, kInPlace)));
      }
    }
  }
  return pieces_->digest();
}

std::string canonical_value(const Column& column, const Cell& cell) {
  CanonicalRow one({column});
  return std::string(one.encode({cell}).substr(1));
}

std::string utf8_text(const Column& column, std::string_view image) {
  const Kind k = kind_of(column.type);
  if ((k != Kind::text && k != Kind::set) || charset_of(column.charset) != Charset::latin1) return std::string(image);
  std::string out(utf8_size(image), '\0');
  put_utf8(out.data(), image);
  return out;
}

bool same_kind(const Column& a, const Column& b) noexcept { return kind_of(a.type) == kind_of(b.type); }

bool canonically_comparable(const Column& a, const Column& b) noexcept {
  if (!same_kind(a, b)) return false;
  const Kind k = kind_of(a.type);
  if (k != Kind::text && k != Kind::set) return true;
  const bool other = charset_of(a.charset) == Charset::other || charset_of(b.charset) == Charset::other;
  return !other || a.charset == b.charset;
}

}  // namespace flytt::value
