// The planner's statistics of a database that has just been filled.
// Layer: engine/postgres (3).  Thread rule: one thread; it starts workers.
// SPDX-License-Identifier: MIT
#pragma once

#include <flytt/engine/postgres/pg_server.hpp>

namespace flytt::engine::postgres {

/// ANALYZE of every table and view that is not a partition (the server goes on to the partitions itself), largest first, over
/// `jobs` sessions. What this role may not analyze is passed over, as the server does.
/// Throws Error naming the table, with the server's own message.
void analyze_database(PgServer& server, unsigned jobs);

}  // namespace flytt::engine::postgres
