// Where a PostgreSQL server's files are, and what its sessions wait for.
// Layer: engine/postgres (3).  Thread rule: one thread per object.
// SPDX-License-Identifier: MIT
#pragma once

#include <memory>

#include <flytt/engine/postgres/pg_server.hpp>
#include <flytt/engine/storage.hpp>

namespace flytt::engine::postgres {

std::unique_ptr<Storage> make_storage(PgServer& server);

}  // namespace flytt::engine::postgres
