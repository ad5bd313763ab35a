// Handing out and halving.
// SPDX-License-Identifier: MIT
#include <flytt/plan/chunk_pool.hpp>

#include <algorithm>
#include <utility>

namespace flytt::plan {

ChunkPool::ChunkPool(std::vector<TableWork> tables, unsigned workers, std::uint64_t smallest)
    : smallest_(smallest), slots_(workers) {
  std::stable_sort(tables.begin(), tables.end(), [](const auto& a, const auto& b) { return a.bytes > b.bytes; });
  for (const auto& table : tables) whole_.push_back({table.table, {}, table.bytes, table.divisible});
}

/// A piece that was larger than its estimate is likely to go on: as much again as was read.
std::uint64_t ChunkPool::left(const Slot& slot) const noexcept {
  return slot.read < slot.piece.bytes ? std::max(slot.piece.bytes - slot.read, slot.read / 2) : slot.read;
}

ChunkPool::Slot* ChunkPool::richest() {
  Slot* best = nullptr;
  for (auto& slot : slots_) {
    if (slot.state != State::reading || !slot.piece.divisible || slot.asked_by >= 0 || left(slot) < smallest_) continue;
    if (best == nullptr || left(slot) > left(*best)) best = &slot;
  }
  return best;
}

/// Can any piece that is being read become worth cutting?
bool ChunkPool::may_grow() const noexcept {
  return std::any_of(slots_.begin(), slots_.end(),
                     [](const Slot& s) { return s.state != State::idle && s.piece.divisible; });
}

std::optional<Piece> ChunkPool::take(unsigned worker, const Split& split) {
  Lock lock(mutex_);
  Slot& mine = slots_.at(worker);
  mine = Slot{};  // who had asked for a part of it sees that it is done, and looks elsewhere
  changed_.notify_all();
  while (!stopped_) {
    if (!whole_.empty()) {
      mine.piece = std::move(whole_.front());
      whole_.pop_front();
      mine.state = State::reading;
      return mine.piece;
    }
    Slot* victim = richest();
    if (victim == nullptr) {
      if (!may_grow()) return std::nullopt;
      changed_.wait(lock);
      continue;
    }
    victim->asked_by = static_cast<int>(worker);
    changed_.wait(lock, [&] {
      return stopped_ || victim->state == State::resting || victim->asked_by != static_cast<int>(worker);
    });
    if (stopped_ || victim->asked_by != static_cast<int>(worker)) continue;
    if (auto piece = halve(lock, *victim, split)) {
      mine.piece = *piece;
      mine.state = State::reading;
      return piece;
    }
  }
  return std::nullopt;
}

std::optional<Piece> ChunkPool::halve(Lock& lock, Slot& victim, const Split& split) {
  Piece rest = victim.piece;
  if (victim.last) rest.range.after = victim.last;
  rest.bytes = left(victim);
  std::optional<std::string> cut;
  lock.unlock();
  try {
    cut = split(rest);
  } catch (...) {
    lock.lock();
    answer(victim, std::nullopt);
    throw;
  }
  lock.lock();
  if (stopped_) cut.reset();
  answer(victim, cut);
  if (!cut) return std::nullopt;
  rest.range.after = std::move(cut);
  rest.bytes /= 2;
  return rest;
}

void ChunkPool::answer(Slot& victim, std::optional<std::string> cut) {
  if (cut) {
    const auto half = left(victim) / 2;
    victim.piece.range.through = cut;
    victim.piece.bytes = victim.read + half;
  } else {
    victim.piece.divisible = false;
  }
  victim.cut = std::move(cut);
  victim.asked_by = -1;
  victim.state = State::reading;
  changed_.notify_all();
}

std::optional<std::string> ChunkPool::at_rest(unsigned worker, const std::optional<std::string>& last, std::uint64_t bytes) {
  Lock lock(mutex_);
  Slot& mine = slots_.at(worker);
  mine.last = last;
  mine.read = bytes;
  changed_.notify_all();  // what is left may have become worth asking for
  if (stopped_ || mine.asked_by < 0) return std::nullopt;
  mine.state = State::resting;
  changed_.wait(lock, [&] { return stopped_ || mine.state == State::reading; });
  if (mine.state == State::resting) return std::nullopt;  // stopped; the one who asks answers to nobody
  return std::exchange(mine.cut, std::nullopt);
}

std::optional<std::uint32_t> ChunkPool::finished(unsigned worker) {
  const Lock lock(mutex_);
  Slot& mine = slots_.at(worker);
  const auto table = mine.piece.table;
  mine = Slot{};
  changed_.notify_all();  // who had asked for a part of it looks elsewhere
  const bool left = std::any_of(slots_.begin(), slots_.end(), [&](const Slot& s) { return s.state != State::idle && s.piece.table == table; });
  return left ? std::nullopt : std::optional(table);
}

void ChunkPool::stop() {
  const Lock lock(mutex_);
  stopped_ = true;
  changed_.notify_all();
}

}  // namespace flytt::plan
