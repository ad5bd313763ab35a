// Roles and memberships, for --users.
// Layer: engine/postgres (3).  Thread rule: functions over one session.
// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include <flytt/engine/postgres/connection.hpp>
#include <flytt/value/schema.hpp>

namespace flytt::engine::postgres {

/// Every role that is not the server's own, with its attributes, settings, and, as far as they may be read, the password's
/// verifier (never a password); then memberships.
std::vector<value::SchemaObject> role_objects(Connection& c);

/// Roles that own objects of this database or are granted something on them, the server's own left out, sorted.
std::vector<std::string> roles_in_use(Connection& c);

}  // namespace flytt::engine::postgres
