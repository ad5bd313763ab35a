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

}  // namespace flytt::engine::postgres
