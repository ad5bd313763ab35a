// Decides about rows that differed when they were first read: equal after all, different, or not to be decided.
// Layer: task (5).  Thread rule: one thread per object.
// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include <flytt/task/verify_delta.hpp>
#include <flytt/task/verify_live.hpp>
#include <flytt/task/verify_lookup.hpp>

namespace flytt::task::compare {

/// Takes deltas and counts into a TableResult what stands.
///
/// On a live pair a delta is read again: wait for the lag, target, source. The row is equal when the target holds either
/// version of it that was seen on the source. It is different when the source did not move and the target is still wrong
/// in two rounds that waited for the position, or in every round where nothing tells positions. What is left is undecided.
class DeltaResolver {
 public:
  /// `order`: of this part within its table. All references must outlive the resolver.
  DeltaResolver(Run& run, const TablePair& pair, RowLookup& lookup, LagWait& lag, TableResult& result, std::uint64_t order);

  void add(Delta&& delta);
  /// Decides what is open and describes the first rows.
  void finish();

 private:
  void settle();
  void confirm_once();
  void read_again(CaughtUp caught_up);
  bool stands(const Delta& delta, CaughtUp caught_up) const noexcept;
  void stand(const Delta& delta);
  void describe();

  Run& run_;
  const TablePair& pair_;
  RowLookup& lookup_;
  LagWait& lag_;
  TableResult& result_;
  std::uint64_t order_;
  std::vector<Delta> open_;
  std::vector<Delta> shown_;
};

}  // namespace flytt::task::compare
