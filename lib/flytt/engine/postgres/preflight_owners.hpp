// Whether a role that is no superuser can give the objects of a copy to whom they belong.
// Layer: engine/postgres (3).  Thread rule: functions over one session.
// Source: https://www.postgresql.org/docs/current/sql-altertable.html and its kin, OWNER TO: one must be a member of the new owner, and that
// one must be allowed to create in the schema, or a schema in the database.
// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <flytt/engine/postgres/connection.hpp>
#include <flytt/engine/postgres/pg_server.hpp>
#include <flytt/engine/target.hpp>

namespace flytt::engine::postgres {

/// Facts of the source: "owner ROLE" with where its objects are, and who owns the database unless that is an administrator.
inline constexpr std::string_view kOwnerFact = "owner ", kDatabaseOwnerFact = "database owner";
std::map<std::string, std::string> owner_facts(Connection& c);

/// What stands in the way, each with its remedy, all before anything is made. `c` may be of another database when the copy's is missing.
std::vector<Finding> owner_findings(Connection& c, PgServer& server, const value::Manifest& manifest, const LoadRequest& request);

}  // namespace flytt::engine::postgres
