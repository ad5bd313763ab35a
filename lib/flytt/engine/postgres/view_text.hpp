// Views' definitions as the newest release prints them.
// Layer: engine/postgres (3).  Thread rule: functions without state.
// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

namespace flytt::engine::postgres {

/// Before release 16 every column of a view stood behind its table's name; since then not where there is only one table.
/// The text of an older server as a newer one would print it; of a newer one, the same.
std::string without_lone_prefix(std::string_view definition);

}  // namespace flytt::engine::postgres
