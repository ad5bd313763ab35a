// Views' definitions of releases before 16, as those since print them. The texts are servers' own.
// SPDX-License-Identifier: MIT
#include <flytt/engine/postgres/view_text.hpp>

#include "support/catch.hpp"

using flytt::engine::postgres::without_lone_prefix;

TEST_CASE("one table's name in front of its columns goes") {
  CHECK(without_lone_prefix(" SELECT t.a,\n    t.\"B b\" AS x\n   FROM public.t\n  WHERE (t.a > 5)\n  ORDER BY t.a;") ==
        " SELECT a,\n    \"B b\" AS x\n   FROM public.t\n  WHERE (a > 5)\n  ORDER BY a;");
  CHECK(without_lone_prefix(" SELECT x.a\n   FROM public.t x;") == " SELECT a\n   FROM public.t x;");
  CHECK(without_lone_prefix(" SELECT count(DISTINCT t.a) AS n\n   FROM ONLY public.t;") == " SELECT count(DISTINCT a) AS n\n   FROM ONLY public.t;");
}

TEST_CASE("what is no column of the one table stays") {
  const char* const kept = GENERATE(
      " SELECT t.a,\n    u.b\n   FROM (public.t\n     JOIN public.u ON ((t.a = u.a)));", " SELECT t.a\n   FROM public.t,\n    public.u;",
      " SELECT t.a\n   FROM public.t\nUNION\n SELECT u.a\n   FROM public.u;", " SELECT 't.a'::text AS x\n   FROM public.t;",
      " SELECT t.f(1) AS x\n   FROM public.t;", " SELECT 1::t.own AS x\n   FROM public.t;", " SELECT E't.a\\'t.b' AS x\n   FROM public.t;", " SELECT 1;");
  CHECK(without_lone_prefix(kept) == kept);
}

TEST_CASE("in a query within the query names stay") {
  CHECK(without_lone_prefix(" SELECT t.a\n   FROM public.t\n  WHERE (EXISTS ( SELECT 1\n           FROM public.u\n          WHERE (u.b = t.a)));") ==
        " SELECT a\n   FROM public.t\n  WHERE (EXISTS ( SELECT 1\n           FROM public.u\n          WHERE (u.b = t.a)));");
}
