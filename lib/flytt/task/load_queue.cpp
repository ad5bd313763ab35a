// Who gets which chunk.
// SPDX-License-Identifier: MIT
#include <flytt/task/load_queue.hpp>

#include <algorithm>
#include <utility>

namespace flytt::task {
namespace {

constexpr std::size_t kMostQueued = 4096;

}  // namespace

LoadQueue::LoadQueue(std::vector<bool> may_be_whole, unsigned workers, std::uint64_t most_bytes)
    : most_bytes_(most_bytes), tables_(may_be_whole.size()), whole_(workers) {
  for (std::size_t i = 0; i < tables_.size(); ++i) tables_[i].may_be_whole = may_be_whole[i];
}

/// A chunk that is larger than all the room goes in alone.
bool LoadQueue::fits(std::uint64_t bytes) const noexcept {
  if (chunks_.empty()) return true;
  return chunks_.size() < kMostQueued && bytes_ <= most_bytes_ && bytes <= most_bytes_ - bytes_;
}

void LoadQueue::rethrow_failure() const {
  if (failure_) std::rethrow_exception(failure_);
}

bool LoadQueue::push(wire::Chunk chunk, std::stop_token stop) {
  Lock lock(mutex_);
  changed_.wait(lock, stop, [&] { return failure_ || fits(chunk.encoded_bytes); });
  rethrow_failure();
  if (stop.stop_requested()) return false;
  ++tables_.at(chunk.object).waiting;
  bytes_ += chunk.encoded_bytes;
  chunks_.push_back(std::move(chunk));
  changed_.notify_all();
  return true;
}

void LoadQueue::end_table(std::uint32_t table) {
  const Lock lock(mutex_);
  tables_.at(table).ended = true;
  changed_.notify_all();
}

void LoadQueue::close() {
  const Lock lock(mutex_);
  closed_ = true;
  changed_.notify_all();
}

void LoadQueue::fail(std::exception_ptr why) {
  const Lock lock(mutex_);
  if (!failure_) failure_ = std::move(why);
  changed_.notify_all();
}

bool LoadQueue::all_have_one() const noexcept {
  return std::all_of(whole_.begin(), whole_.end(), [](const auto& table) { return table.has_value(); });
}

/// How this worker would load the chunk; nothing: it is another's.
std::optional<LoadQueue::Way> LoadQueue::way_of(const wire::Chunk& chunk, unsigned worker) const noexcept {
  const Table& table = tables_[chunk.object];
  const auto& mine = whole_[worker];
  switch (table.kind) {
    case Kind::apart: return Way::apart;
    case Kind::whole: return mine == chunk.object ? std::optional(Way::next) : std::nullopt;
    case Kind::open: break;
  }
  if (!table.may_be_whole) return Way::apart;
  if (!mine) return Way::first;
  return all_have_one() ? std::optional(Way::apart) : std::nullopt;
}

/// What is one's own goes first: it holds a transaction open.
std::optional<LoadQueue::Work> LoadQueue::next(unsigned worker) {
  auto& mine = whole_[worker];
  if (mine && tables_[*mine].waiting == 0 && (tables_[*mine].ended || closed_))
    return Work{Way::over, *std::exchange(mine, std::nullopt), std::nullopt};
  auto found = chunks_.end();
  std::optional<Way> way;
  for (auto at = chunks_.begin(); at != chunks_.end() && way != Way::next; ++at)
    if (const auto here = way_of(*at, worker); here && (!way || *here == Way::next)) found = at, way = here;
  if (!way) return std::nullopt;
  Table& table = tables_[found->object];
  if (*way == Way::first) table.kind = Kind::whole, mine = found->object;
  if (*way == Way::apart) table.kind = Kind::apart;
  --table.waiting;
  bytes_ -= found->encoded_bytes;
  Work work{*way, found->object, std::move(*found)};
  chunks_.erase(found);
  return work;
}

std::optional<LoadQueue::Work> LoadQueue::take(unsigned worker, std::stop_token stop) {
  Lock lock(mutex_);
  std::optional<Work> work;
  changed_.wait(lock, stop, [&] { return failure_ || (work = next(worker)) || (closed_ && !whole_[worker] && chunks_.empty()); });
  rethrow_failure();
  if (stop.stop_requested()) return std::nullopt;
  changed_.notify_all();
  return work;
}

void LoadQueue::apart(unsigned worker) {
  const Lock lock(mutex_);
  tables_[*whole_.at(worker)].kind = Kind::apart;
  whole_[worker].reset();
  changed_.notify_all();
}

}  // namespace flytt::task
