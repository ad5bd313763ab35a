// What of a database a load with --if-exists drop, or --discard, may take away: what the copy brings itself, and nothing of others.
// Layer: engine/postgres (3).  Thread rule: functions over one session.
// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include <flytt/engine/postgres/connection.hpp>
#include <flytt/engine/postgres/pg_server.hpp>
#include <flytt/value/manifest.hpp>

namespace flytt::engine::postgres {

/// An object of a database that can be dropped by itself; what hangs on tables goes with them.
struct Droppable {
  value::ObjectKind kind = value::ObjectKind::other;
  std::string schema, name;
  std::string statement;  ///< drops it, with what depends on it

  /// Tells it from all others: `table "public"."orders"`.
  std::string identity() const;
};

/// Everything of the user's that is in the database, in an order that is good for dropping.
std::vector<Droppable> droppable(Connection& c);
/// `object ""."large object 7"`. A load does not drop them, but replaces those that have its own numbers.
std::set<std::string> large_objects_there(Connection& c);

/// The identities of what the copy holds, as its HELLO says. Throws Error{Exit::refused} where it does not say it.
std::set<std::string> held_by(const value::Manifest& manifest);

/// An object that stands for these, for SchemaWriter::drop(), and back.
value::SchemaObject standing_for(const std::set<std::string>& identities, const std::string& database);
std::set<std::string> identities_in(const value::SchemaObject& object);

enum class Then : bool { rollback, commit };

/// Drops these, in one transaction, and proves that everything else is as it was. A schema that holds something else stays.
/// Throws Error{Exit::refused} naming what depends on them; then nothing is dropped.
void drop_objects(PgServer& server, const std::set<std::string>& identities, Then then);

/// Notes what is there before copy `uuid` makes its first object; none of that is the copy's.
void note_kept(Connection& c, const std::string& uuid);
/// What was noted; nothing when no note was made, and so nothing was made either.
std::optional<std::set<std::string>> noted_kept(Connection& c, const std::string& uuid);
/// The schemas among it that are still there, but public.
std::vector<std::string> kept_schemas(Connection& c, const std::string& uuid);

}  // namespace flytt::engine::postgres
