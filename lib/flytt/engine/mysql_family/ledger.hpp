// The loader's memory in the target: database `flytt`, what copy, which phases, which chunks are in.
// Layer: engine/mysql_family (3).  Thread rule: one thread per object.
// Who uses it: Target; the bulk writer, which notes a chunk's receipt inside the chunk's own transaction.
// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <flytt/engine/mysql_family/family_server.hpp>
#include <flytt/engine/target.hpp>

namespace flytt::engine::mysql_family {

inline constexpr std::string_view kLedgerDatabase = "flytt";

std::unique_ptr<Ledger> make_ledger(FamilyServer& server);

/// The statement that notes a chunk's receipt: to be run in the transaction that holds the chunk's rows.
/// It fails with error 1062 when the chunk is already in: that is what makes loading exactly once.
std::string ledger_chunk_insert(std::string_view uuid, const ChunkReceipt& receipt);

/// Makes a session fit for loading: strict sql_mode and nothing else in it, UTC, no foreign key or CHECK checks, unique
/// checks on, the binary log off where that is right, long timeouts. Once after connect() is enough: the schema writer
/// puts back what it changes.
void prepare_load_session(Connection& c, FamilyServer& server);

/// Sets this session so that a definition makes what it says, whatever the server's own settings are. Gives back what stays otherwise,
/// since the account may not change it or the server cannot.
std::vector<Finding> pin_definitions(Connection& c);

/// True when this server's sessions may leave the binary log out: it is on, the account may, and nobody else reads it.
bool may_skip_binlog(Connection& c, FamilyServer& server);

}  // namespace flytt::engine::mysql_family
