// Reads rows as images (flytt-row/1), in key order: what a comparison needs.
// Layer: engine/postgres (3).  Thread rule: one thread per object.
// SPDX-License-Identifier: MIT
#pragma once

#include <memory>

#include <flytt/engine/postgres/pg_server.hpp>
#include <flytt/engine/snapshot.hpp>

namespace flytt::engine::postgres {

std::unique_ptr<BulkReader> make_row_reader(PgServer& server);

}  // namespace flytt::engine::postgres
