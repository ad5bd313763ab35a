// An answer's rows: what the server left out is an error, not whatever lies behind the end.
// SPDX-License-Identifier: MIT
#include <flytt/engine/answer.hpp>

#include "support/catch.hpp"

using flytt::base::Exit;

TEST_CASE("a column or a row that the server did not send is an error") {
  flytt::engine::Answered<flytt::engine::AnswerRow> rows;
  REQUIRE_ERROR(rows[0], Exit::unavailable, "has 0 rows");
  REQUIRE_ERROR(rows.back(), Exit::unavailable, "has 0 rows");
  rows.emplace_back().emplace_back("x");
  CHECK(rows[0][0] == "x");
  REQUIRE_ERROR(rows[0][1], Exit::unavailable, "has 1 columns");
  REQUIRE_ERROR(rows[1], Exit::unavailable, "has 1 rows");
}
