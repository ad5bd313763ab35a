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

/// What ANALYZE alone would take, the catalogs too; views are filled later. A partition comes with its parent; the size of a parent is
/// that of all below it.
std::string tables_of(Analyzed which) {
  constexpr std::string_view kAll =
      "SELECT pg_catalog.format('%I.%I', n.nspname, c.relname) FROM pg_catalog.pg_class c"
      " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
      " WHERE c.relkind IN ('r','p') AND c.relpersistence <> 't' AND NOT c.relispartition";
  constexpr std::string_view kWithExpressions =
      " AND EXISTS (SELECT 1 FROM (SELECT c.oid UNION SELECT t.relid FROM pg_catalog.pg_partition_tree(c.oid) t) AS part(oid)"
      " WHERE EXISTS (SELECT 1 FROM pg_catalog.pg_index i WHERE i.indrelid = part.oid AND i.indexprs IS NOT NULL)"
      " OR EXISTS (SELECT 1 FROM pg_catalog.pg_statistic_ext s WHERE s.stxrelid = part.oid))";
  return base::concat(kAll, which == Analyzed::with_expressions ? kWithExpressions : "",
                      " ORDER BY CASE c.relkind WHEN 'p' THEN"
                      " (SELECT pg_catalog.sum(pg_catalog.pg_relation_size(t.relid)) FROM pg_catalog.pg_partition_tree(c.oid) t)"
                      " ELSE pg_catalog.pg_relation_size(c.oid) END DESC NULLS LAST, 1");
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
            sessions[worker]->execute("ANALYZE " + table);
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
