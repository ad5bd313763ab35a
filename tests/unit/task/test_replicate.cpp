// replica-ctl against two servers in memory: the switchover with a failure at every step, killed at every line of the journal,
// then resumed or rolled back. Always exactly one server that takes writes, and never a lost one.
// SPDX-License-Identifier: MIT
#include <algorithm>

#include "replica_case.hpp"

#include <flytt/task/replicate_parts.hpp>
