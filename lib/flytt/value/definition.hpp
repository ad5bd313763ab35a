// What proves that an object arrived as it was: hashes of its definition, as comparisons read it. HELLO carries them, and a load
// compares them with those of what it has made.
// Layer: value (2).  Thread rule: values and functions without state.  Format in the stream: man/flytt-stream.5, HELLO.
// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

#include <flytt/value/schema.hpp>

namespace flytt::value {

struct Definition {
  ObjectKind kind = ObjectKind::table;
  std::string schema;
  std::string parent;  ///< the table of an index, foreign key or trigger; else empty
  std::string name;
  std::string text;    ///< XXH3-128 in hexadecimal digits, of all but `rights`
  std::string rights;  ///< the same, of whom the object belongs to or runs as and who may use it: what --skip-definers and --definer change

  /// "view shop.v", for messages.
  std::string display() const;
  bool same_object(const Definition& other) const;
};

/// The proof of `object`: its settings, and `text` and `rights` as its engine compares them.
Definition definition_of(const SchemaObject& object, std::string_view text, std::string_view rights);

}  // namespace flytt::value
