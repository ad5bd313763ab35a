// Partitioned indexes, which a restore may leave incomplete so that the server does not use them, and cannot drop by itself.
// Layer: engine/postgres (3).  Thread rule: functions over one session.
// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include <flytt/engine/postgres/connection.hpp>

namespace flytt::engine::postgres {

/// Quoted, qualified names of the user's indexes that are not valid, sorted.
std::vector<std::string> invalid_indexes(Connection& c);

/// Two sessions that attach parts of one partitioned index at the same time can leave it invalid for good, a primary key too, and
/// pg_restore --jobs does so without an error. Here such indexes are completed, the innermost first, and then every index is
/// proved valid but those in `invalid_on_source`.
/// Throws Error{Exit::unavailable} naming the indexes that are not valid.
void prove_indexes_valid(Connection& c, const std::vector<std::string>& invalid_on_source);

/// Drops every partitioned index and the constraint on it, with its parts and what refers to it, before a restore that begins anew:
/// pg_restore --clean drops part by part, and the server lets no part go as long as the whole is there.
void drop_partitioned_indexes(Connection& c);

}  // namespace flytt::engine::postgres
