// verify-rows: are two servers' tables the same, row by row?
// Layer: task (5).  Thread rule: call from one thread; it starts its own.  Output: man/verify-rows.1.
// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <flytt/base/context.hpp>
#include <flytt/base/exit.hpp>
#include <flytt/engine/engine.hpp>
#include <flytt/task/output.hpp>

namespace flytt::task {

struct VerifyOptions {
  engine::Endpoint source;
  engine::Endpoint target;
  std::vector<std::string> databases;        ///< empty: the source URL's, else all
  bool all_databases = false;
  std::vector<std::string> tables;           ///< globs "schema.table"
  std::vector<std::string> exclude_tables;   ///< globs "schema.table"
  std::vector<std::pair<std::string, std::string>> where;  ///< glob "schema.table" and a condition for both sides
  std::vector<std::string> exclude_columns;  ///< globs "schema.table.column" or "column"
  unsigned jobs = 0;                         ///< 0: as many as there are cores, at most 8
  bool count_only = false;
  bool live = false;                         ///< read differing rows again until they agree or stand still
  bool schema = true;                        ///< compare definitions first
  std::uint64_t max_diffs = 20;              ///< rows named for each table; all are counted
  std::uint64_t max_rows_per_second = 0;     ///< on each side; 0: no limit
  unsigned live_rounds = 6;                  ///< how often a differing row is read again
  std::chrono::milliseconds live_wait{30'000};  ///< how long a round waits for the target to catch up
  std::uint64_t chunk_bytes = 4U << 20;      ///< read from the source for one digest
};

/// Compares and prints one line a table, then the first differing rows.
/// Returns done when all was compared and equal, no when something differs, partial when named parts were not compared or
/// could not be decided.
/// Throws Error: Exit::refused when both are one server, Exit::usage for names that match nothing, Exit::unavailable when a
/// connection is lost, Exit::privilege when something cannot be read.
base::Exit verify(const VerifyOptions& options, Output& out, const base::Context& ctx);

/// The same with servers that are open already; their endpoints stand in `options` too.
base::Exit verify(engine::Server& source, engine::Server& target, const VerifyOptions& options, Output& out, const base::Context& ctx);

}  // namespace flytt::task
