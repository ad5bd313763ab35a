// Indexes of large tables, which a load builds as soon as the table's rows are in, instead of with all that pg_restore makes at the end.
// Layer: engine/postgres (3).  Thread rule: functions over one session, and functions without state.
// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <flytt/engine/postgres/catalog.hpp>

namespace flytt::engine::postgres {

/// A primary key or unique constraint whose index was built already.
struct IndexConstraint {
  std::string table;      ///< quoted, qualified
  std::string name;       ///< of the constraint and of its index
  bool primary = false;
};

struct TableIndexes {
  std::vector<value::SchemaObject> objects;  ///< one CREATE INDEX each
  std::vector<std::string> entries;          ///< "catalog's oid, blank, object's oid": what the archive must not make again
  std::vector<IndexConstraint> constraints;  ///< to be put on them
};

/// Of tables from some 16 MiB on, whatever pg_dump would write as that one statement: no parts of partitioned indexes, none that the
/// table is clustered or replicated by, none with settings of its own that are not in its definition, no deferrable constraints.
TableIndexes table_indexes(Connection& c, const std::vector<Relation>& relations);

/// What the archive's late part needs to know, as a SchemaObject's attributes.
struct LatePlan {
  std::vector<std::string> invalid;  ///< indexes that are not valid on the source, quoted
  std::vector<std::string> entries;
  std::vector<IndexConstraint> constraints;
};
std::string encode(const LatePlan& plan);
/// Throws Error{Exit::data}.
LatePlan decode_late_plan(std::string_view attributes);

/// Puts the constraints that are not there yet on their indexes.
void add_constraints(Connection& c, const std::vector<IndexConstraint>& constraints);

/// pg_restore's list of an archive without these entries. Throws Error{Exit::data} when one of them is not in it.
std::string list_without(std::string_view list, const std::vector<std::string>& entries);

}  // namespace flytt::engine::postgres
