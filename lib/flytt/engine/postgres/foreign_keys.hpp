// Foreign keys whose rows lack their parents: they arrive as what the server calls NOT VALID, checked for new rows only.
// Layer: engine/postgres (3).  Thread rule: functions over one session.
// Source: https://www.postgresql.org/docs/current/sql-altertable.html, NOT VALID
// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <flytt/engine/postgres/connection.hpp>

namespace flytt::engine::postgres {

/// One that a script of pg_restore makes.
struct ScriptKey {
  std::string table;  ///< as the script writes it: "public.orders"
  std::string name;   ///< without quotes
  std::string_view statement;
  bool valid = true;  ///< not made NOT VALID, as it is on the source then
};

std::vector<ScriptKey> foreign_keys_of(std::string_view script);

/// Makes those of the script that have one of these names and are not there, and their comments. A sentence for each that cannot be.
std::vector<std::string> add_not_valid(Connection& c, std::string_view script, const std::vector<std::string>& names);

/// Those that are not valid here and are on the source, a sentence each.
std::vector<std::string> keys_not_valid(Connection& c, std::string_view script);

}  // namespace flytt::engine::postgres
