// Everything that stands in the way of loading a copy into this database, all at once.
// Layer: engine/postgres (3).  Thread rule: functions over one server.
// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include <flytt/engine/postgres/pg_server.hpp>
#include <flytt/engine/target.hpp>

namespace flytt::engine::postgres {

/// `resumed`: this copy was begun here before, and what is there is its own.
std::vector<Finding> preflight_findings(PgServer& server, const value::Manifest& manifest, const LoadRequest& request, bool resumed);

/// Objects of users in the scope, as "table public.orders", at most a few.
std::vector<std::string> what_is_there(Connection& c, const value::Scope& scope);

}  // namespace flytt::engine::postgres
