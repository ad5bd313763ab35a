// The chunks of a load that wait, and which worker loads which: a table may be one worker's as a whole.
// Layer: task (5).  Thread rule: push(), end_table() and close() by one thread, fail() by any, take() and apart() by each worker with its
// own number.
// SPDX-License-Identifier: MIT
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <mutex>
#include <optional>
#include <stop_token>
#include <vector>

#include <flytt/wire/chunk_decoder.hpp>
#include <flytt/wire/stream_reader.hpp>

namespace flytt::task {

/// Bounded by encoded bytes. A table that may be whole goes to the first worker that has none; all its chunks then go to that worker,
/// which is told when they are over. When every worker has such a table, further ones are loaded chunk by chunk, as all others are:
/// by whoever is free. So each chunk that waits can be taken by a worker that will come, and no order of chunks stops a load.
class LoadQueue {
 public:
  enum class Way {
    apart,  ///< a chunk by itself
    first,  ///< the first chunk of a table that is this worker's
    next,   ///< one more of it
    over    ///< no chunk: all of that table have been handed out
  };
  struct Work {
    Way way = Way::apart;
    std::uint32_t table = 0;
    std::optional<wire::Chunk> chunk;
  };

  /// `may_be_whole`: for each table in HELLO's order.
  LoadQueue(std::vector<bool> may_be_whole, unsigned workers, std::uint64_t most_bytes);

  /// Waits for room. False when stop was requested. Throws: what fail() was given.
  [[nodiscard]] bool push(wire::Chunk chunk, std::stop_token stop);
  /// No more chunks of this table will be pushed.
  void end_table(std::uint32_t table);
  /// No more chunks at all.
  void close();
  /// Ends the queue for both sides; the first failure stays.
  void fail(std::exception_ptr why);

  /// Waits for work. Nothing: there is no more for this worker, or stop was requested. Throws: what fail() was given.
  std::optional<Work> take(unsigned worker, std::stop_token stop);
  /// The table whose first chunk this worker was given last cannot be loaded as a whole: its chunks go to anybody.
  void apart(unsigned worker);

 private:
  enum class Kind { open, apart, whole };
  struct Table {
    Kind kind = Kind::open;
    bool may_be_whole = false, ended = false;
    unsigned waiting = 0;  ///< its chunks in the queue
  };
  using Lock = std::unique_lock<std::mutex>;

  bool fits(std::uint64_t bytes) const noexcept;
  bool all_have_one() const noexcept;
  std::optional<Work> next(unsigned worker);
  std::optional<Way> way_of(const wire::Chunk& chunk, unsigned worker) const noexcept;
  void rethrow_failure() const;

  const std::uint64_t most_bytes_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::vector<Table> tables_;
  std::vector<std::optional<std::uint32_t>> whole_;  ///< by worker: the table that is its own
  std::deque<wire::Chunk> chunks_;
  std::uint64_t bytes_ = 0;
  bool closed_ = false;
  std::exception_ptr failure_;
};

}  // namespace flytt::task
