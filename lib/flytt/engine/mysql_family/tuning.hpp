// Settings that make an import faster, with their old values noted in the server before they are changed.
// Layer: engine/mysql_family (3).  Thread rule: one thread per object.
// SPDX-License-Identifier: MIT
#pragma once

#include <memory>

#include <flytt/engine/mysql_family/family_server.hpp>
#include <flytt/engine/tuning.hpp>

namespace flytt::engine::mysql_family {

std::unique_ptr<Tuning> make_tuning(FamilyServer& server);

}  // namespace flytt::engine::mysql_family
