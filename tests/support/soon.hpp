// Waiting for another thread or process without a guess at how long it takes: for what must come, not for what must not.
// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <thread>

namespace flytt::test {

/// True as soon as the condition holds; false when it does not for a minute.
template <class Condition>
bool soon(Condition condition) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

}  // namespace flytt::test
