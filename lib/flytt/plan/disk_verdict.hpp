// From all samples of a watch to one answer: good enough or not, and what the limit was.
// Layer: plan (4).  Thread rule: one thread an object.
// SPDX-License-Identifier: MIT
#pragma once

#include <flytt/plan/disk_state.hpp>
#include <flytt/plan/latency.hpp>

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace flytt::plan {

enum class Answer { pass, warn, fail, unknown };
std::string_view name(Answer answer) noexcept;

enum class Limiter : unsigned char { none, disk, cpu, network, lock, client };
inline constexpr std::size_t kLimiters = 6;
std::string_view name(Limiter limiter) noexcept;

/// What else was going on in a sample, besides the disk.
struct Surroundings {
  double cpu = 0;             ///< share of all processors, 0 to 1
  double process_cores = 0;   ///< of the busiest watched process (the restore, the server); 1 is one processor
  double network = 0;         ///< share of the fastest interface's speed; 0 when unknown
  unsigned running = 0, locked = 0;  ///< the server's sessions
};

/// What held the work up in one sample; none when there was no work.
Limiter limiter_of(DiskState disk, const Surroundings& around) noexcept;

/// Counts states of one place.
struct StateShares {
  std::array<double, kDiskStates> seconds{};
  double total = 0;

  void add(DiskState state, double duration) {
    seconds[static_cast<std::size_t>(state)] += duration;
    total += duration;
  }
  double of(DiskState state) const noexcept { return seconds[static_cast<std::size_t>(state)]; }
  double percent(DiskState state) const noexcept { return total > 0 ? 100 * of(state) / total : 0; }
  double slow() const noexcept;  ///< seconds in slow states
};

/// One place at the end.
struct PlaceEnd {
  std::string role;
  std::string unknown;  ///< why its disks cannot be judged at all; empty when they can
  StateShares shares;
  std::uint64_t samples = 0;
  double worst_await_ms = 0;
};

struct WatchEnd {
  std::vector<PlaceEnd> places;
  Latencies canary;              ///< none when there was no canary
  std::array<double, kLimiters> limiter_seconds{};
};

struct WatchLimits {
  double slow_percent = 0;  ///< of the time that may be slow
  double commit_ms = 20;    ///< p99 of the canary; half of it already warns
};

struct WatchAnswer {
  Answer answer = Answer::unknown;
  Limiter limiter = Limiter::none;
  std::vector<std::string> reasons;  ///< sentences, the weightiest first
};

/// What the commits of a write test say.
struct CommitAnswer {
  Answer answer = Answer::pass;
  std::string text;  ///< a sentence; empty when there is nothing to say
};

/// `asked`: a limit is the question; else what is above it is told and decides nothing. Too few commits for a p99 are no proof of
/// anything but a limit that half of them are above.
CommitAnswer judge_commits(const Latencies& commits, double limit_ms, bool asked);

/// The worst finding decides. Nothing that was not seen is ever a pass.
WatchAnswer judge(const WatchEnd& end, const WatchLimits& limits);

}  // namespace flytt::plan
