// Who reads what: tables largest first, and an idle worker takes half of what another has left. Decides, reads nothing.
// Layer: plan (4).  Thread rule: take(), at_rest() and finished() by each worker with its own number; stop() from any thread.
// SPDX-License-Identifier: MIT
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <flytt/engine/snapshot.hpp>

namespace flytt::plan {

/// A whole table that is to be read.
struct TableWork {
  std::uint32_t table = 0;
  std::uint64_t bytes = 0;  ///< estimated
  bool divisible = false;   ///< has a key by which the server can compare ranges
};

/// A part of a table for one worker: keys after `range.after` up to `range.through`.
struct Piece {
  std::uint32_t table = 0;
  engine::KeyRange range;
  std::uint64_t bytes = 0;  ///< estimated
  bool divisible = false;
};

/// Hands out pieces. Keys are opaque here: only the server can compare them, so a piece is cut only where its reader is known to
/// stand, between two reads. All pieces of a table adjoin and together are the table.
class ChunkPool {
 public:
  /// Finds a key inside a piece's range, or nothing when it cannot be cut. Called in the taking worker's thread.
  using Split = std::function<std::optional<std::string>(const Piece& rest)>;

  /// `smallest`: estimated bytes below which what is left is not worth cutting.
  ChunkPool(std::vector<TableWork> tables, unsigned workers, std::uint64_t smallest);

  /// The next piece for this worker, whose former one is finished. Waits while others may still give something away.
  /// Nothing: there is no more, or stop() was called. Throws: what `split` throws.
  std::optional<Piece> take(unsigned worker, const Split& split);

  /// The worker has read its piece to the end. The table, when no part of it is left with anybody.
  std::optional<std::uint32_t> finished(unsigned worker);

  /// The worker is between two reads, has read `bytes` of its piece, up to the key `last` (nothing: none yet). The key at which
  /// its piece ends from now on, when somebody took the rest; it may wait until the other one has found it.
  std::optional<std::string> at_rest(unsigned worker, const std::optional<std::string>& last, std::uint64_t bytes);

  /// Wakes everybody and ends the handing out.
  void stop();

 private:
  enum class State { idle, reading, resting };
  struct Slot {
    State state = State::idle;
    Piece piece;
    std::optional<std::string> last;
    std::uint64_t read = 0;
    int asked_by = -1;
    std::optional<std::string> cut;
  };
  using Lock = std::unique_lock<std::mutex>;

  std::uint64_t left(const Slot& slot) const noexcept;
  Slot* richest();
  bool may_grow() const noexcept;
  std::optional<Piece> halve(Lock& lock, Slot& victim, const Split& split);
  void answer(Slot& victim, std::optional<std::string> cut);

  const std::uint64_t smallest_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Piece> whole_;
  std::vector<Slot> slots_;
  bool stopped_ = false;
};

}  // namespace flytt::plan
