// A copy's scope, position and source as JSON text, as the ledger keeps them.
// Layer: engine (3).  Thread rule: functions without state.
// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

#include <flytt/engine/target.hpp>

namespace flytt::engine {

std::string copy_json(const value::Manifest& manifest);
/// Fills position, scope and source. Throws Error{Exit::data} for what is not ours.
void read_copy_json(std::string_view json, LedgerCopy& copy);

}  // namespace flytt::engine
