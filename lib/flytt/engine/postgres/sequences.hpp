// Sequences that belong to a scope, and how far they are.
// Layer: engine/postgres (3).  Thread rule: functions over one session.
// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include <flytt/engine/postgres/catalog.hpp>

namespace flytt::engine::postgres {

/// The sequences whose values come with a copy of the scope: of chosen tables those that they own, as serial and identity columns do.
std::vector<value::TableName> sequences_of(Connection& c, const value::Scope& scope);
/// The same, each with its last value. Not part of any snapshot.
std::vector<NumberState> sequence_states(Connection& c, const value::Scope& scope);

}  // namespace flytt::engine::postgres
