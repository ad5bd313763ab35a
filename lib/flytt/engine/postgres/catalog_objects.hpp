// Definitions of every object of a scope, one text each, as a comparison needs them: equal objects have equal texts.
// Layer: engine/postgres (3).  Thread rule: functions over one session.
// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include <flytt/engine/postgres/connection.hpp>
#include <flytt/engine/postgres/pg_server.hpp>
#include <flytt/value/manifest.hpp>

namespace flytt::engine::postgres {

std::vector<value::SchemaObject> read_objects(Connection& c, PgServer& server, const value::Scope& scope);

/// What a selection of tables leaves behind of the database, by kind; nothing for whole databases.
std::vector<value::LeftOut> left_out_of(Connection& c, PgServer& server, const value::Scope& scope);

/// What proves on a target that these have arrived.
std::vector<value::Definition> proofs_of(const std::vector<value::SchemaObject>& objects);

/// SQL for the name of default privileges (a, in schema n).
std::string default_grants_name();
/// SQL for the rarer objects of the user's: their catalog, number and owner.
std::string others_sql();

}  // namespace flytt::engine::postgres
