// The ledger of loads: two tables in schema flytt of the target's database.
// Layer: engine/postgres (3).  Thread rule: a Ledger belongs to one thread.
// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include <flytt/engine/postgres/pg_server.hpp>
#include <flytt/engine/target.hpp>

namespace flytt::engine::postgres {

std::unique_ptr<Ledger> make_ledger(PgServer& server);

/// The statement that notes these chunks, at least one, to be run in the transaction that holds their rows.
std::string ledger_chunks_insert(std::string_view uuid, std::span<const ChunkReceipt> receipts);

}  // namespace flytt::engine::postgres
