// Creates and drops schema objects, one statement a call, each under its own settings.
// Layer: engine/mysql_family (3).  Thread rule: one thread per object; it owns its session.
// SPDX-License-Identifier: MIT
#pragma once

#include <memory>

#include <flytt/engine/mysql_family/family_server.hpp>
#include <flytt/engine/target.hpp>

namespace flytt::engine::mysql_family {

std::unique_ptr<SchemaWriter> make_schema_writer(FamilyServer& server, const LoadRequest& request);

}  // namespace flytt::engine::mysql_family
