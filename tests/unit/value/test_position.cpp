// What --position takes.
// SPDX-License-Identifier: MIT
#include <flytt/base/error.hpp>
#include <flytt/value/position.hpp>

#include "support/catch.hpp"

using flytt::value::parse_position;

TEST_CASE("positions of every kind") {
  CHECK(parse_position("0-1-100").gtid == "0-1-100");
  CHECK(parse_position("0-1-100, 5-2-7").gtid == "0-1-100,5-2-7");
  CHECK(parse_position("3E11FA47-71CA-11E1-9E33-C80AA9429562:1-5").gtid == "3E11FA47-71CA-11E1-9E33-C80AA9429562:1-5");
  const auto file = parse_position("binlog.000003:4711");
  CHECK(file.file == "binlog.000003");
  CHECK(file.offset == 4711);
  CHECK(parse_position("16/B374D848").lsn == "16/B374D848");
  CHECK(file.display() == "binlog.000003:4711");
}

TEST_CASE("a GTID set holds nothing else") {
  CHECK(parse_position("3e11fa47-71ca-11e1-9e33-c80aa9429562:1-5:7,\n3e11fa47-71ca-11e1-9e33-c80aa9429563:tag:9\t").gtid ==
        "3e11fa47-71ca-11e1-9e33-c80aa9429562:1-5:7,3e11fa47-71ca-11e1-9e33-c80aa9429563:tag:9");
  for (const char* text : {"3e11fa47-71ca-11e1-9e33-c80aa9429562:1'); x", "3e1!fa47-71ca-11e1-9e33-c80aa9429562:1-5", "3e11fa47-71ca-11e1-9e33-c80aa9429562:",
                           "--", "0-1-", "0-1-99999999999999999999"}) {
    INFO(text);
    CHECK_THROWS_AS(parse_position(text), flytt::base::Error);
  }
}

TEST_CASE("anything else is refused") {
  for (const char* text : {"", "now", "binlog.000003", "binlog.000003:", ":4", "0-1", "16/", "/1", "1/2/3", "binlog.1:-4"})
    CHECK_THROWS_AS(parse_position(text), flytt::base::Error);
}
