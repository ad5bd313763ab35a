// Compares one range of a table by key: the source is read in chunks, and for each chunk the target's rows between the same keys.
// Layer: task (5).  Thread rule: one worker's; it runs a second thread for the target's side while compare() lasts.
// SPDX-License-Identifier: MIT
#pragma once

#include <exception>
#include <memory>

#include <flytt/flow/bounded_queue.hpp>
#include <flytt/task/verify_resolve.hpp>

namespace flytt::task::compare {

/// A chunk of the source: its rows, and the range that they fill.
/// Ranges of one segment adjoin: (after, through], the first and last as open as the segment is.
struct SourceChunk {
  engine::KeyRange range;
  RowDigests rows;
};

class RangeCompare {
 public:
  explicit RangeCompare(Run& run);

  /// Shape: `order` says where in the table the range lies.
  TableResult compare(const TablePair& pair, const engine::KeyRange& range, std::uint64_t order);
  SideReader& source() noexcept { return source_; }

 private:
  using Queue = flow::BoundedQueue<SourceChunk>;

  void read_source(const TablePair& pair, const engine::KeyRange& range, Queue& queue);
  void read_target(const TablePair& pair, Queue& queue, TableResult& result, std::uint64_t order);
  void compare_chunk(const TablePair& pair, const SourceChunk& chunk, DeltaResolver& resolver, TableResult& result);

  Run& run_;
  SideReader source_;
  SideReader target_;
  std::unique_ptr<RowLookup> lookup_;
  LagWait lag_;
  RowDigests target_rows_;
};

}  // namespace flytt::task::compare
