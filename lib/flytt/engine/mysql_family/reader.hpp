// Reads rows by the binary protocol into row images (flytt-row/1): exact for FLOAT and BIT, half the cost of text.
// Layer: engine/mysql_family (3).  Thread rule: one thread per reader.
// SPDX-License-Identifier: MIT
#pragma once

#include <memory>

#include <flytt/engine/mysql_family/family_server.hpp>
#include <flytt/engine/snapshot.hpp>

namespace flytt::engine::mysql_family {

/// A reader with a session of its own; each statement sees the newest committed rows.
std::unique_ptr<BulkReader> make_reader(FamilyServer& server);
/// A reader over a session that a snapshot holds; it must outlive the reader.
std::unique_ptr<BulkReader> make_reader(FamilyServer& server, Connection& session);

}  // namespace flytt::engine::mysql_family
