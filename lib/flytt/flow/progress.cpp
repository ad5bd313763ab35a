// SPDX-License-Identifier: MIT
#include <flytt/flow/progress.hpp>

#include <utility>

namespace flytt::flow {

using std::chrono::nanoseconds;

namespace {

/// Before that a part of the work that was estimated far too large or small decides everything.
constexpr std::chrono::seconds kTooEarly{2};

}  // namespace

std::optional<unsigned> ProgressReport::percent() const {
  if (total == 0 || done > total || elapsed < kTooEarly) return std::nullopt;
  return static_cast<unsigned>(static_cast<double>(done) / static_cast<double>(total) * 100);
}

std::optional<nanoseconds> ProgressReport::eta() const {
  if (done == 0 || done >= total || elapsed < kTooEarly) return std::nullopt;
  const double left = static_cast<double>(elapsed.count()) / static_cast<double>(done) * static_cast<double>(total - done);
  if (left > 9e18) return std::nullopt;
  return nanoseconds(static_cast<nanoseconds::rep>(left));
}

ProgressReporter::ProgressReporter(const Progress& progress, base::Clock& clock, nanoseconds interval, Sink sink)
    : progress_(progress),
      clock_(clock),
      interval_(interval),
      sink_(std::move(sink)),
      started_(clock.now()),
      thread_([this](std::stop_token stop) { run(std::move(stop)); }) {}

ProgressReporter::~ProgressReporter() = default;

void ProgressReporter::report_now() {
  {
    std::lock_guard lock(mutex_);
    asked_ = true;
  }
  wake_.notify_one();
}

ProgressReport ProgressReporter::take() {
  ProgressReport report;
  report.bytes = progress_.bytes();
  report.rows = progress_.rows();
  report.done = progress_.done();
  report.total = progress_.total();
  report.elapsed = clock_.now() - started_;
  report.interval = report.elapsed - last_.elapsed;
  report.interval_bytes = report.bytes - last_.bytes;
  report.interval_rows = report.rows - last_.rows;
  last_ = report;
  return report;
}

void ProgressReporter::run(std::stop_token stop) {
  while (true) {
    {
      std::unique_lock lock(mutex_);
      const auto asked = [this] { return asked_; };
      if (interval_ > nanoseconds(0)) {
        wake_.wait_for(lock, stop, interval_, asked);
      } else {
        wake_.wait(lock, stop, asked);
      }
      asked_ = false;
    }
    if (stop.stop_requested()) return;
    try {
      sink_(take());
    } catch (...) {
      return;  // see Sink
    }
  }
}

}  // namespace flytt::flow
