// Everything about a target that stands in the way of a load, found before the first byte and said all at once.
// Layer: engine/mysql_family (3).  Thread rule: one thread per Connection.
// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include <flytt/engine/mysql_family/family_server.hpp>
#include <flytt/engine/target.hpp>

namespace flytt::engine::mysql_family {

/// `existing`: what is there of the scope. `resumed`: the ledger knows this copy, so what is there is its own.
std::vector<Finding> preflight_findings(Connection& c, FamilyServer& server, const value::Manifest& manifest, const LoadRequest& request,
                                        const std::vector<value::SchemaObject>& existing, bool resumed);

}  // namespace flytt::engine::mysql_family
