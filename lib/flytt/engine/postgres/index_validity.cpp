// SPDX-License-Identifier: MIT
#include <flytt/engine/postgres/index_validity.hpp>

#include <algorithm>

#include <flytt/base/text.hpp>
#include <flytt/engine/postgres/catalog.hpp>

namespace flytt::engine::postgres {
namespace {

using base::concat;
using base::Error;
using base::Exit;

/// Attaching a part that is attached already changes nothing but makes the server look whether the whole is complete now.
/// Source: ATExecAttachPartitionIdx, validatePartitionedIndex in src/backend/commands/tablecmds.c, releases 14 to 18.
constexpr std::string_view kComplete =
    "SELECT pg_catalog.format('ALTER INDEX %s ATTACH PARTITION %s', i.indexrelid::pg_catalog.regclass, pg_catalog.min(h.inhrelid)::pg_catalog.regclass)"
    " FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid AND c.relkind = 'I'"
    " JOIN pg_catalog.pg_inherits h ON h.inhparent = i.indexrelid JOIN pg_catalog.pg_index part ON part.indexrelid = h.inhrelid"
    " WHERE NOT i.indisvalid GROUP BY i.indexrelid HAVING pg_catalog.bool_and(part.indisvalid)";

/// A step completes one level of partitions at least, or none.
constexpr int kMostLevels = 100;

}  // namespace

std::vector<std::string> invalid_indexes(Connection& c) {
  const Result r = c.query(concat("SELECT i.indexrelid::pg_catalog.regclass::text FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid"
                                  " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE NOT i.indisvalid AND ", user_namespace(), " ORDER BY 1"));
  std::vector<std::string> out;
  for (const auto& row : r.rows) out.push_back(row[0].value_or(""));
  return out;
}

void prove_indexes_valid(Connection& c, std::string_view invalid_on_source) {
  std::size_t before = invalid_indexes(c).size();
  for (int level = 0; before > 0 && level < kMostLevels; ++level) {
    const Result steps = c.query(kComplete);
    for (const auto& row : steps.rows) c.execute(row[0].value_or(""));
    const auto now = invalid_indexes(c).size();
    if (now == before) break;
    before = now;
  }
  const auto allowed = base::split(invalid_on_source, '\n');
  std::vector<std::string> wrong;
  for (const auto& name : invalid_indexes(c))
    if (std::find(allowed.begin(), allowed.end(), name) == allowed.end()) wrong.push_back(name);
  if (!wrong.empty())
    throw Error(Exit::unavailable, concat(wrong.size() == 1 ? "index " : "indexes ", base::join(wrong, ", "), wrong.size() == 1 ? " is" : " are",
                                          " not valid here, and valid on the source"),
                {.endpoint = c.endpoint(), .hint = "REINDEX it, or for a partitioned one ALTER INDEX … ATTACH PARTITION what it lacks; then load the same stream again."});
}

}  // namespace flytt::engine::postgres
