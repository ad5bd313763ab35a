// Creates and drops what the stream brings beside rows.
// Layer: engine/postgres (3).  Thread rule: one thread per object.
// SPDX-License-Identifier: MIT
#pragma once

#include <memory>

#include <flytt/engine/postgres/pg_server.hpp>
#include <flytt/engine/target.hpp>

namespace flytt::engine::postgres {

std::unique_ptr<SchemaWriter> make_schema_writer(PgServer& server, const LoadRequest& request);

}  // namespace flytt::engine::postgres
