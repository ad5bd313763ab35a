// The database that a copy is loaded into.
// Layer: engine/postgres (3).  Thread rule: one thread per object.
// SPDX-License-Identifier: MIT
#pragma once

#include <memory>

#include <flytt/engine/postgres/pg_server.hpp>
#include <flytt/engine/target.hpp>

namespace flytt::engine::postgres {

std::unique_ptr<Target> make_target(PgServer& server);

}  // namespace flytt::engine::postgres
