// What a database or a role has that no archive of pg_dump carries: settings, owner, privileges, connection limit, comment.
// Layer: engine/postgres (3).  Thread rule: functions over one session.  Format in the stream: man/flytt-stream.5, SCHEMA.
// Source: dumpDatabase() of pg_dump.c, dumpRoles() and dumpUserConfig() of pg_dumpall.c
// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include <flytt/engine/postgres/connection.hpp>
#include <flytt/value/schema.hpp>

namespace flytt::engine::postgres {

/// Those of the session's database, a statement each, about the database by its own name. A fence of ours is looked through.
void add_database_properties(Connection& c, std::vector<value::SchemaObject>& out);
/// The same as a comparison has them: without the database's name, and without what is an administrator's.
std::vector<value::SchemaObject> compared_properties(Connection& c);
/// With --users: what roles have beside attributes.
void add_role_properties(Connection& c, std::vector<value::SchemaObject>& out);

/// Is its statement the one that its name says, with one value and nothing behind it?
bool good_property(const value::SchemaObject& object);
/// The statement, about the database `name` instead of its own.
std::string property_for(const value::SchemaObject& object, const std::string& name);

/// Attributes of what is left out where its role is missing: an account that works for administrators.
inline constexpr std::string_view kMayBeMissing = "administrator";
/// The object that says what everybody may do with the database; the others name a role, or none.
inline constexpr std::string_view kTakenFromEverybody = "privileges taken from everybody";

/// SQL that is true for roles (alias r) that work for administrators.
std::string administrator_sql();

}  // namespace flytt::engine::postgres
