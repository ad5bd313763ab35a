// Catch2 for our tests, whether version 2 (Debian 12) or 3 (Debian 13).
// Write what both know: TEST_CASE, SECTION, REQUIRE, CHECK, REQUIRE_THROWS_AS, GENERATE, Approx, and what is defined below.
// SPDX-License-Identifier: MIT
#pragma once

#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
using Catch::Approx;
namespace flytt::test {
inline auto contains(const std::string& part) { return Catch::Matchers::ContainsSubstring(part); }
}  // namespace flytt::test
#else
#include <catch2/catch.hpp>
namespace flytt::test {
inline auto contains(const std::string& part) { return Catch::Matchers::Contains(part); }
}  // namespace flytt::test
#endif

#include <flytt/base/error.hpp>

namespace flytt::test {

/// Runs it and gives back the Error it throws; fails the test when it throws none.
template <class Function>
base::Error error_of(Function&& function) {
  try {
    function();
  } catch (const base::Error& error) {
    return error;
  }
  FAIL("no base::Error was thrown");
  throw;  // FAIL does not return
}

}  // namespace flytt::test

/// `REQUIRE_ERROR(expression, Exit::data, "part of the text")`.
#define REQUIRE_ERROR(expression, exit_code, text_part)                                           \
  do {                                                                                            \
    const auto flytt_error = ::flytt::test::error_of([&] { static_cast<void>(expression); });     \
    REQUIRE(static_cast<int>(flytt_error.code()) == static_cast<int>(exit_code));                 \
    REQUIRE_THAT(flytt_error.text(), ::flytt::test::contains(text_part));                         \
  } while (false)
