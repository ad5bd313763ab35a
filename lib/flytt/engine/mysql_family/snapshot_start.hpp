// The ways in which several sessions get one and the same view: by comparing positions, or under a short lock.
// Layer: engine/mysql_family (3).  Thread rule: one thread.
// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <vector>

#include <flytt/engine/mysql_family/family_server.hpp>

namespace flytt::engine::mysql_family {

using Sessions = std::vector<std::unique_ptr<Connection>>;

/// Starts one transaction in every session, all with the same view, and returns the position of that view. `tables`: those of
/// the copy; where only a lock helps, it is on them, and what commits elsewhere meanwhile is no part of the copy.
/// Unknown position: the server writes no binary log.
/// Throws Error{Exit::unavailable} naming the transaction that stands in the way when no view was found in time.
value::Position start_together(FamilyServer& server, Sessions& sessions, const std::vector<value::Table>& tables);

}  // namespace flytt::engine::mysql_family
