// What a role lacks for a dump or a comparison, each with the statement that grants it.
// Layer: engine/postgres (3).  Thread rule: functions over one session.
// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include <flytt/engine/postgres/connection.hpp>
#include <flytt/engine/postgres/pg_server.hpp>

namespace flytt::engine::postgres {

/// Reading every row of the scope: USAGE on schemas, SELECT on tables and sequences, and row security that hides nothing.
std::vector<Finding> missing_to_read(Connection& c, const value::Scope& scope);
/// The same, and what the definitions need.
std::vector<Finding> missing_to_dump(Connection& c, PgServer& server, const value::Scope& scope);

}  // namespace flytt::engine::postgres
