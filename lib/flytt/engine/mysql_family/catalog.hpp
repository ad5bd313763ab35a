// What a server of the family holds: databases, tables with columns and keys, and every other object's definition.
// Layer: engine/mysql_family (3).  Thread rule: one thread per Connection.
// Who uses it: FamilyServer::catalog(), and the snapshot, inside its own transaction session.
// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include <flytt/engine/catalog.hpp>
#include <flytt/engine/mysql_family/family_server.hpp>

namespace flytt::engine::mysql_family {

/// Whether tables that no transaction protects are copied under a lock, or refused by name.
enum class NonTransactional : bool { refuse, under_lock };

std::unique_ptr<Catalog> make_catalog(FamilyServer& server);

/// Whether small tables are created with all their indexes: one statement instead of two. A copy wants that; who compares two
/// servers wants every table taken apart in the same way, whatever its size.
enum class SmallTables : bool { split, whole };

/// Everything in `scope`, read through `c`. No row is read and no transaction is ended, so it may run inside a snapshot.
/// Throws Error{Exit::unavailable} for a database that does not exist, Exit::privilege for one that cannot be seen.
Contents read_contents(Connection& c, FamilyServer& server, const value::Scope& scope,
                       NonTransactional non_transactional = NonTransactional::refuse, SmallTables small = SmallTables::whole);

/// The identities of these tables now: what read_contents() puts into Table::identity. A table that is gone is absent.
std::map<value::TableName, std::string> read_identities(Connection& c, FamilyServer& server,
                                                        const std::vector<value::Table>& tables);

/// Values that no loader can store again bit for bit: ENUM index 0, JSON that its text does not give back.
/// Reads rows: call it inside the snapshot's transaction, before the first byte goes out. Costs nothing where no column can hold such a value.
std::vector<Finding> scan_values(Connection& c, FamilyServer& server, const std::vector<value::Table>& tables,
                                 const value::Scope& scope);

/// XA transactions that are prepared and wait for somebody's word, as far as this account may see them.
std::vector<std::string> prepared_transactions(Connection& c);

/// Databases that belong to the server or to flytt: never in scope, never a target.
bool is_system_database(std::string_view name) noexcept;

}  // namespace flytt::engine::mysql_family
