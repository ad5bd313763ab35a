// SPDX-License-Identifier: MIT
#include <flytt/plan/disk_verdict.hpp>

#include <algorithm>
#include <charconv>

#include <flytt/base/text.hpp>

namespace flytt::plan {
namespace {

constexpr std::uint64_t kFewest = 5;      // samples below which nothing is said
constexpr std::uint64_t kFewCommits = 5;  // of the canary
constexpr std::uint64_t kCommitsForP99 = 100;
constexpr double kWorkSeconds = 5;        // with less a disk was idle
constexpr double kUnknownPercent = 5;     // of the time that may be missing

std::string tenth(double value) {
  char text[64];
  return {text, std::to_chars(text, text + sizeof text, value, std::chars_format::fixed, 1).ptr};
}

/// Raises the answer; unknown weighs less than a proven no and more than a warning.
void raise(WatchAnswer& out, Answer answer, std::string reason) {
  const auto weight = [](Answer a) { return a == Answer::pass ? 0 : a == Answer::warn ? 1 : a == Answer::unknown ? 2 : 3; };
  if (weight(answer) > weight(out.answer)) {
    out.answer = answer;
    out.reasons.insert(out.reasons.begin(), std::move(reason));
  } else {
    out.reasons.push_back(std::move(reason));
  }
}

void judge_place(const PlaceEnd& place, const WatchLimits& limits, WatchAnswer& out) {
  using base::concat;
  if (!place.unknown.empty()) return raise(out, Answer::unknown, concat(place.role, ": ", place.unknown));
  if (place.samples < kFewest) return raise(out, Answer::unknown, concat(place.role, ": only ", place.samples, " samples, too few to say"));
  for (const auto state : {DiskState::stalled, DiskState::throttled, DiskState::cliff, DiskState::saturated}) {
    if (place.shares.of(state) <= 0) continue;
    const double percent = 100 * place.shares.slow() / place.shares.total;
    raise(out, percent > limits.slow_percent ? Answer::fail : Answer::warn,
          concat(place.role, ": ", name(state), " for ", tenth(place.shares.of(state)), " s, ", tenth(place.shares.percent(state)), " % of the time"));
  }
  if (place.shares.percent(DiskState::unknown) > kUnknownPercent) {
    raise(out, Answer::unknown, concat(place.role, ": unknown for ", tenth(place.shares.percent(DiskState::unknown)), " % of the time"));
  }
  if (place.shares.of(DiskState::resync) > 0) {
    raise(out, Answer::warn, concat(place.role, ": an array was rebuilding for ", tenth(place.shares.percent(DiskState::resync)), " % of the time"));
  }
}

void judge_canary(const Latencies& canary, const WatchLimits& limits, WatchAnswer& out) {
  using base::concat;
  if (canary.count() == 0) return;
  const double p99 = static_cast<double>(canary.percentile(0.99).count()) / 1e6;
  const auto text = concat("p99 of ", canary.count(), " commits is ", tenth(p99), " ms");
  if (canary.count() < kFewCommits) return raise(out, Answer::unknown, concat("only ", canary.count(), " commits of the canary, too few to say"));
  // Of fewer than a hundred the p99 is the slowest: alone it is a hiccup, of the machine as likely as of the disk.
  if (const auto n = static_cast<double>(canary.count()); n < 100 && p99 > limits.commit_ms) {
    const double second = static_cast<double>(canary.percentile(1 - 1.5 / n).count()) / 1e6;
    if (second <= limits.commit_ms) return raise(out, Answer::warn, concat("one of ", canary.count(), " commits took ", tenth(p99), " ms, above ", tenth(limits.commit_ms)));
  }
  if (p99 > limits.commit_ms) return raise(out, Answer::fail, concat(text, ", above ", tenth(limits.commit_ms)));
  if (p99 > limits.commit_ms / 2) return raise(out, Answer::warn, concat(text, ", above half of ", tenth(limits.commit_ms)));
}

}  // namespace

std::string_view name(Answer answer) noexcept {
  switch (answer) {
    case Answer::pass: return "PASS";
    case Answer::warn: return "WARN";
    case Answer::fail: return "FAIL";
    case Answer::unknown: break;
  }
  return "UNKNOWN";
}

std::string_view name(Limiter limiter) noexcept {
  constexpr std::array<std::string_view, kLimiters> kNames{"none", "disk", "cpu", "network", "lock", "client"};
  return kNames[static_cast<std::size_t>(limiter)];
}

Limiter limiter_of(DiskState disk, const Surroundings& around) noexcept {
  if (is_slow(disk)) return Limiter::disk;
  if (around.locked > 0 && around.locked >= around.running / 2) return Limiter::lock;
  if (around.cpu >= 0.9 || around.process_cores >= 0.95) return Limiter::cpu;
  if (around.network >= 0.8) return Limiter::network;
  if (disk == DiskState::busy || disk == DiskState::resync) return Limiter::disk;
  const bool work = disk == DiskState::ok || around.running > 0 || around.process_cores >= 0.05;
  return work ? Limiter::client : Limiter::none;
}

double StateShares::slow() const noexcept {
  double out = 0;
  for (std::size_t i = 0; i < kDiskStates; ++i) out += is_slow(static_cast<DiskState>(i)) ? seconds[i] : 0;
  return out;
}

CommitAnswer judge_commits(const Latencies& commits, double limit_ms, bool asked) {
  using base::concat;
  const auto ms = [&](double part) { return static_cast<double>(commits.percentile(part).count()) / 1e6; };
  const double p50 = ms(0.5), p99 = ms(0.99);
  const std::string head = "with all parts at work ", limit = tenth(limit_ms) + " ms";
  if (commits.count() < kCommitsForP99) {
    const auto few = concat("only ", commits.count(), " commits ", head, ": too few for a p99");
    if (commits.count() >= kFewCommits && p50 > limit_ms) return {asked ? Answer::fail : Answer::pass, concat(few, ", and half of them took longer than ", limit)};
    return {asked ? Answer::unknown : Answer::pass, few};
  }
  if (p99 > limit_ms) return {asked ? Answer::fail : Answer::pass, concat(head, "the p99 of a commit is ", tenth(p99), " ms, above ", limit)};
  if (p99 > limit_ms / 2) return {asked ? Answer::warn : Answer::pass, concat(head, "the p99 of a commit is ", tenth(p99), " ms, above half of ", limit)};
  return {};
}

WatchAnswer judge(const WatchEnd& end, const WatchLimits& limits) {
  WatchAnswer out;
  if (end.places.empty()) {
    out.reasons.emplace_back("nothing was watched");
    return out;
  }
  out.answer = Answer::pass;
  for (const PlaceEnd& place : end.places) judge_place(place, limits, out);
  judge_canary(end.canary, limits, out);
  if (out.answer == Answer::pass) {
    const bool idle = std::all_of(end.places.begin(), end.places.end(), [](const PlaceEnd& p) {
      const double worked = p.shares.total - p.shares.of(DiskState::idle) - p.shares.of(DiskState::unknown);
      return p.shares.percent(DiskState::idle) > 95 && worked < kWorkSeconds;  // an hour of work in a week is work
    });
    if (idle) out.answer = Answer::unknown;  // nothing was seen that could have been too slow
    out.reasons.emplace_back(idle ? "the disks were idle: this says nothing about a load" : "no disk was too slow");
  }
  const auto& seconds = end.limiter_seconds;
  const auto most = std::max_element(seconds.begin() + 1, seconds.end());
  if (*most > 0) out.limiter = static_cast<Limiter>(most - seconds.begin());
  // A disk that was too slow at times is named even if something else held the work up for longer.
  const bool slow = std::any_of(end.places.begin(), end.places.end(), [](const PlaceEnd& p) { return p.shares.slow() > 0; });
  if (out.answer == Answer::fail && slow) out.limiter = Limiter::disk;
  return out;
}

}  // namespace flytt::plan
