// Views' definitions as an older server prints them. Only the lone table's name may go; every string and quoted name stays.
// SPDX-License-Identifier: MIT
#include <flytt/engine/postgres/view_text.hpp>

#include "fuzz/bytes/support/harness.hpp"

namespace flytt::fuzz {
namespace {

bool subsequence(std::string_view part, std::string_view whole) {
  std::size_t at = 0;
  for (const char c : whole)
    if (at < part.size() && part[at] == c) ++at;
  return at == part.size();
}

}  // namespace

void one(std::string_view input) {
  const std::string out = engine::postgres::without_lone_prefix(input);
  require(subsequence(out, input), "a view's text has something new: " + out);
  require(out.empty() == input.empty(), "nothing is left of a view");
  if (input.find(" FROM ") == std::string_view::npos && input.find("FROM") == std::string_view::npos)
    require_equal(out, input, "a view without FROM was changed");
}

void seeds(const Add& add) {
  for (const char* text : {" SELECT t.a,\n    t.\"B b\" AS x\n   FROM public.t\n  WHERE (t.a > 5)\n  ORDER BY t.a;", " SELECT x.a\n   FROM public.t x;",
                           " SELECT t.a,\n    u.b\n   FROM (public.t\n     JOIN public.u ON ((t.a = u.a)));", " SELECT E't.a\\'t.b'::text AS x, (SELECT t.a FROM u)\n   FROM ONLY public.t\nUNION\n SELECT 1;",
                           " WITH t AS (\n VALUES (1)) SELECT t.\"\"\"\".a COLLATE t.\"C\" FROM t GROUP BY t.a"})
    add(text);
}

}  // namespace flytt::fuzz
