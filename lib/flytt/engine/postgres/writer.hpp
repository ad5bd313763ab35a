// Chunks into tables, by COPY.
// Layer: engine/postgres (3).  Thread rule: one thread per object.
// SPDX-License-Identifier: MIT
#pragma once

#include <memory>

#include <flytt/engine/postgres/pg_server.hpp>
#include <flytt/engine/target.hpp>

namespace flytt::engine::postgres {

/// Are large objects that have the numbers of the copy's replaced by them?
enum class Numbers : bool { kept, replaced };
std::unique_ptr<BulkWriter> make_writer(PgServer& server, Numbers numbers);

}  // namespace flytt::engine::postgres
