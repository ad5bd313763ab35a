// Bringing rows together by name.
// SPDX-License-Identifier: MIT
#include <flytt/task/verify_delta.hpp>

#include <algorithm>
#include <iterator>
#include <numeric>

namespace flytt::task::compare {
namespace {

std::vector<std::size_t> by_name(const RowDigests& rows) {
  std::vector<std::size_t> order(rows.rows());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return rows.name(a) < rows.name(b); });
  return order;
}

/// Calls `each(name, state, first)` once for every name; `first` is where it comes first.
template <class Each>
void for_each_name(const RowDigests& rows, Each each) {
  const auto order = by_name(rows);
  for (std::size_t i = 0; i < order.size();) {
    const std::string_view name = rows.name(order[i]);
    std::size_t first = order[i];
    RowState state;
    for (; i < order.size() && rows.name(order[i]) == name; ++i) {
      state.add(rows.hashes[order[i]]);
      first = std::min(first, order[i]);
    }
    each(name, state, first);
  }
}

}  // namespace

ChunkMatcher::ChunkMatcher(const RowDigests& source) {
  entries_.reserve(source.rows());
  for_each_name(source, [&](std::string_view name, const RowState& state, std::size_t first) {
    entries_.push_back({name, state, {}, first});
  });
}

void ChunkMatcher::add_target(const RowDigests& target, const OnDelta& on_delta) {
  std::vector<Entry> extra;
  for_each_name(target, [&](std::string_view name, const RowState& state, std::size_t first) {
    const auto at = std::lower_bound(entries_.begin(), entries_.end(), name,
                                     [](const Entry& entry, std::string_view wanted) { return entry.name < wanted; });
    if (at != entries_.end() && at->name == name) {
      at->target.count += state.count;
      at->target.sum += state.sum;
    } else {
      extra.push_back({name, {}, state, first});
    }
  });
  hand_on(std::move(extra), on_delta);
}

void ChunkMatcher::finish(const OnDelta& on_delta) {
  std::vector<Entry> differ;
  for (const Entry& e : entries_) {
    if (!(e.source == e.target)) differ.push_back(e);
  }
  hand_on(std::move(differ), on_delta);
}

void ChunkMatcher::hand_on(std::vector<Entry> entries, const OnDelta& on_delta) {
  std::sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) { return a.first < b.first; });
  for (const Entry& e : entries) on_delta({std::string(e.name), e.source, e.target});
}

bool Example::only_generated() const noexcept {
  return !values.empty() && std::all_of(values.begin(), values.end(), [](const Value& v) { return v.generated; });
}

void TableResult::count(const Delta& delta) noexcept {
  const std::uint64_t both = std::min(delta.source.count, delta.target.count);
  missing += delta.source.count - both;
  extra += delta.target.count - both;
  if (delta.source.count == delta.target.count) different += both;
}

void TableResult::merge(TableResult&& part) {
  source_rows += part.source_rows;
  target_rows += part.target_rows;
  missing += part.missing;
  extra += part.extra;
  different += part.different;
  undecided += part.undecided;
  std::move(part.examples.begin(), part.examples.end(), std::back_inserter(examples));
  for (auto& remark : part.remarks) {
    if (std::find(remarks.begin(), remarks.end(), remark) == remarks.end()) remarks.push_back(std::move(remark));
  }
}

}  // namespace flytt::task::compare
