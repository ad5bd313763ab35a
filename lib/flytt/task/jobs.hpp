// How many workers a tool has when nobody says.
// Layer: task (5).  Thread rule: functions without state.
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <thread>

#include <flytt/base/log.hpp>
#include <flytt/base/text.hpp>

namespace flytt::task {

inline constexpr unsigned kMostDefaultJobs = 8;

/// `wanted`, or for 0 one a core, at most 8. Warns of more jobs than cores.
inline unsigned jobs_for(unsigned wanted, base::Log& log) {
  const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
  if (wanted == 0) return std::min(cores, kMostDefaultJobs);
  if (wanted > cores) log.warn(base::concat(wanted, " jobs on ", cores, " cores: more jobs than cores rarely help"));
  return wanted;
}

}  // namespace flytt::task
