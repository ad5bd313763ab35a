// Sequences side by side: a target that is behind gives numbers out again.
// Layer: task (5).  Thread rule: pure functions.
// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include <flytt/engine/catalog.hpp>
#include <flytt/task/verify_schema.hpp>

namespace flytt::task::compare {

/// Where the target is behind the source. One that is ahead has given nothing out twice, and one that only a side has is told elsewhere.
std::vector<SchemaDifference> numbers_behind(const std::vector<engine::NumberState>& source, const std::vector<engine::NumberState>& target);

}  // namespace flytt::task::compare
