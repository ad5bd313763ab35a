// A copy's snapshot: one exported, shared by all workers, with every table locked against being replaced.
// Layer: engine/postgres (3).  Thread rule: one thread; waiters() from one other.
// SPDX-License-Identifier: MIT
#pragma once

#include <memory>

#include <flytt/engine/postgres/pg_server.hpp>
#include <flytt/engine/snapshot.hpp>

namespace flytt::engine::postgres {

std::unique_ptr<Snapshot> take_snapshot(PgServer& server, const SnapshotRequest& request);

}  // namespace flytt::engine::postgres
