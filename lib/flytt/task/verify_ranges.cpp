// Chunk by chunk, both sides at once.
// SPDX-License-Identifier: MIT
#include <flytt/task/verify_ranges.hpp>

#include <algorithm>
#include <thread>

namespace flytt::task::compare {
namespace {

constexpr std::size_t kQueued = 2;              // chunks that the source may be ahead
constexpr std::uint64_t kChunkRows = 100'000;   // at most in a chunk: a row's name and hash may be larger than a narrow row
constexpr std::size_t kSurplusRows = 100'000;   // of the target beyond twice the source's, before they are matched piece by piece

}  // namespace

RangeCompare::RangeCompare(Run& run)
    : run_(run), source_(run, Side::source), target_(run, Side::target), lookup_(lookup_by_key(run)), lag_(run) {}

TableResult RangeCompare::compare(const TablePair& pair, const engine::KeyRange& range, std::uint64_t order) {
  TableResult result;
  Queue queue(kQueued);
  const auto guarded = [&](const auto& work) noexcept {
    try {
      work();
    } catch (...) {
      run_.fail(std::current_exception());
      queue.fail(std::current_exception());
    }
  };
  std::thread target([&] { guarded([&] { read_target(pair, queue, result, order); }); });
  guarded([&] {
    read_source(pair, range, queue);
    queue.close();
  });
  target.join();
  run_.first.rethrow();
  return result;
}

void RangeCompare::read_source(const TablePair& pair, const engine::KeyRange& range, Queue& queue) {
  source_.open(pair, range);
  std::optional<std::string> after = range.after;
  std::uint64_t row_bytes = 16;  // until it is known
  while (true) {
    SourceChunk chunk;
    const std::uint64_t wanted = std::min(run_.options.chunk_bytes, row_bytes * kChunkRows);
    const engine::ReadProgress progress = source_.read(wanted, chunk.rows);
    run_.progress.add_done(progress.rows);
    if (progress.rows > 0) row_bytes = std::max<std::uint64_t>(progress.bytes / progress.rows, 4);
    if (!progress.done && progress.rows == 0) continue;
    chunk.range = {after, progress.done ? range.through : std::optional(progress.last_key)};
    after = chunk.range.through;
    if (!queue.push(std::move(chunk), run_.ctx.stop)) run_.ctx.check_stop();
    if (progress.done) return;
  }
}

void RangeCompare::read_target(const TablePair& pair, Queue& queue, TableResult& result, std::uint64_t order) {
  DeltaResolver resolver(run_, pair, *lookup_, lag_, result, order);
  while (auto chunk = queue.pop(run_.ctx.stop)) compare_chunk(pair, *chunk, resolver, result);
  run_.ctx.check_stop();
  resolver.finish();
}

void RangeCompare::compare_chunk(const TablePair& pair, const SourceChunk& chunk, DeltaResolver& resolver, TableResult& result) {
  const auto on_delta = [&resolver](Delta&& delta) { resolver.add(std::move(delta)); };
  std::optional<ChunkMatcher> matcher;
  const auto match = [&] {
    if (!matcher) matcher.emplace(chunk.rows);
    matcher->add_target(target_rows_, on_delta);
    target_rows_.clear();
  };
  target_rows_.clear();
  target_.open(pair, chunk.range);
  result.source_rows += chunk.rows.rows();
  for (bool done = false; !done;) {
    const engine::ReadProgress progress = target_.read(2 * run_.options.chunk_bytes, target_rows_);
    done = progress.done;
    result.target_rows += progress.rows;
    run_.progress.add_done(progress.rows);
    // Rows that only the target has can be any number: they are not gathered.
    if (target_rows_.rows() > 2 * chunk.rows.rows() + kSurplusRows) match();
  }
  if (!matcher && target_rows_.rows() == chunk.rows.rows() && target_rows_.sum == chunk.rows.sum) return;
  match();
  matcher->finish(on_delta);
}

}  // namespace flytt::task::compare
