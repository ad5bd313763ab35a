// Logical replication from a copy's slot, and fencing: what replica-ctl and lag-wait ask of one PostgreSQL server.
// Layer: engine/postgres (3).  Thread rule: one thread per object.
// SPDX-License-Identifier: MIT
#pragma once

#include <memory>

#include <flytt/engine/postgres/pg_server.hpp>
#include <flytt/engine/replication.hpp>

namespace flytt::engine::postgres {

std::unique_ptr<Replication> make_replication(PgServer& server);

}  // namespace flytt::engine::postgres
