// A differing row in words: which row, which columns, what stands in them on either side.
// Layer: task (5).  Thread rule: functions without state.
// SPDX-License-Identifier: MIT
#pragma once

#include <flytt/task/verify_lookup.hpp>

namespace flytt::task::compare {

/// Shape: `source` and `target` hold the row under the delta's name, as far as it is there now.
Example make_example(const TablePair& pair, const Delta& delta, const Images& source, const Images& target, std::uint64_t order);

}  // namespace flytt::task::compare
