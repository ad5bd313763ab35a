// Names of a load's steps in the ledger: "table shop.orders". They can be read back.
// Layer: task (5).  Thread rule: functions without state.
// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <flytt/value/schema.hpp>

namespace flytt::task {

/// The step that creates an object: its kind, then schema, parent (of an index or a foreign key) and name with dots between.
/// A dot, percent sign or control character inside a name is %XX. A name that would make it longer than 255 bytes is cut and
/// ends with %% and its hash.
std::string phase_of(const value::SchemaObject& object);

/// The object a step created, as far as its name tells: kind, schema, parent, name. Nothing for other steps.
std::optional<value::SchemaObject> object_of(std::string_view phase);

}  // namespace flytt::task
