// Consistent snapshots of the family: N sessions at one position, tables proved to be the ones that were there.
// Layer: engine/mysql_family (3).  Thread rule: one thread; waiters() may come from one other.
// SPDX-License-Identifier: MIT
#pragma once

#include <memory>

#include <flytt/engine/mysql_family/family_server.hpp>
#include <flytt/engine/snapshot.hpp>

namespace flytt::engine::mysql_family {

/// Takes a snapshot with `request.jobs` sessions and one that holds the tables' metadata locks.
/// Throws Error{Exit::unavailable} when no common snapshot was found in time, naming who stood in the way.
std::unique_ptr<Snapshot> take_snapshot(FamilyServer& server, const SnapshotRequest& request);

/// Throws Error{Exit::usage}: there are no slots here.
[[noreturn]] void refuse_slot(FamilyServer& server, const std::string& slot);

}  // namespace flytt::engine::mysql_family
