// Column types of one database: which logical type a value has, and whether COPY's binary form means the same on another server.
// Layer: engine/postgres (3).  Thread rule: immutable once read.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include <flytt/engine/postgres/connection.hpp>
#include <flytt/value/type.hpp>

namespace flytt::engine::postgres {

class TypeTable {
 public:
  /// Reads pg_type once.
  explicit TypeTable(Connection& c);

  /// The logical type of a column's values, looking through domains.
  value::Type logical(std::uint32_t oid) const;
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
    std::uint32_t element = 0;  ///< of a true array
  };
  const Row* find(std::uint32_t oid) const;

  std::map<std::uint32_t, Row> rows_;
};

}  // namespace flytt::engine::postgres
