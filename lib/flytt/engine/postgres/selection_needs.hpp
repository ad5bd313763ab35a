// What a selection of tables needs and does not bring: types, functions, collations, sequences, and the parents of foreign keys.
// Layer: engine/postgres (3).  Thread rule: functions over one session.
// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <flytt/engine/postgres/catalog.hpp>

namespace flytt::engine::postgres {

/// The facts of a copy that name what its tables cannot be made without begin so; behind it stands the object, as the server names it.
inline constexpr std::string_view kNeeds = "needs ";

/// "needs type app.mood" to "type", for each such object that --table leaves behind.
std::map<std::string, std::string> needs_of(Connection& c, const value::Scope& scope, const std::vector<Relation>& relations);
/// Foreign keys whose parents are not among the tables, a sentence each.
std::vector<std::string> keys_without_parents(Connection& c, const std::vector<Relation>& relations);
/// Is such an object here?
bool is_here(Connection& c, const std::string& type, const std::string& identity);

}  // namespace flytt::engine::postgres
