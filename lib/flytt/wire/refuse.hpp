// What this module says of a stream that is not as it must be.
// Layer: wire (3).  Thread rule: a function without state.
// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <utility>

#include <flytt/base/error.hpp>

namespace flytt::wire {

/// Throws: Exit::data, always.
[[noreturn]] inline void refuse(std::string message, std::string hint = {}) {
  throw base::Error(base::Exit::data, std::move(message), {.hint = std::move(hint)});
}

}  // namespace flytt::wire
