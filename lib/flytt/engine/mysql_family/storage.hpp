// Where a server of the family keeps its files.
// Layer: engine/mysql_family (3).  Thread rule: one thread an object.
// SPDX-License-Identifier: MIT
#pragma once

#include <memory>

#include <flytt/engine/storage.hpp>

namespace flytt::engine::mysql_family {

class FamilyServer;

/// Connects when first asked for something. `server` must outlive it.
std::unique_ptr<Storage> make_storage(FamilyServer& server);

}  // namespace flytt::engine::mysql_family
