// The workers of a load: each takes chunks from a bounded queue and commits them one by one, or a table as a whole.
// Layer: task (5).  Thread rule: made, fed and finished by one thread; it starts the workers.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <vector>

#include <flytt/base/context.hpp>
#include <flytt/engine/target.hpp>
#include <flytt/flow/progress.hpp>
#include <flytt/flow/worker_pool.hpp>
#include <flytt/task/load_ledger.hpp>
#include <flytt/task/load_queue.hpp>
#include <flytt/wire/chunk_decoder.hpp>
#include <flytt/wire/stream_reader.hpp>

namespace flytt::task {

class LoadCrew {
 public:
  /// Everything referred to outlives the crew. `failed` is told the first failure, in the thread that failed: whoever feeds the crew
  /// may be waiting for input. `whole`: the tables that were made by this copy and may be loaded in one transaction each, in HELLO's
  /// order. `loaded` is told each table of which everything is committed, in any thread.
  LoadCrew(engine::Target& target, const value::Manifest& manifest, LoadLedger& ledger, unsigned jobs,
           std::vector<bool> whole, flow::Progress& progress, std::function<void(std::uint32_t table)> loaded, flow::WorkerPool::OnFailure failed, base::Context& context);
  /// Stops the workers; what they had not committed is rolled back.
  ~LoadCrew();

  /// Queues a chunk; waits for room. Throws: what a worker failed with.
  void push(wire::Chunk chunk);
  /// No more chunks of this table will be pushed.
  void end_table(std::uint32_t table);
  /// Waits until all that was queued is committed. Throws: what a worker failed with.
  void finish();

 private:
  /// A worker's sessions.
  struct Sessions {
    std::unique_ptr<engine::BulkWriter> apart, whole;  ///< the latter only where tables are loaded as a whole
    wire::ChunkDecoder decoder;
  };

  void work(unsigned index, std::stop_token stop);
  void load_whole(unsigned index, Sessions& sessions, LoadQueue::Work work, std::stop_token stop);
  void load(engine::BulkWriter& writer, wire::ChunkDecoder& decoder, wire::Chunk chunk, std::stop_token stop);
  void count(const engine::ChunkReceipt& receipt, std::uint64_t bytes);
  void load_once(engine::BulkWriter& writer, wire::ChunkDecoder& decoder, const engine::ChunkReceipt& receipt);

  /// What is left of a table.
  struct Rest {
    std::uint32_t chunks = 0;  ///< pushed and not committed
    bool ended = false;
  };
  void settle(std::uint32_t table, const std::function<void(Rest&)>& change);

  const value::Manifest& manifest_;
  LoadLedger& ledger_;
  flow::Progress& progress_;
  const std::function<void(std::uint32_t)> loaded_;
  base::Context& context_;
  std::mutex mutex_;
  std::vector<Rest> rest_;  // in HELLO's order
  std::vector<Sessions> sessions_;
  LoadQueue queue_;
  std::unique_ptr<flow::WorkerPool> workers_;  // last: it uses all else
};

}  // namespace flytt::task
