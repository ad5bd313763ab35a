// The values of columns that the server computes and stores, as one number each.
// Layer: engine/mysql_family (3).  Thread rule: one thread per Connection.
// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include <flytt/engine/mysql_family/connection.hpp>
#include <flytt/value/schema.hpp>

namespace flytt::engine::mysql_family {

/// For each of the table's computed columns the sum, over the rows for which `condition` holds, of 60 bits of a hash of key and value.
/// One pass over the table; none when it has no such column.
std::vector<std::string> computed_digests(Connection& c, const value::Table& table, const std::string& condition);

}  // namespace flytt::engine::mysql_family
