// The lag by one clock: when was each position of the source seen, and which of them has the target applied?
// Layer: task (5).  Thread rule: one thread per object.
// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>

#include <flytt/base/clock.hpp>
#include <flytt/engine/replication.hpp>

namespace flytt::task {

struct LagReading {
  std::chrono::nanoseconds lag{0};  ///< age of the oldest position seen that is not applied; 0 when the newest is
  bool at_least = false;            ///< nothing was seen applied yet: the lag is this or more, never less
  bool stopped = false;             ///< the channel is gone or stands still: there is no lag to speak of
  std::optional<std::uint64_t> bytes;
  value::Position newest;           ///< of the source
};

class LagMeter {
 public:
  LagMeter(engine::Replication& source, engine::Replication& target, std::string channel, base::Clock& clock)
      : source_(source), target_(target), channel_(std::move(channel)), clock_(clock) {}

  /// Reads the source's position, then what the target has applied.
  LagReading sample();

 private:
  struct Seen {
    std::chrono::steady_clock::time_point at;
    value::Position position;
  };

  engine::Replication& source_;
  engine::Replication& target_;
  std::string channel_;
  base::Clock& clock_;
  std::deque<Seen> waiting_;  // not applied yet, oldest first
  bool any_applied_ = false;
};

}  // namespace flytt::task
