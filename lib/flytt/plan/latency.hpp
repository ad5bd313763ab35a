// Percentiles of latencies in a few kilobytes, however many there are.
// Layer: plan (4).  Thread rule: one thread an object.
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <cmath>
#include <cstdint>

namespace flytt::plan {

/// Counts in buckets that are 1/32 of their power of two wide: what it answers is at most 3 % above the truth, never below.
/// The smallest and the largest are exact.
class Latencies {
 public:
  using Duration = std::chrono::nanoseconds;

  void add(Duration d) noexcept {
    const auto ns = static_cast<std::uint64_t>(std::max<std::int64_t>(0, d.count()));
    ++buckets_[bucket(ns)];
    ++count_;
    sum_ += static_cast<double>(ns);
    least_ = count_ == 1 ? ns : std::min(least_, ns);
    most_ = std::max(most_, ns);
  }
  void merge(const Latencies& other) noexcept {
    for (std::size_t i = 0; i < buckets_.size(); ++i) buckets_[i] += other.buckets_[i];
    if (other.count_ != 0) least_ = count_ == 0 ? other.least_ : std::min(least_, other.least_);
    count_ += other.count_;
    sum_ += other.sum_;
    most_ = std::max(most_, other.most_);
  }

  std::uint64_t count() const noexcept { return count_; }
  Duration least() const noexcept { return Duration(static_cast<std::int64_t>(least_)); }
  Duration most() const noexcept { return Duration(static_cast<std::int64_t>(most_)); }
  Duration mean() const noexcept { return Duration(count_ == 0 ? 0 : static_cast<std::int64_t>(sum_ / static_cast<double>(count_))); }

  /// The value that `share` (0.5, 0.99) of all are not above; 0 of none.
  Duration percentile(double share) const noexcept {
    const auto wanted = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(std::ceil(share * static_cast<double>(count_))));
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i < buckets_.size(); ++i) {
      seen += buckets_[i];
      if (seen >= wanted) return Duration(static_cast<std::int64_t>(std::clamp(upper(i), least_, most_)));
    }
    return most();
  }

 private:
  static constexpr unsigned kBits = 5;
  static constexpr std::uint64_t kSteps = 1u << kBits;
  static std::size_t bucket(std::uint64_t ns) noexcept {
    if (ns < kSteps) return ns;
    const unsigned shift = static_cast<unsigned>(std::bit_width(ns)) - 1 - kBits;
    return std::min<std::size_t>(kBuckets - 1, (shift + 1) * kSteps + ((ns >> shift) - kSteps));
  }
  static std::uint64_t upper(std::size_t i) noexcept {
    if (i < kSteps) return i;
    const auto shift = i / kSteps - 1;
    return ((i % kSteps + kSteps + 1) << shift) - 1;
  }

  static constexpr std::size_t kBuckets = 38 * kSteps;  // up to some 70 minutes
  std::array<std::uint32_t, kBuckets> buckets_{};
  std::uint64_t count_ = 0, least_ = 0, most_ = 0;
  double sum_ = 0;
};

}  // namespace flytt::plan
