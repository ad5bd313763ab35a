// Indexes that the server does not use because it holds them for incomplete: which there are, and what a restore leaves behind.
// Layer: engine/postgres (3).  Thread rule: functions over one session.
// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <flytt/engine/postgres/connection.hpp>

namespace flytt::engine::postgres {

/// Quoted, qualified names of the user's indexes that are not valid, sorted.
std::vector<std::string> invalid_indexes(Connection& c);

/// Two sessions that attach parts of one partitioned index at the same time can leave it invalid for good, a primary key too, and
/// pg_restore --jobs does so without an error. Here such indexes are completed, the innermost first, and then every index is
/// proved valid but those in `invalid_on_source`, a name a line.
/// Throws Error{Exit::unavailable} naming the indexes that are not valid.
void prove_indexes_valid(Connection& c, std::string_view invalid_on_source);

}  // namespace flytt::engine::postgres
