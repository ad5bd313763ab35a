// SPDX-License-Identifier: MIT
#include <flytt/engine/postgres/computed_values.hpp>

#include <flytt/base/text.hpp>
#include <flytt/engine/postgres/large_objects.hpp>

namespace flytt::engine::postgres {

using base::concat;

std::vector<std::string> computed_digests(Connection& c, const value::Table& table, const std::string& condition) {
  if (table.computed.empty()) return {};
  std::string key, sums;
  for (const auto i : table.key.columns) key += concat(quote_name(table.columns[i].name), "::pg_catalog.text || '/' || ");
  for (const auto& name : table.computed)
    sums += concat(sums.empty() ? "" : ", ", "pg_catalog.sum(('x' || pg_catalog.substr(pg_catalog.md5(", key, "coalesce('yes' || ", quote_name(name),
                   "::pg_catalog.text, 'no')), 1, 15))::bit(60)::pg_catalog.int8)");
  const Result r = c.query(concat("SELECT ", sums, " FROM ", rows_of(table), condition.empty() ? "" : concat(" WHERE (", condition, ")")));
  std::vector<std::string> out;
  if (!r.rows.empty())
    for (const auto& value : r.rows[0]) out.push_back(value.value_or("0"));
  return out;
}

}  // namespace flytt::engine::postgres
