// Which tables one worker takes as a whole.
// SPDX-License-Identifier: MIT
#include <flytt/plan/share.hpp>

#include "support/catch.hpp"

using flytt::plan::whole_for_one;

TEST_CASE("a table is one worker's where it is at most a worker's share of all") {
  CHECK(whole_for_one(25, 100, 4));
  CHECK_FALSE(whole_for_one(26, 100, 4));
  CHECK(whole_for_one(0, 0, 4));
  CHECK_FALSE(whole_for_one(1, 2, 3));
}

TEST_CASE("up to two workers, every table is") {
  CHECK(whole_for_one(100, 100, 1));
  CHECK(whole_for_one(100, 100, 2));
  CHECK_FALSE(whole_for_one(100, 100, 3));
}
