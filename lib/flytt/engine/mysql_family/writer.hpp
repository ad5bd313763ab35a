// Loads row images: arrays of parameters where the server takes them (MariaDB), LOAD DATA LOCAL from memory elsewhere.
// Layer: engine/mysql_family (3).  Thread rule: one thread per writer.
// SPDX-License-Identifier: MIT
#pragma once

#include <memory>

#include <flytt/engine/mysql_family/family_server.hpp>
#include <flytt/engine/target.hpp>

namespace flytt::engine::mysql_family {

/// A writer with a session of its own, prepared by prepare_load_session().
std::unique_ptr<BulkWriter> make_writer(FamilyServer& server);

}  // namespace flytt::engine::mysql_family
