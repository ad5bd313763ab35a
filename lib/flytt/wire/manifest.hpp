// HELLO and SCHEMA payloads: what is copied, and each object's definition, as JSON.
// Layer: wire (3).  Thread rule: functions without state.  Format: man/flytt-stream.5, HELLO and SCHEMA.
// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

#include <flytt/value/manifest.hpp>
#include <flytt/value/schema.hpp>

namespace flytt::wire {

/// Every text that is not UTF-8 is carried as "<member>_hex", so nothing is changed on the way.
std::string encode(const value::Manifest& manifest);
std::string encode(const value::SchemaObject& object);

/// Throws: Exit::data for what is no manifest, a type that is not known, a key column that is none of the table's.
value::Manifest decode_manifest(std::string_view json);
/// Throws: Exit::data.
value::SchemaObject decode_schema_object(std::string_view json);

}  // namespace flytt::wire
