// SPDX-License-Identifier: MIT
#include "support/catch.hpp"
#include "support/soon.hpp"

#include <flytt/flow/progress.hpp>

#include <stdexcept>
#include <vector>

using namespace flytt::flow;
using namespace std::chrono_literals;

namespace {

/// Keeps the reports and lets a test wait for the n-th.
class Reports {
public:
  ProgressReporter::Sink sink() {
    return [this](const ProgressReport& report) {
      std::lock_guard lock(mutex_);
      all_.push_back(report);
      came_.notify_all();
    };
  }
  ProgressReport wait_for(std::size_t n) {
    std::unique_lock lock(mutex_);
    const bool in_time = came_.wait_until(lock, std::chrono::system_clock::now() + 60s, [&] { return all_.size() >= n; });
    REQUIRE(in_time);
    return all_[n - 1];
  }
  std::size_t count() {
    std::lock_guard lock(mutex_);
    return all_.size();
  }

private:
  std::mutex mutex_;
  std::condition_variable came_;
  std::vector<ProgressReport> all_;
};

}  // namespace

TEST_CASE("a report on demand holds the counters and what was added since the last") {
  Progress progress;
  flytt::base::ManualClock clock;
  Reports reports;
  ProgressReporter reporter(progress, clock, 0s, reports.sink());
  progress.add_total(10);
  progress.add_bytes(1000);
  progress.add_rows(7);
  progress.add_done(2);
  clock.advance(4s);
  reporter.report_now();
  const auto first = reports.wait_for(1);
  CHECK(first.bytes == 1000);
  CHECK(first.rows == 7);
  CHECK(first.elapsed == 4s);
  CHECK(first.interval_bytes == 1000);
  CHECK(first.eta() == 16s);

  progress.add_bytes(500);
  progress.add_rows(1);
  progress.add_done(8);
  clock.advance(1s);
  reporter.report_now();
  const auto second = reports.wait_for(2);
  CHECK(second.bytes == 1500);
  CHECK(second.interval == 1s);
  CHECK(second.interval_bytes == 500);
  CHECK(second.interval_rows == 1);
  CHECK_FALSE(second.eta());
  CHECK(second.percent() == 100U);
  CHECK(reports.count() == 2);
}

TEST_CASE("there is no eta before it can be said") {
  ProgressReport report;
  report.elapsed = 5s;
  CHECK_FALSE(report.eta());
  report.total = 10;
  CHECK_FALSE(report.eta());
  report.done = 1;
  CHECK(report.eta() == 45s);
  CHECK(report.percent() == 10U);
  report.elapsed = 1s;
  CHECK_FALSE(report.eta());
  CHECK_FALSE(report.percent());
  report.elapsed = 5s;
  report.done = 11;
  CHECK_FALSE(report.eta());
  CHECK_FALSE(report.percent());
  report.done = 1;
  report.total = UINT64_MAX;
  report.elapsed = 24h * 365;
  CHECK_FALSE(report.eta());
}

TEST_CASE("a total that was estimated is corrected as its parts are known") {
  Progress progress;
  progress.add_total(100);
  progress.add_total(10);
  progress.correct_total(100, 7);
  CHECK(progress.total() == 17);
  progress.correct_total(10, 500);
  CHECK(progress.total() == 507);
}

TEST_CASE("reports come by themselves at each interval") {
  Progress progress;
  flytt::base::SystemClock clock;
  Reports reports;
  ProgressReporter reporter(progress, clock, 5ms, reports.sink());
  CHECK(reports.wait_for(3).elapsed >= 15ms);
}

TEST_CASE("the end of a reporter does not wait for the interval, and is no report") {
  Progress progress;
  flytt::base::SystemClock clock;
  Reports reports;
  const auto begin = clock.now();
  { ProgressReporter reporter(progress, clock, 1h, reports.sink()); }
  CHECK(clock.now() - begin < 30min);
  CHECK(reports.count() == 0);
}

TEST_CASE("a sink that throws ends the reports and nothing else") {
  Progress progress;
  flytt::base::SystemClock clock;
  std::atomic<int> calls{0};
  {
    ProgressReporter reporter(progress, clock, 1ms, [&](const ProgressReport&) {
      ++calls;
      throw std::runtime_error("no terminal");
    });
    flytt::test::soon([&] { return calls > 0; });
    std::this_thread::sleep_for(20ms);
    reporter.report_now();
  }
  CHECK(calls == 1);
}
