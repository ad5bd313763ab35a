// The workers of a load: each takes whole chunks from a bounded queue and commits them one by one.
// Layer: task (5).  Thread rule: made, fed and finished by one thread; it starts the workers.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <memory>
#include <stop_token>
#include <vector>

#include <flytt/base/context.hpp>
#include <flytt/engine/target.hpp>
#include <flytt/flow/bounded_queue.hpp>
#include <flytt/flow/progress.hpp>
#include <flytt/flow/worker_pool.hpp>
#include <flytt/task/load_ledger.hpp>
#include <flytt/wire/chunk_decoder.hpp>
#include <flytt/wire/stream_reader.hpp>

namespace flytt::task {

class LoadCrew {
 public:
  /// Everything referred to outlives the crew. `unblock` is asked to stop when a worker fails, so that the feeding thread
  /// does not wait for input that nobody takes.
  LoadCrew(engine::Server& server, engine::Target& target, const value::Manifest& manifest, LoadLedger& ledger, unsigned jobs,
           flow::Progress& progress, std::stop_source unblock, base::Context& context);
  /// Stops the workers; what they had not committed is rolled back.
  ~LoadCrew();

  /// Queues a chunk; waits for room. Throws: what a worker failed with.
  void push(wire::Chunk chunk);
  /// Waits until all that was queued is committed. Throws: what a worker failed with.
  void finish();
  /// Throws what a worker failed with, if one did.
  void check() const;

 private:
  void work(std::size_t index, std::stop_token stop);
  void load(engine::BulkWriter& writer, wire::ChunkDecoder& decoder, wire::Chunk chunk, std::stop_token stop);
  void load_once(engine::BulkWriter& writer, wire::ChunkDecoder& decoder, const engine::ChunkReceipt& receipt);

  engine::Server& server_;
  const value::Manifest& manifest_;
  LoadLedger& ledger_;
  flow::Progress& progress_;
  base::Context& context_;
  std::vector<std::unique_ptr<engine::BulkWriter>> writers_;
  flow::BoundedQueue<wire::Chunk> queue_;
  std::stop_callback<std::function<void()>> on_stop_;
  std::unique_ptr<flow::WorkerPool> workers_;  // last: it uses all else
};

}  // namespace flytt::task
