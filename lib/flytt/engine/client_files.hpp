// Files that a client library reads by itself: they name servers and plugins, so nobody else may be able to change them.
// Layer: engine (3).  Thread rule: functions without state.  Rules: man/flytt.7, FILES.
// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

namespace flytt::engine {

/// Looks at those that are there; "" is passed over. `what` is their kind, for messages.
/// Throws Error{Exit::config} for one that others than root and this user can change.
void refuse_files_of_others(const std::vector<std::string>& paths, const std::string& what);

/// "$HOME/name" or "$VARIABLE/name"; "" when the variable is not set.
std::string below_variable(const char* variable, const std::string& name);

}  // namespace flytt::engine
