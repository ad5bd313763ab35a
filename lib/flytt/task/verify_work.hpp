// What is still to be compared: tables in order, large ones cut into segments as workers come for them.
// Layer: task (5).  Thread rule: every member from any thread.
// SPDX-License-Identifier: MIT
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <vector>

#include <flytt/task/verify_delta.hpp>

namespace flytt::task::compare {

/// A part of one table. `order` and `span` place it among the others.
struct Segment {
  std::size_t pair = 0;
  engine::KeyRange range;
  unsigned cuts = 0;  ///< how often it was halved
  std::uint64_t order = 0;
  std::uint64_t span = std::uint64_t{1} << 63;
};

class WorkList {
 public:
  using OnTable = std::function<void(std::size_t pair, TableResult&& result)>;

  /// `on_table` is called once for each table when its last segment is done, in the order of the tables.
  WorkList(std::size_t pairs, OnTable on_table);

  /// The next segment; waits while others may still cut theirs. Nothing when all is done or stop was requested.
  std::optional<Segment> next(std::stop_token stop);
  /// Cuts a segment that next() gave at `key`: the upper part goes back.
  void cut(Segment& segment, const std::string& key);
  void done(const Segment& segment, TableResult&& result);

 private:
  struct Table {
    unsigned open = 1;  ///< segments not done
    TableResult result;
  };

  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<Segment> waiting_;
  std::vector<Table> tables_;
  std::size_t running_ = 0;
  std::size_t told_ = 0;
  OnTable on_table_;
};

}  // namespace flytt::task::compare
