// Which tables a scope has, with their columns, keys, sizes and identities; and what cannot travel, by name.
// Layer: engine/postgres (3).  Thread rule: one thread per object.
// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include <flytt/engine/catalog.hpp>
#include <flytt/engine/postgres/connection.hpp>
#include <flytt/engine/postgres/pg_server.hpp>

namespace flytt::engine::postgres {

/// Encodings of rows as COPY gives them. Format: man/flytt-stream.5, ENCODINGS.
inline constexpr std::string_view kCopyBinary = "pg-copy-binary/1";
inline constexpr std::string_view kCopyText = "pg-copy-text/1";

/// A table that holds rows of its own, and what only this engine has to know of it.
struct Relation {
  value::Table table;
  std::uint32_t oid = 0;
  bool unlogged = false;
  bool row_security = false;
  bool partition = false;
  bool hashed = false;  ///< its rows may lie in another partition on another server
  std::string replica_identity;  ///< how a subscriber finds a row: "d", "n", "f", "i", as pg_class has it
};

/// SQL that is true for namespaces (alias n) of the user, not of the server, of a session or of flytt.
std::string_view user_namespace() noexcept;
/// SQL that is true when the object `oid` of catalog `catalog` belongs to an extension.
std::string of_extension(std::string_view catalog, std::string_view oid);

/// True when the scope's globs let the table pass. The scope's database is the connection's.
bool in_scope(const value::Scope& scope, const value::TableName& name);

/// The scope in which a filter that names a partitioned table names its partitions as well, each by its own name.
value::Scope with_partitions(Connection& c, const value::Scope& scope);
/// The partitioned tables that hold tables of the scope together, or are themselves in it.
std::vector<value::TableName> partitioned_above(Connection& c, const value::Scope& scope);
/// What filters may name here.
value::Names read_names(Connection& c, PgServer& server, const value::Scope& scope);

/// The fact of a copy that says how amounts of money are to be read, where it has any.
inline constexpr std::string_view kMoneyFact = "money";
/// The locale of money that sessions of this database begin with.
std::string money_locale(Connection& c);
/// True when a column, of a domain or a composite type too, is of type money.
bool has_money(Connection& c);

/// Throws Error{Exit::usage} when a copy of another database than the session's is meant.
void refuse_other_databases(PgServer& server, const value::Scope& scope);
/// How partitions are shown whose rows lie elsewhere on another server (hash_partitions.hpp): each, or all of a root as one table.
enum class Hashed : bool { apart, together };
/// Tables with rows of their own, largest first, with the encoding that fits them.
std::vector<Relation> read_relations(Connection& c, const value::Scope& scope, Hashed hashed = Hashed::apart);
/// What a copy of this scope leaves behind or cannot carry: warnings and refusals.
void read_obstacles(Connection& c, PgServer& server, const value::Scope& scope, Contents& out);
/// Tables of extensions to which users have added rows: "cron.job of extension pg_cron". They stay behind.
std::vector<std::string> tables_with_extension_rows(Connection& c);
/// The facts of a copy that name these begin so.
inline constexpr std::string_view kExtensionRows = "rows in ";
/// The database with its encoding and collation; extensions as "extension NAME" in `identity.settings` are the snapshot's to add.
value::Database read_database(Connection& c, PgServer& server);
/// The schemas that the scope's tables and objects are in.
std::vector<std::string> read_schemas(Connection& c, const value::Scope& scope, const std::vector<Relation>& relations);
/// Name and version of every extension.
std::vector<std::pair<std::string, std::string>> read_extensions(Connection& c);

std::unique_ptr<Catalog> make_catalog(PgServer& server);

}  // namespace flytt::engine::postgres
