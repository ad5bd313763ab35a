// SPDX-License-Identifier: MIT
#include <flytt/engine/postgres/sequences.hpp>

#include <algorithm>

#include <flytt/base/text.hpp>

namespace flytt::engine::postgres {
namespace {

using base::concat;

constexpr std::size_t kNumbersAStatement = 200;

}  // namespace

std::vector<value::TableName> sequences_of(Connection& c, const value::Scope& scope) {
  const Result r = c.query(concat(
      "SELECT n.nspname, c.relname, pg_catalog.max(tn.nspname::text) AS table_schema, pg_catalog.max(t.relname::text) AS table_name FROM pg_catalog.pg_class c"
      " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass"
      " AND d.objid = c.oid AND d.deptype IN ('a','i') AND d.refclassid = d.classid AND d.refobjsubid > 0 LEFT JOIN pg_catalog.pg_class t ON t.oid = d.refobjid"
      " LEFT JOIN pg_catalog.pg_namespace tn ON tn.oid = t.relnamespace WHERE c.relkind = 'S' AND c.relpersistence <> 't' AND ",
      user_namespace(), " AND NOT ", of_extension("pg_class", "c.oid"), " GROUP BY 1, 2 ORDER BY 1, 2"));
  std::vector<value::TableName> above;
  if (!scope.include_tables.empty()) above = partitioned_above(c, scope);
  std::vector<value::TableName> out;
  for (std::size_t i = 0; i < r.rows.size(); ++i) {
    value::TableName name{r.text("nspname", i), r.text("relname", i)};
    const value::TableName owner{r.text("table_schema", i), r.text("table_name", i)};
    // Where only tables are left out every definition comes, and its value with it.
    const bool owned = in_scope(scope, owner) || std::find(above.begin(), above.end(), owner) != above.end();
    if (in_scope(scope, name) || (!owner.table.empty() && owned)) out.push_back(std::move(name));
  }
  return out;
}

std::vector<NumberState> sequence_states(Connection& c, const value::Scope& scope) {
  std::vector<NumberState> out;
  for (auto& name : sequences_of(c, scope)) out.push_back({std::move(name)});
  for (std::size_t at = 0; at < out.size();) {
    std::string sql;
    for (const std::size_t end = std::min(out.size(), at + kNumbersAStatement); at < end; ++at) {
      const std::string name = quote_table(out[at].name.schema, out[at].name.table);
      sql += concat(sql.empty() ? "" : " UNION ALL ", "SELECT ", at, " AS i, v.last_value, v.is_called, q.seqincrement > 0 AS up FROM ", name,
                    " v, pg_catalog.pg_sequence q WHERE q.seqrelid = ", quote_text(name), "::pg_catalog.regclass");
    }
    const Result r = c.query(sql);
    for (std::size_t i = 0; i < r.rows.size(); ++i) {
      auto& state = out[r.number("i", i)];
      state.last = base::parse_i64(r.text("last_value", i)).value_or(0);
      state.called = r.yes("is_called", i);
      state.up = r.yes("up", i);
    }
  }
  return out;
}

}  // namespace flytt::engine::postgres
