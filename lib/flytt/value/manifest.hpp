// What one copy is: who it was taken from, at which position, and what it holds. HELLO carries it, the ledger remembers it.
// Layer: value (2).  Thread rule: values, no state.  Format in the stream: man/flytt-stream.5, HELLO.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <flytt/value/definition.hpp>
#include <flytt/value/position.hpp>
#include <flytt/value/schema.hpp>

namespace flytt::value {

/// Which part of a server is meant: what --database, --table and their kin say.
struct Scope {
  bool all_databases = false;
  std::vector<std::string> databases;
  std::vector<std::string> include_tables;  ///< globs "schema.table"; empty: all
  std::vector<std::string> exclude_tables;
  std::vector<std::pair<std::string, std::string>> where;  ///< "schema.table" and a condition the user wrote
  bool schema_only = false;
  bool data_only = false;
  bool users = false;

  bool operator==(const Scope&) const = default;
  /// True when whole databases are meant: no table globs, no conditions.
  bool whole_databases() const noexcept { return include_tables.empty() && exclude_tables.empty() && where.empty(); }
  /// True when the globs let a table with this name pass.
  bool passes(const TableName& name) const;
  /// True when single tables are chosen: then routines and events stay behind, but for those that what is chosen calls.
  bool chooses_tables() const noexcept { return !include_tables.empty(); }
  /// True when no --table was given, or one names this table; --exclude-table may take it away again.
  bool chosen(const TableName& name) const;
  /// True when a table with this name is meant: its `schema` is a database in scope, and it passes.
  bool covers(const TableName& name) const;
  /// The user's condition for a table; empty when none.
  std::string condition(const TableName& name) const;
  /// "shop, crm (without crm.log)", for messages.
  std::string display() const;
};

/// Who a server is: asked once, at connect.
struct ServerIdentity {
  std::string engine;      ///< name of the engine that speaks to it
  std::string product;     ///< the product's own name, for messages
  std::string version;     ///< the server's own version text
  std::uint32_t version_number = 0;  ///< major * 10000 + minor * 100 + patch
  std::string uuid;        ///< what tells this server from every other, as far as the product has it
  std::string hostname;
  std::uint64_t server_id = 0;
  std::map<std::string, std::string> settings;  ///< those that a copy or a channel depends on

  /// One of the settings; `otherwise` when the server did not say it.
  std::string setting(const std::string& name, const std::string& otherwise = {}) const;
  /// "MariaDB 10.11.19 at db1:3306", for messages; the address is the caller's.
  std::string display() const { return product + " " + version; }
};

/// What of the chosen databases a copy does not hold: all of one kind that stays behind for one reason.
struct LeftOut {
  std::string kind;                ///< a noun: "table", "routine"
  std::string reason;              ///< "not named by --table"
  std::vector<std::string> names;  ///< "shop.orders", as messages name them
  bool broken = false;             ///< nobody chose so: it is not whole on its own server. No part of a stream
};

struct Manifest {
  std::string uuid;           ///< of this copy
  std::string created;        ///< ISO 8601, UTC
  std::string tool_version;
  ServerIdentity source;
  Scope scope;
  Position position;
  std::vector<Database> databases;
  std::vector<std::string> schemas;   ///< of the one database, where tables are in schemas; empty elsewhere, and in streams of earlier versions
  std::vector<Table> tables;  ///< a chunk's object number is the index in this list
  std::vector<std::string> definers;  ///< accounts ("user@host") that views, routines, triggers and events run as, and that do not come with the copy
  std::vector<std::string> needs;     ///< capabilities that a loader must have
  std::vector<std::string> warnings;  ///< what could not be carried exactly, by name
  std::vector<Definition> definitions{};  ///< of what the stream defines; empty in streams of earlier versions
  std::vector<LeftOut> left_out{};    ///< of the scope's databases, by name; empty in streams of earlier versions
};

}  // namespace flytt::value
