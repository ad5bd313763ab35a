// Column types of one database: which logical type a value has, how COPY's binary form becomes its image, and whether that
// form means the same on another server.
// Layer: engine/postgres (3).  Thread rule: immutable once read.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include <flytt/engine/postgres/connection.hpp>
#include <flytt/value/schema.hpp>
#include <flytt/value/type.hpp>

namespace flytt::engine::postgres {

/// How a value's binary form becomes its image.
enum class Form : std::uint8_t {
  bytes,     ///< as it is
  padded,    ///< text of fixed length, without the blanks that pad it
  number,    ///< big-endian, as wide as the image: integers, floats, time of day
  boolean,   ///< one byte, 0 or 1
  numeric,   ///< groups of four digits, to text
  money,     ///< hundredths, to text
  date,      ///< days since 2000-01-01
  datetime,  ///< microseconds since 2000-01-01 00:00
  jsonb,     ///< a version byte, then text
  uuid,      ///< sixteen bytes, to text
  inet,      ///< family, prefix, address, to text
  bits,      ///< number of bits, then the bits from the left
  output,    ///< has no type of its own here: asked for as the text that the server prints
};

struct Shape {
  value::Type type = value::Type::text;
  Form form = Form::output;
};

/// Shape of a type that is no domain. Decided by the type alone, so that both sides of a comparison decide alike.
/// `kind`: pg_type.typtype; `builtin`: of every server; `modifier`: pg_attribute.atttypmod, -1 for none.
Shape shape_of(std::string_view name, char kind, bool builtin, int modifier) noexcept;

class TypeTable {
 public:
  /// Reads pg_type once.
  explicit TypeTable(Connection& c);

  /// Gives a column its logical type, looking through domains, and what goes with it: digits of a fraction, length of bits.
  void describe(value::Column& column, std::uint32_t oid, int modifier) const;
  /// True when the binary form holds no object numbers of this database and is the same in every release that is supported.
  bool portable_binary(std::uint32_t oid) const;
  /// The type below any domains.
  std::uint32_t base(std::uint32_t oid) const;

 private:
  struct Row {
    std::string name;
    char kind = 'b';  ///< pg_type.typtype: b, c, d, e, m, p, r
    bool builtin = false;
    std::uint32_t base = 0;
    int modifier = -1;      ///< a domain's
    std::uint32_t element = 0;  ///< of a true array
  };
  const Row* find(std::uint32_t oid) const;

  std::map<std::uint32_t, Row> rows_;
};

}  // namespace flytt::engine::postgres
