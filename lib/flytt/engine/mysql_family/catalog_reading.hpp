// One reading of a catalog: what its parts share. Inner header of catalog*.cpp.
// Layer: engine/mysql_family (3).  Thread rule: one thread.
// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <flytt/engine/mysql_family/catalog.hpp>
#include <flytt/engine/mysql_family/definition.hpp>

namespace flytt::engine::mysql_family {

struct Reading {
  Connection& c;
  FamilyServer& server;
  const value::Scope& scope;
  NonTransactional non_transactional;
  SmallTables small;
  Contents out;
  std::vector<value::TableName> other_sequences{};  ///< that --table does not name; a chosen table may draw from them

  void refuse(std::string code, std::string object, std::string message, std::string remedy) {
    out.refusals.push_back({true, std::move(code), std::move(object), std::move(message), std::move(remedy)});
  }
  void warn(std::string text) { out.warnings.push_back(std::move(text)); }
  void leave_out(std::string_view kind, std::string_view reason, std::string name) {
    for (auto& some : out.left_out)
      if (some.kind == kind && some.reason == reason) return some.names.push_back(std::move(name));
    out.left_out.push_back({std::string(kind), std::string(reason), {std::move(name)}});
  }
};

constexpr std::string_view kNotNamed = "not named by --table";

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

/// Tables, views and sequences of one database that the scope covers; the others are noted as left out.
std::vector<Listed> list_tables(Reading& r, const std::string& database);
/// Fills Contents::tables with the base tables among `listed`; refuses by name what cannot be carried.
void read_tables(Reading& r, const std::string& database, const std::vector<Listed>& listed);
/// A table's definition, with the characters that the server cannot show in its own words about columns, where it can be asked for them.
TableDefinition shown_table(Reading& r, const value::TableName& name);
/// Definitions of all tables read so far: CREATE TABLE, indexes, foreign keys.
void read_definitions(Reading& r);

/// A sequence and the next value it gives.
void read_sequence(Reading& r, const value::TableName& name);
void read_sequences(Reading& r, const std::vector<Listed>& listed);
void read_views(Reading& r, const std::string& database);
/// Which routines and sequences are meant: by database and name.
using Wanted = std::function<bool(const value::TableName&)>;
void read_routines(Reading& r, const std::string& database, const Wanted& wanted);
void read_triggers(Reading& r, const std::string& database);
void read_events(Reading& r, const std::string& database);
/// Where single tables are chosen: the routines that their triggers and views call, those that these call, and the sequences that
/// their defaults draw from. The other routines, and all events, are noted as left out. Call it when all else is read.
void read_called(Reading& r);
/// A view cannot be made where a table or view that it reads is not: it stays behind too, by name.
void leave_out_views_of_what_is_left_out(Reading& r);
/// Accounts, roles and grants of the server.
void read_accounts(Reading& r);

/// The statement in column `column` of what `show` prints of the object `name`, in the bytes of `charset`, the character set the object was created
/// under; its charset member says utf8mb4 when that cannot hold it.
/// Throws Error{Exit::privilege} when the server hides the text.
std::string shown_statement(Reading& r, const std::string& show, std::string_view column, const std::string& name, value::SchemaObject& object);

/// Of information_schema.EVENTS: whether an event's last moment has passed and it is not to be kept then, so that CREATE EVENT would
/// drop it at once. Moments stand there in the event's own time zone.
constexpr std::string_view kEventIsSpent =
    "(ON_COMPLETION = 'NOT PRESERVE' AND COALESCE(CONVERT_TZ(CASE EVENT_TYPE WHEN 'ONE TIME' THEN EXECUTE_AT ELSE ENDS END, TIME_ZONE, '+00:00') < UTC_TIMESTAMP(), 0))";

/// MariaDB keeps routines' and events' mode in a column that calls one of its members by a name that SET does not take.
std::string settable_mode(std::string mode);

}  // namespace flytt::engine::mysql_family
