// One reading of a catalog: what its parts share. Inner header of catalog*.cpp.
// Layer: engine/mysql_family (3).  Thread rule: one thread.
// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <flytt/engine/mysql_family/catalog.hpp>

namespace flytt::engine::mysql_family {

struct Reading {
  Connection& c;
  FamilyServer& server;
  const value::Scope& scope;
  NonTransactional non_transactional;
  SmallTables small;
  Contents out;

  void refuse(std::string code, std::string object, std::string message, std::string remedy) {
    out.refusals.push_back({true, std::move(code), std::move(object), std::move(message), std::move(remedy)});
  }
  void warn(std::string text) { out.warnings.push_back(std::move(text)); }
};

/// Something information_schema.TABLES lists: name and kind.
struct Listed {
  value::TableName name;
  std::string type;     ///< "BASE TABLE", "VIEW", "SEQUENCE", "SYSTEM VERSIONED"
  std::string engine;
  std::string options;  ///< CREATE_OPTIONS, lower case
  std::string comment;
  std::uint64_t rows = 0;
  std::uint64_t bytes = 0;
};

/// Tables, views and sequences of one database that the scope covers.
std::vector<Listed> list_tables(Reading& r, const std::string& database);
/// Fills Contents::tables with the base tables among `listed`; refuses by name what cannot be carried.
void read_tables(Reading& r, const std::string& database, const std::vector<Listed>& listed);
/// Definitions of all tables read so far: CREATE TABLE, indexes, foreign keys.
void read_definitions(Reading& r);

void read_sequences(Reading& r, const std::vector<Listed>& listed);
void read_views(Reading& r, const std::string& database);
void read_routines(Reading& r, const std::string& database);
void read_triggers(Reading& r, const std::string& database);
void read_events(Reading& r, const std::string& database);
/// Accounts, roles and grants of the server.
void read_accounts(Reading& r);

/// The statement in column `column` of what `show` prints, in the bytes of `charset`, the character set the object was created
/// under; its charset member says utf8mb4 when that cannot hold it.
/// Throws Error{Exit::privilege} when the server hides the text.
std::string shown_statement(Reading& r, const std::string& show, std::string_view column, value::SchemaObject& object);

/// "root@localhost" from its two parts, as information_schema writes definers.
bool plain_ascii(std::string_view text) noexcept;

}  // namespace flytt::engine::mysql_family
