// Local writes on a target that would keep it from following the source of a copy.
// Layer: engine/mysql_family (3).  Thread rule: one thread per Connection.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <flytt/engine/mysql_family/family_server.hpp>

namespace flytt::engine::mysql_family {

/// The newest of each domain in a MariaDB GTID list: "0-1-100,2-7-3".
struct DomainPosition {
  std::uint64_t server = 0;
  std::uint64_t sequence = 0;
};
std::map<std::uint64_t, DomainPosition> domain_positions(std::string_view gtids);

/// What of this server's own history stands against following from the copy's position. A copy alone does not need it, so no
/// finding blocks.
std::vector<Finding> position_findings(Connection& c, FamilyServer& server, const value::Manifest& manifest);

}  // namespace flytt::engine::mysql_family
