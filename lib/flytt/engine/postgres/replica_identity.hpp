// By what a row of a published table is found again: the source refuses UPDATE and DELETE where there is nothing, and a follower
// stops at the first change that it cannot place.
// Layer: engine/postgres (3).  Thread rule: one thread per connection.
// Source: https://www.postgresql.org/docs/current/logical-replication-publication.html, .../sql-altertable.html (REPLICA IDENTITY)
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <flytt/engine/postgres/capabilities.hpp>
#include <flytt/engine/postgres/catalog.hpp>

namespace flytt::engine::postgres {

/// Why changes of a table would fail once it is published, and what to do: the message begins with a verb ("has no …").
struct UnfitIdentity {
  std::string message;
  std::string remedy;
};

/// Those of the tables, by oid, whose rows could not be found again. Unlogged ones are not published and not looked at.
std::map<std::uint32_t, UnfitIdentity> unfit_identities(Connection& c, const Capabilities& caps, const std::vector<Relation>& relations);

}  // namespace flytt::engine::postgres
