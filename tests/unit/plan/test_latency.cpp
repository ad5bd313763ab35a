// SPDX-License-Identifier: MIT
#include "support/catch.hpp"

#include <flytt/plan/distance.hpp>
#include <flytt/plan/latency.hpp>

#include <algorithm>
#include <random>
#include <vector>

using namespace flytt::plan;
using std::chrono::nanoseconds;

TEST_CASE("percentiles are never below the truth and at most 4 % above it") {
  std::mt19937_64 random(4711);
  std::lognormal_distribution<double> spread(13, 2);
  Latencies counted;
  std::vector<std::int64_t> all;
  for (int i = 0; i < 20'000; ++i) {
    all.push_back(static_cast<std::int64_t>(spread(random)));
    counted.add(nanoseconds(all.back()));
  }
  std::sort(all.begin(), all.end());
  for (const double share : {0.01, 0.5, 0.95, 0.99, 0.999, 1.0}) {
    const auto truth = all[static_cast<std::size_t>(std::ceil(share * 20'000)) - 1];
    const auto said = counted.percentile(share).count();
    CHECK(said >= truth);
    CHECK(static_cast<double>(said) <= 1.04 * static_cast<double>(truth));
  }
  CHECK(counted.least().count() == all.front());
  CHECK(counted.most().count() == all.back());
}

TEST_CASE("no latency, one latency, two halves") {
  Latencies none;
  CHECK(none.percentile(0.99).count() == 0);
  Latencies one;
  one.add(nanoseconds(1'234'567));
  CHECK(one.percentile(0.5).count() == 1'234'567);
  one.merge(none);
  CHECK(one.least().count() == 1'234'567);
  none.merge(one);
  CHECK(none.count() == 1);
  CHECK(none.least().count() == 1'234'567);
  Latencies day;
  day.add(std::chrono::hours(24));
  CHECK(day.percentile(0.99) == std::chrono::hours(24));
}

TEST_CASE("distances by the usual references, and what follows") {
  using std::chrono::milliseconds;
  CHECK(distance_of(nanoseconds(40'000)) == Distance::same_host);
  CHECK(distance_of(nanoseconds(400'000)) == Distance::same_zone);
  CHECK(distance_of(nanoseconds(1'900'000)) == Distance::same_region);
  CHECK(distance_of(milliseconds(30)) == Distance::same_continent);
  CHECK(distance_of(milliseconds(95)) == Distance::other_continent);
  CHECK(rows_one_by_one(milliseconds(10)) == Approx(100));
  CHECK(ssh_bytes_per_second(milliseconds(80)) == Approx(26.2e6).epsilon(0.01));
  CHECK(ssh_lanes(milliseconds(80), 125e6) == 5);
  CHECK(ssh_lanes(nanoseconds(100), 125e6) == 1);
}
