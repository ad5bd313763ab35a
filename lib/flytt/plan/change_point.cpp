// SPDX-License-Identifier: MIT
#include <flytt/plan/change_point.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

namespace flytt::plan {
namespace {

using Values = std::vector<float>;

float quantile(const Values& sorted, double share) {
  return sorted[static_cast<std::size_t>(share * static_cast<double>(sorted.size() - 1))];
}

/// How many standard deviations the second lot ranks below the first.
double rank_distance(const Values& before, const Values& after) {
  double u = 0;  // pairs in which `before` is the larger
  for (const float b : before) {
    const auto below = std::lower_bound(after.begin(), after.end(), b);
    const auto ties = std::upper_bound(below, after.end(), b) - below;
    u += static_cast<double>(below - after.begin()) + 0.5 * static_cast<double>(ties);
  }
  const auto n = static_cast<double>(before.size()), m = static_cast<double>(after.size());
  return (u - n * m / 2) / std::sqrt(n * m * (n + m + 1) / 12);
}

}  // namespace

std::optional<Change> ChangePoint::add(double value) {
  ++seen_;
  last_.push_back(static_cast<float>(value));
  if (last_.size() < 2 * window_) return std::nullopt;
  if (last_.size() > 2 * window_) last_.pop_front();
  const auto middle = last_.begin() + static_cast<std::ptrdiff_t>(window_);
  Values before(last_.begin(), middle), after(middle, last_.end());
  std::sort(before.begin(), before.end());
  std::sort(after.begin(), after.end());
  const float was = quantile(before, 0.5), is = quantile(after, 0.5);
  if (!(was > 0) || is > 0.75F * was) return std::nullopt;
  if (quantile(after, 0.9) > 0.85F * was) return std::nullopt;
  if (rank_distance(before, after) < 3.1) return std::nullopt;
  const Change out{seen_ - window_, was, is};
  last_.erase(last_.begin(), middle);
  return out;
}

}  // namespace flytt::plan
