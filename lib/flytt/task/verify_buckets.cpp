// Buckets of rows.
// SPDX-License-Identifier: MIT
#include <flytt/task/verify_buckets.hpp>

#include <algorithm>
#include <exception>
#include <thread>

#include <flytt/base/text.hpp>

namespace flytt::task::compare {
namespace {

constexpr std::size_t kBuckets = std::size_t{1} << 16;
constexpr std::uint64_t kGathered = 500'000;  // rows of a side that are brought together at a time
constexpr unsigned kGroups = 16;              // how often a table that differs widely is read again

std::size_t bucket_of(std::string_view name) { return codec::hash64(name) & (kBuckets - 1); }

/// Both sides at once. A failure ends the other side too; the first of the whole run is thrown.
template <class Work>
auto on_both(Run& run, Work work) {
  using Result = decltype(work(Side::source));
  std::pair<Result, Result> results;
  const auto guarded = [&](Side side, Result& result) noexcept {
    try {
      result = work(side);
    } catch (...) {
      run.fail(std::current_exception());
    }
  };
  std::thread target([&] { guarded(Side::target, results.second); });
  guarded(Side::source, results.first);
  target.join();
  run.first.rethrow();
  return results;
}

}  // namespace

BucketCompare::BucketCompare(Run& run)
    : run_(run), source_(run, Side::source), target_(run, Side::target), by_scan_(lookup_by_scan(run)), by_key_(lookup_by_key(run)), lag_(run) {}

BucketCompare::Buckets BucketCompare::fill(SideReader& reader, const TablePair& pair) {
  Buckets buckets(kBuckets);
  std::string name;
  reader.open(pair, engine::KeyRange{});
  reader.read_all([&](const SeenRow& row) {
    name.clear();
    append_name(name, pair, reader.side(), row);
    buckets[bucket_of(name)].add(row.hash);
    run_.progress.add_done(1);
  });
  return buckets;
}

RowDigests BucketCompare::gather(SideReader& reader, const TablePair& pair, const std::vector<bool>& wanted) {
  RowDigests rows;
  std::string name;
  reader.open(pair, engine::KeyRange{});
  reader.read_all([&](const SeenRow& row) {
    name.clear();
    append_name(name, pair, reader.side(), row);
    if (!wanted[bucket_of(name)]) return;
    rows.hashes.push_back(row.hash);
    rows.names += name;
    rows.ends.push_back(rows.names.size());
  });
  return rows;
}

TableResult BucketCompare::compare(const TablePair& pair) {
  const auto reader = [this](Side side) -> SideReader& { return side == Side::source ? source_ : target_; };
  const auto [source, target] = on_both(run_, [&](Side side) { return fill(reader(side), pair); });

  TableResult result;
  DeltaResolver resolver(run_, pair, pair.sought ? *by_key_ : *by_scan_, lag_, result, 0);
  const auto on_delta = [&resolver](Delta&& delta) { resolver.add(std::move(delta)); };
  for (std::size_t i = 0; i < kBuckets; ++i) {
    result.source_rows += source[i].count;
    result.target_rows += target[i].count;
  }
  unsigned groups = 0;
  for (std::size_t at = 0; at < kBuckets;) {
    std::vector<bool> wanted(kBuckets);
    std::uint64_t rows = 0;
    bool any = false;
    for (; at < kBuckets && (!any || rows < kGathered); ++at) {
      if (source[at] == target[at]) continue;
      wanted[at] = any = true;
      rows += std::max(source[at].count, target[at].count);
    }
    if (!any) break;
    if (++groups > kGroups) {
      result.remarks.push_back(base::concat("more rows differ than were counted: ", kGroups, " passes were enough to say so"));
      break;
    }
    const auto [some_source, some_target] = on_both(run_, [&](Side side) { return gather(reader(side), pair, wanted); });
    ChunkMatcher matcher(some_source);
    matcher.add_target(some_target, on_delta);
    matcher.finish(on_delta);
  }
  resolver.finish();
  return result;
}

}  // namespace flytt::task::compare
