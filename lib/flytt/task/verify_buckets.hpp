// Compares tables that no common key walks, or that the two servers order differently: each side is read once in its own order, rows fall into buckets by a hash of their
// name, and only buckets that differ are read again to bring single rows together.
// Layer: task (5).  Thread rule: one worker's; it runs a second thread for the target's side while compare() lasts.
// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include <flytt/task/verify_resolve.hpp>

namespace flytt::task::compare {

class BucketCompare {
 public:
  explicit BucketCompare(Run& run);
  TableResult compare(const TablePair& pair);

 private:
  using Buckets = std::vector<RowState>;

  Buckets fill(SideReader& reader, const TablePair& pair);
  RowDigests gather(SideReader& reader, const TablePair& pair, const std::vector<bool>& wanted);

  Run& run_;
  SideReader source_;
  SideReader target_;
  std::unique_ptr<RowLookup> by_scan_;
  std::unique_ptr<RowLookup> by_key_;
  LagWait lag_;
};

}  // namespace flytt::task::compare
