// Tables that are partitioned by a hash which another server computes otherwise: their rows belong into other partitions there.
// Layer: engine/postgres (3).  Thread rule: functions over one session.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <flytt/engine/postgres/connection.hpp>
#include <flytt/value/schema.hpp>

namespace flytt::engine::postgres {

/// One table that holds rows, and the uppermost table above it that is partitioned by such a hash.
struct HashedPart {
  std::uint32_t root = 0, part = 0;
  value::TableName root_name, part_name;
};

/// All of the database, by root. A hash of an enum is of its label's number in the catalog, that of a collation which takes different
/// characters as equal is its library's, and what types of users, and arrays, rows and ranges of anything, hash is not looked at.
/// Source: getPartitioningInfo() in src/bin/pg_dump/pg_dump.c, which knows of enums alone
std::vector<HashedPart> hashed_parts(Connection& c);

}  // namespace flytt::engine::postgres
