// Settings for the length of an import, changed by ALTER SYSTEM and put back from a table of the target.
// Layer: engine/postgres (3).  Thread rule: one thread per object.
// SPDX-License-Identifier: MIT
#pragma once

#include <memory>

#include <flytt/engine/postgres/pg_server.hpp>
#include <flytt/engine/tuning.hpp>

namespace flytt::engine::postgres {

std::unique_ptr<Tuning> make_tuning(PgServer& server);

}  // namespace flytt::engine::postgres
