// The planner's statistics of a database that has just been filled.
// Layer: engine/postgres (3).  Thread rule: one thread; it starts workers.
// SPDX-License-Identifier: MIT
#pragma once

#include <flytt/engine/postgres/pg_server.hpp>

namespace flytt::engine::postgres {

/// What to analyze: tables, or those of them with an index over expressions or an object of CREATE STATISTICS, which ANALYZE fills too.
enum class Analyzed { tables, with_expressions };

/// ANALYZE of tables that are not a partition (the server goes on to the partitions itself), largest first, over `jobs` sessions.
/// What this role may not analyze is passed over, as the server does.
/// Throws Error naming the table, with the server's own message.
void analyze(PgServer& server, unsigned jobs, Analyzed which);

}  // namespace flytt::engine::postgres
