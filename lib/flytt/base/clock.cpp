// SPDX-License-Identifier: MIT
#include <flytt/base/clock.hpp>

#include <algorithm>
#include <condition_variable>
#include <cstdio>

namespace flytt::base {

using std::chrono::nanoseconds;

Clock::~Clock() = default;

std::chrono::steady_clock::time_point SystemClock::now() { return std::chrono::steady_clock::now(); }

std::chrono::system_clock::time_point SystemClock::wall() { return std::chrono::system_clock::now(); }

bool SystemClock::sleep_for(nanoseconds duration, std::stop_token stop) {
  if (stop.stop_requested()) return false;
  if (duration <= nanoseconds(0)) return true;
  // now() + duration must not overflow; nobody waits for ten years.
  duration = std::min<nanoseconds>(duration, std::chrono::hours(24 * 3650));
  std::mutex mutex;
  std::condition_variable_any wake;
  std::unique_lock lock(mutex);
  wake.wait_for(lock, stop, duration, [] { return false; });
  return !stop.stop_requested();
}

std::chrono::steady_clock::time_point ManualClock::now() {
  std::lock_guard lock(mutex_);
  return std::chrono::steady_clock::time_point(std::chrono::hours(1)) + passed_;
}

std::chrono::system_clock::time_point ManualClock::wall() {
  using namespace std::chrono;
  std::lock_guard lock(mutex_);
  return sys_days(2026y / January / 1) + duration_cast<system_clock::duration>(passed_);
}

bool ManualClock::sleep_for(nanoseconds duration, std::stop_token stop) {
  if (stop.stop_requested()) return false;
  std::lock_guard lock(mutex_);
  if (duration > nanoseconds(0)) {
    passed_ += duration;
    slept_ += duration;
  }
  return true;
}

void ManualClock::advance(nanoseconds duration) {
  std::lock_guard lock(mutex_);
  passed_ += duration;
}

nanoseconds ManualClock::slept() const {
  std::lock_guard lock(mutex_);
  return slept_;
}

std::string iso8601_utc(std::chrono::system_clock::time_point when) {
  using namespace std::chrono;
  const auto ms = floor<milliseconds>(when);
  const auto day = floor<days>(ms);
  const year_month_day date(day);
  const hh_mm_ss time(ms - day);
  char text[64];
  std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", static_cast<int>(date.year()),
                static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), static_cast<int>(time.hours().count()),
                static_cast<int>(time.minutes().count()), static_cast<int>(time.seconds().count()),
                static_cast<int>(time.subseconds().count()));
  return text;
}

}  // namespace flytt::base
