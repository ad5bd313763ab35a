// What filters may name, and what a partitioned table's name means: its partitions, which hold its rows.
// SPDX-License-Identifier: MIT
#include <algorithm>

#include <flytt/base/text.hpp>
#include <flytt/engine/postgres/catalog.hpp>
#include <flytt/engine/postgres/large_objects.hpp>

namespace flytt::engine::postgres {
namespace {

using base::concat;

/// A partitioned table (n, c) and a table that its rows are in or go through (pn, p): every ancestor with each of its descendants.
std::string tree_sql(std::string_view columns, std::string_view where) {
  return concat("WITH RECURSIVE tree(top, below) AS (SELECT i.inhparent, i.inhrelid FROM pg_catalog.pg_inherits i JOIN pg_catalog.pg_class t ON t.oid = i.inhparent"
                " WHERE t.relkind = 'p' UNION SELECT tree.top, i.inhrelid FROM tree JOIN pg_catalog.pg_inherits i ON i.inhparent = tree.below)"
                " SELECT ", columns, " FROM tree JOIN pg_catalog.pg_class c ON c.oid = tree.top JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
                " JOIN pg_catalog.pg_class p ON p.oid = tree.below JOIN pg_catalog.pg_namespace pn ON pn.oid = p.relnamespace WHERE p.relkind IN ('r','p','f') AND ",
                user_namespace(), where, " ORDER BY 1, 2, 3, 4");
}

/// Adds what lies below `parent` behind each pattern that matches it and not the part.
void add_part(std::vector<std::string>& globs, std::size_t own, const std::string& parent, const std::string& part) {
  for (std::size_t i = 0; i < own; ++i) {
    if (!base::glob_match(globs[i], parent) || base::glob_match(globs[i], part)) continue;
    if (std::string literal = value::literal_glob(part); std::find(globs.begin(), globs.end(), literal) == globs.end()) globs.push_back(std::move(literal));
  }
}

}  // namespace

value::Scope with_partitions(Connection& c, const value::Scope& scope) {
  value::Scope out = scope;
  if (scope.whole_databases()) return out;
  const Result r = c.query(tree_sql("n.nspname, c.relname, pn.nspname AS part_schema, p.relname AS part", ""));
  for (std::size_t i = 0; i < r.rows.size(); ++i) {
    const std::string parent = value::TableName{r.text("nspname", i), r.text("relname", i)}.display();
    const std::string part = value::TableName{r.text("part_schema", i), r.text("part", i)}.display();
    add_part(out.include_tables, scope.include_tables.size(), parent, part);
    add_part(out.exclude_tables, scope.exclude_tables.size(), parent, part);
    for (std::size_t w = 0; w < scope.where.size(); ++w)
      if (base::glob_match(scope.where[w].first, parent) && !base::glob_match(scope.where[w].first, part))
        out.where.emplace_back(value::literal_glob(part), scope.where[w].second);
  }
  return out;
}

std::vector<value::TableName> partitioned_above(Connection& c, const value::Scope& scope) {
  std::vector<value::TableName> out;
  const Result r = c.query(tree_sql("n.nspname, c.relname, pn.nspname AS part_schema, p.relname AS part", " AND p.relkind <> 'p'"));
  for (std::size_t i = 0; i < r.rows.size(); ++i) {
    const value::TableName parent{r.text("nspname", i), r.text("relname", i)};
    if (in_scope(scope, {r.text("part_schema", i), r.text("part", i)}) && (out.empty() || out.back() != parent)) out.push_back(parent);
  }
  // One that has no partitions yet is named by itself.
  const Result own = c.query(concat("SELECT n.nspname, c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'p' AND ",
                                    user_namespace(), " AND NOT ", of_extension("pg_class", "c.oid"), " ORDER BY 1, 2"));
  for (std::size_t i = 0; i < own.rows.size(); ++i) {
    const value::TableName name{own.text("nspname", i), own.text("relname", i)};
    if (in_scope(scope, name) && std::find(out.begin(), out.end(), name) == out.end()) out.push_back(name);
  }
  return out;
}

value::Names read_names(Connection& c, PgServer& server, const value::Scope& scope) {
  value::Names out{{server.database()}, {}};
  if (scope.whole_databases()) return out;
  const Result r = c.query(concat(
      "SELECT n.nspname, c.relname, c.relkind AS kind, ", of_extension("pg_class", "c.oid"), " AS of_extension FROM pg_catalog.pg_class c"
      " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r','p','v','m','S','f') AND c.relpersistence <> 't' AND ",
      user_namespace(), " ORDER BY 1, 2"));
  for (std::size_t i = 0; i < r.rows.size(); ++i) {
    const std::string kind = r.text("kind", i);
    std::string word = kind == "v" ? "view" : kind == "m" ? "materialized view" : kind == "S" ? "sequence" : kind == "f" ? "foreign table" : "table";
    bool table = kind == "r" || kind == "p";
    if (table && r.yes("of_extension", i)) {
      word = "extension's table";
      table = false;
    }
    out.listed.push_back({{r.text("nspname", i), r.text("relname", i)}, std::move(word), table, table, table});
  }
  out.listed.push_back({large_objects_name(), "place of the large objects", false, true, false});
  return out;
}

}  // namespace flytt::engine::postgres
