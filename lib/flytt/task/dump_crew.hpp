// The workers of a dump: each reads pieces of tables through its own session of the snapshot and writes them as chunks.
// Layer: task (5).  Thread rule: made and run by one thread; it starts the workers.
// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include <flytt/engine/snapshot.hpp>
#include <flytt/flow/first_failure.hpp>
#include <flytt/flow/progress.hpp>
#include <flytt/plan/chunk_pool.hpp>
#include <flytt/task/dump.hpp>
#include <flytt/value/manifest.hpp>
#include <flytt/wire/chunk_writer.hpp>

namespace flytt::task {

class DumpCrew {
 public:
  /// What is referred to outlives the crew.
  DumpCrew(engine::Server& server, engine::Snapshot& snapshot, const value::Manifest& manifest, const DumpOptions& options,
           wire::StreamWriter& writer, flow::Progress& progress, flow::FirstFailure& first);

  /// Reads and writes all tables. A stop that is requested ends it within a second or two, statements included.
  /// Throws: what the first worker failed with; Exit::temporary when it was stopped.
  void copy(base::Context& context);

  /// What END says of the columns that the source computes. After copy().
  void digest_computed(base::Context& context);

  /// --recount: compares the rows of each table with what the server counts in the snapshot. Throws: Exit::data.
  void recount(base::Context& context);

 private:
  void work(unsigned worker, std::stop_token stop);
  bool copy_piece(unsigned worker, plan::Piece piece, engine::BulkReader& reader, wire::ChunkWriter& chunk, std::stop_token stop);
  std::uint64_t copy_chunk(const plan::Piece& piece, engine::BulkReader& reader, wire::ChunkWriter& chunk,
                           engine::ReadProgress& read, const std::optional<std::string>& after);
  void in_parallel(base::Context& context, const std::function<void(unsigned, std::stop_token)>& work);

  engine::Server& server_;
  engine::Snapshot& snapshot_;
  const value::Manifest& manifest_;
  const DumpOptions& options_;
  wire::StreamWriter& writer_;
  flow::Progress& progress_;
  flow::FirstFailure& first_;
  plan::ChunkPool pool_;
  std::vector<std::atomic<std::uint64_t>> table_rows_;
  std::vector<std::atomic<std::uint64_t>> table_bytes_;
};

}  // namespace flytt::task
