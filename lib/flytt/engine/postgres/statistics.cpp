// ANALYZE without a list is one session's work, one table after another; the names of the same tables here are several sessions'.
// SPDX-License-Identifier: MIT
#include <flytt/engine/postgres/statistics.hpp>

#include <algorithm>
#include <atomic>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

#include <flytt/base/error.hpp>
#include <flytt/base/text.hpp>
#include <flytt/engine/postgres/connection.hpp>
#include <flytt/flow/worker_pool.hpp>

namespace flytt::engine::postgres {
namespace {

/// What ANALYZE alone would take, the catalogs too; views are filled later. A partition comes with its parent, but where one of
/// its kin is on another server, which may not be reachable from here; the size of a parent is that of all below it.
std::string tables_of(Analyzed which) {
  constexpr std::string_view kAll =
      "WITH RECURSIVE abroad(above) AS (SELECT i.inhparent FROM pg_catalog.pg_inherits i JOIN pg_catalog.pg_class f ON f.oid = i.inhrelid WHERE f.relkind = 'f'"
      " UNION SELECT i.inhparent FROM abroad JOIN pg_catalog.pg_inherits i ON i.inhrelid = abroad.above)"
      " SELECT pg_catalog.format('%I.%I', n.nspname, c.relname) FROM pg_catalog.pg_class c"
      " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
      " WHERE c.relkind IN ('r','p') AND c.relpersistence <> 't' AND NOT (c.relkind = 'p' AND EXISTS (SELECT 1 FROM abroad WHERE abroad.above = c.oid))"
      " AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_inherits i JOIN pg_catalog.pg_class up ON up.oid = i.inhparent WHERE i.inhrelid = c.oid AND up.relkind = 'p'"
      " AND NOT EXISTS (SELECT 1 FROM abroad WHERE abroad.above = up.oid))";
  constexpr std::string_view kWithExpressions =
      " AND EXISTS (SELECT 1 FROM (SELECT c.oid UNION SELECT t.relid FROM pg_catalog.pg_partition_tree(c.oid) t) AS part(oid)"
      " WHERE EXISTS (SELECT 1 FROM pg_catalog.pg_index i WHERE i.indrelid = part.oid AND i.indexprs IS NOT NULL)"
      " OR EXISTS (SELECT 1 FROM pg_catalog.pg_statistic_ext s WHERE s.stxrelid = part.oid))";
  return base::concat(kAll, which == Analyzed::with_expressions ? kWithExpressions : "",
                      " ORDER BY CASE c.relkind WHEN 'p' THEN"
                      " (SELECT pg_catalog.sum(pg_catalog.pg_relation_size(t.relid)) FROM pg_catalog.pg_partition_tree(c.oid) t)"
                      " ELSE pg_catalog.pg_relation_size(c.oid) END DESC NULLS LAST, 1");
}

/// An index over a function that names another without its schema is only understood where sessions of the database look for names, and
/// since release 17 not even there: then its table has no statistics.
void analyze_table(Connection& c, const std::string& table, base::Log& log) {
  const auto not_found = [](const base::Error& e) { return e.facts().sqlstate.starts_with("42") && e.facts().sqlstate != "42501"; };
  try {
    return c.execute("ANALYZE " + table);
  } catch (const base::Error& e) {
    if (!not_found(e)) throw;
  }
  c.execute("SELECT pg_catalog.set_config('search_path', reset_val, false) FROM pg_catalog.pg_settings WHERE name = 'search_path'");
  try {
    c.execute("ANALYZE " + table);
  } catch (const base::Error& e) {
    if (!not_found(e)) throw;
    log.warn(base::concat("no statistics of ", table, ": ", e.message()));
  }
  c.execute("SELECT pg_catalog.set_config('search_path', '', false)");
}

}  // namespace

void analyze(PgServer& server, unsigned jobs, Analyzed which) {
  std::vector<std::unique_ptr<Connection>> sessions;
  sessions.push_back(server.connect());
  const Result tables = sessions.front()->query(tables_of(which));
  if (tables.empty()) return;
  while (sessions.size() < std::min<std::size_t>(jobs, tables.rows.size())) sessions.push_back(server.connect());
  std::atomic<std::size_t> next{0};
  flow::WorkerPool pool(
      sessions.size(),
      [&](std::size_t worker, std::stop_token stop) {
        for (auto i = next++; i < tables.rows.size() && !stop.stop_requested(); i = next++) {
          const auto& table = tables.rows[i][0].value_or("");
          try {
            analyze_table(*sessions[worker], table, server.context().log);
          } catch (const base::Error& error) {
            throw error.within("while analyzing " + table);
          }
        }
      },
      server.context().stop);
  pool.join();
  server.context().check_stop();  // then the workers end without an error, and without the rest
}

}  // namespace flytt::engine::postgres
