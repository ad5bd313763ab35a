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
#include <flytt/engine/postgres/connection.hpp>
#include <flytt/flow/worker_pool.hpp>

namespace flytt::engine::postgres {
namespace {

/// What ANALYZE alone would take, the catalogs too. A partition comes with its parent; the size of a parent is that of all below it.
constexpr std::string_view kTables =
    "SELECT pg_catalog.format('%I.%I', n.nspname, c.relname) FROM pg_catalog.pg_class c"
    " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
    " WHERE c.relkind IN ('r','m','p') AND c.relpersistence <> 't' AND NOT c.relispartition ORDER BY CASE c.relkind WHEN 'p' THEN"
    " (SELECT pg_catalog.sum(pg_catalog.pg_relation_size(t.relid)) FROM pg_catalog.pg_partition_tree(c.oid) t)"
    " ELSE pg_catalog.pg_relation_size(c.oid) END DESC NULLS LAST, 1";

}  // namespace

void analyze_database(PgServer& server, unsigned jobs) {
  std::vector<std::unique_ptr<Connection>> sessions;
  sessions.push_back(server.connect());
  const Result tables = sessions.front()->query(std::string(kTables));
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
