// Reads rows as COPY gives them, unopened, by ranges of a table's pages: what a dump does.
// Layer: engine/postgres (3).  Thread rule: one thread per object.
// SPDX-License-Identifier: MIT
#pragma once

#include <memory>

#include <flytt/engine/postgres/connection.hpp>
#include <flytt/engine/postgres/pg_server.hpp>
#include <flytt/engine/snapshot.hpp>

namespace flytt::engine::postgres {

/// A reader over a session whose transaction has the snapshot, for tables and for large objects. The session outlives it.
/// Range bounds are page numbers as four bytes, most significant first: pages after `after` up to and with `through`.
std::unique_ptr<BulkReader> make_dump_reader(Connection& session);

}  // namespace flytt::engine::postgres
