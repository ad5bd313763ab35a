// Segments and their tables.
// SPDX-License-Identifier: MIT
#include <flytt/task/verify_work.hpp>

#include <utility>

namespace flytt::task::compare {

WorkList::WorkList(std::size_t pairs, OnTable on_table) : tables_(pairs), on_table_(std::move(on_table)) {
  for (std::size_t i = 0; i < pairs; ++i) {
    waiting_.emplace_back();
    waiting_.back().pair = i;
  }
}

std::optional<Segment> WorkList::next(std::stop_token stop) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, stop, [&] { return !waiting_.empty() || running_ == 0; });
  if (waiting_.empty() || stop.stop_requested()) return std::nullopt;
  Segment segment = std::move(waiting_.front());
  waiting_.pop_front();
  ++running_;
  return segment;
}

void WorkList::cut(Segment& segment, const std::string& key) {
  {
    const std::lock_guard lock(mutex_);
    segment.span /= 2;
    ++segment.cuts;
    Segment upper = segment;
    upper.range.after = key;
    upper.order += segment.span;
    segment.range.through = key;
    ++tables_[segment.pair].open;
    waiting_.push_front(std::move(upper));
  }
  changed_.notify_all();
}

void WorkList::done(const Segment& segment, TableResult&& result) {
  {
    const std::lock_guard lock(mutex_);
    --running_;
    Table& table = tables_[segment.pair];
    table.result.merge(std::move(result));
    --table.open;
    for (; told_ < tables_.size() && tables_[told_].open == 0; ++told_) on_table_(told_, std::exchange(tables_[told_].result, {}));
  }
  changed_.notify_all();
}

}  // namespace flytt::task::compare
