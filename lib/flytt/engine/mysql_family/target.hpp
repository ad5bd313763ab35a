// The server that a copy is loaded into: preflight, what is already there, and the doors to ledger and writers.
// Layer: engine/mysql_family (3).  Thread rule: one thread per object.
// SPDX-License-Identifier: MIT
#pragma once

#include <memory>

#include <flytt/engine/mysql_family/family_server.hpp>
#include <flytt/engine/target.hpp>

namespace flytt::engine::mysql_family {

std::unique_ptr<Target> make_target(FamilyServer& server);

}  // namespace flytt::engine::mysql_family
