// Definitions to hashes.
// SPDX-License-Identifier: MIT
#include <flytt/value/definition.hpp>

#include <flytt/codec/xxh3.hpp>

namespace flytt::value {

std::string Definition::display() const {
  SchemaObject object;
  object.kind = kind;
  object.schema = schema;
  object.parent = parent;
  object.name = name;
  return object.display();
}

bool Definition::same_object(const Definition& other) const {
  return kind == other.kind && schema == other.schema && parent == other.parent && name == other.name;
}

Definition definition_of(const SchemaObject& object, std::string_view text, std::string_view rights) {
  codec::Hasher128 hash;
  for (const std::string_view part : {text, std::string_view(object.sql_mode), std::string_view(object.charset), std::string_view(object.collation),
                                      std::string_view(object.time_zone)}) {
    hash.update(part);
    hash.update(std::string_view("\0", 1));
  }
  return {object.kind, object.schema, object.parent, object.name, hash.digest().hex(), codec::hash128(rights).hex()};
}

}  // namespace flytt::value
