// What is already on the target of what a copy brings.
// Layer: engine/mysql_family (3).  Thread rule: one thread per Connection.
// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include <flytt/engine/mysql_family/connection.hpp>
#include <flytt/value/manifest.hpp>

namespace flytt::engine::mysql_family {

/// Everything in the copy's databases that is there, whether the copy brings it or not. Triggers go with their tables and are not listed.
std::vector<value::SchemaObject> existing_objects(Connection& c, const value::Manifest& manifest);

}  // namespace flytt::engine::mysql_family
