// Finds the moment when a throughput falls and stays down: credits, a cache or a link that is used up.
// Layer: plan (4).  Thread rule: one thread an object.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>

namespace flytt::plan {

struct Change {
  std::uint64_t at = 0;  ///< the sample with which it began, counted from 0
  double before = 0, after = 0;  ///< medians
};

/// Compares the last `window` samples with as many before them: the median must have fallen by a quarter, a rank test
/// (Mann-Whitney, p < 0.001) must agree, and the new samples must stay below: a saw-tooth (a checkpoint, a journal) is no cliff.
class ChangePoint {
 public:
  explicit ChangePoint(std::size_t window = 30) : window_(window) {}
  /// The change, once, when it has lasted for a window. The same drop is not told twice.
  std::optional<Change> add(double value);

 private:
  std::size_t window_;
  std::uint64_t seen_ = 0;
  std::deque<float> last_;
};

}  // namespace flytt::plan
