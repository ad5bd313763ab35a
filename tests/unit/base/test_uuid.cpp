// SPDX-License-Identifier: MIT
#include "support/catch.hpp"

#include <flytt/base/uuid.hpp>

#include <set>
#include <string>

using namespace flytt::base;

TEST_CASE("a new uuid is version 4 and never twice the same") {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const std::string uuid = make_uuid();
    REQUIRE(is_uuid(uuid));
    REQUIRE(uuid[14] == '4');
    REQUIRE(std::string("89ab").find(uuid[19]) != std::string::npos);
    REQUIRE(parse_uuid(uuid) == uuid);
    seen.insert(uuid);
  }
  CHECK(seen.size() == 1000);
}

TEST_CASE("parse_uuid makes letters small and refuses what is no uuid") {
  CHECK(parse_uuid("3E11FA47-71CA-11E1-9E33-C80AA9429562") == "3e11fa47-71ca-11e1-9e33-c80aa9429562");
  for (const char* bad : {"", "3e11fa47", "3e11fa4771ca11e19e33c80aa9429562", "3e11fa47-71ca-11e1-9e33-c80aa942956g",
                          "3e11fa47-71ca-11e1-9e33-c80aa94295620", "3e11fa47071ca-11e1-9e33-c80aa9429562"}) {
    INFO(bad);
    CHECK_FALSE(is_uuid(bad));
    REQUIRE_ERROR(parse_uuid(bad), Exit::data, "is not a UUID");
  }
}
