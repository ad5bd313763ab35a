// Large objects: they live in no table of a user, so they travel as one of their own.
// Layer: engine/postgres (3).  Thread rule: functions over one session; a reader belongs to one thread.
// Source: https://www.postgresql.org/docs/current/lo-funcs.html
// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <flytt/engine/postgres/connection.hpp>
#include <flytt/engine/snapshot.hpp>
#include <flytt/value/schema.hpp>

namespace flytt::engine::postgres {

/// Rows of number and content, as COPY gives them in binary. Format: man/flytt-stream.5, ENCODINGS.
inline constexpr std::string_view kLargeObjects = "pg-large-objects/1";

/// The name that stands for all of them in filters.
value::TableName large_objects_name();
/// Whether the scope takes them in, if there are any.
bool wants_large_objects(const value::Scope& scope);
/// The table that stands for all large objects; nothing when there are none, or when the scope leaves them out.
std::optional<value::Table> large_object_table(Connection& c, const value::Scope& scope);
/// The same as a comparison reads it: number and content, with the number for its key.
std::optional<value::Table> large_object_rows(Connection& c, const value::Scope& scope);
/// What to select such a table's rows from, in SQL: of an ordinary one ONLY and its name.
std::string rows_of(const value::Table& table);
bool is_large_objects(const value::Table& table) noexcept;
/// How many there are, and the greatest number: "3 up to 16402".
std::string large_objects_mark(Connection& c);
inline constexpr std::string_view kLargeObjectsFact = "large objects";  ///< of a copy: the mark at its snapshot
/// Owners, privileges and comments, some hundreds a statement.
std::vector<value::SchemaObject> large_object_grants(Connection& c);
/// Reads that table, within the session's transaction. Not divisible.
std::unique_ptr<BulkReader> make_large_object_reader(Connection& session);

/// Statements of a loader: rows go into a table of the transaction's own, and from there become objects with their old numbers.
inline constexpr std::string_view kStageLargeObjects = "CREATE TEMPORARY TABLE flytt_large_objects (loid pg_catalog.oid, content pg_catalog.bytea) ON COMMIT DROP";
inline constexpr std::string_view kCopyLargeObjects = "COPY pg_temp.flytt_large_objects FROM STDIN (FORMAT binary)";
inline constexpr std::string_view kRemoveLargeObjects =
    "SELECT pg_catalog.lo_unlink(m.oid) FROM pg_catalog.pg_largeobject_metadata m JOIN pg_temp.flytt_large_objects ON loid = m.oid";
inline constexpr std::string_view kMakeLargeObjects =
    "SELECT pg_catalog.count(pg_catalog.lo_from_bytea(loid, content)) FROM pg_temp.flytt_large_objects";

}  // namespace flytt::engine::postgres
