// Which entries of an archive are left out because their index was built beside the rows.
// SPDX-License-Identifier: MIT
#include <flytt/engine/postgres/table_indexes.hpp>

#include "support/catch.hpp"

using namespace flytt;
using base::Exit;
namespace pg = engine::postgres;

namespace {

constexpr const char* kList =
    ";\n"
    "; Archive created at 2026-11-26 10:00:00 UTC\n"
    ";     dbname: shop; 1259 16402 INDEX\n"
    ";\n"
    "214; 1259 16390 TABLE public orders postgres\n"
    "3214; 1259 16402 INDEX public by_int postgres\n"
    "3215; 1259 164021 INDEX public by; 1259 16402 postgres\n"
    "3216; 2606 16402 CONSTRAINT public orders orders_pkey postgres\n"
    "3217; 0 0 COMMENT public INDEX by_int postgres\n";

}  // namespace

TEST_CASE("exactly the entries that were made leave the list") {
  CHECK(pg::list_without(kList, {}) == std::string(kList) + "\n");
  const auto rest = pg::list_without(kList, {"1259 16402"});
  CHECK_THAT(rest, !test::contains("by_int postgres\n3215"));
  CHECK_THAT(rest, !test::contains("3214;"));
  CHECK_THAT(rest, test::contains("dbname: shop; 1259 16402 INDEX\n"));
  CHECK_THAT(rest, test::contains("3215; 1259 164021 INDEX"));
  CHECK_THAT(rest, test::contains("3216; 2606 16402 CONSTRAINT"));
  CHECK_THAT(rest, test::contains("3217; 0 0 COMMENT"));
  const auto fewer = pg::list_without(kList, {"2606 16402", "1259 164021"});
  CHECK_THAT(fewer, !test::contains("3215;"));
  CHECK_THAT(fewer, !test::contains("3216;"));
  CHECK_THAT(fewer, test::contains("3214;"));
}

TEST_CASE("an index that the archive does not know is an error: it would be made twice") {
  REQUIRE_ERROR(pg::list_without(kList, {"1259 16402", "1259 4711"}), Exit::data, "1259 4711");
  REQUIRE_ERROR(pg::list_without("", {"1259 16402"}), Exit::data, "1259 16402");
}

TEST_CASE("what the late part needs to know travels as JSON") {
  const pg::LatePlan plan{{"\"od\"\"d\".i"}, {"1259 1", "2606 2"}, {{"public.\"o\"\"x\"", "the \"key", true}, {"public.o", "once", false}}};
  const auto back = pg::decode_late_plan(pg::encode(plan));
  CHECK(back.invalid == plan.invalid);
  CHECK(back.entries == plan.entries);
  REQUIRE(back.constraints.size() == 2);
  CHECK(back.constraints[0].table == "public.\"o\"\"x\"");
  CHECK(back.constraints[0].name == "the \"key");
  CHECK(back.constraints[0].primary);
  CHECK_FALSE(back.constraints[1].primary);
  CHECK(pg::decode_late_plan(pg::encode({})).entries.empty());
  REQUIRE_ERROR(pg::decode_late_plan("public.i"), Exit::data, "");
}
