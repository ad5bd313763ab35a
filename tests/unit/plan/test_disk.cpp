// SPDX-License-Identifier: MIT
#include "support/catch.hpp"

#include <flytt/plan/disk_rates.hpp>
#include <flytt/plan/disk_state.hpp>
#include <flytt/plan/disk_verdict.hpp>

#include <random>

using namespace flytt::plan;
using flytt::os::DiskCounters;

namespace {

DiskCounters counters(std::uint64_t writes, std::uint64_t sectors, std::uint64_t write_ms, std::uint64_t busy, std::uint64_t weighted) {
  DiskCounters out;
  out.fields = 17;
  out.writes = writes, out.write_sectors = sectors, out.write_ms = write_ms, out.busy_ms = busy, out.weighted_ms = weighted;
  return out;
}

DiskSample sample(double util, double await, double bytes = 50e6, double queue = 8) {
  DiskSample out;
  out.rates.seconds = 1, out.rates.util = out.rates.util_raw = util, out.rates.await_ms = await;
  out.rates.write_bytes = bytes, out.rates.queue = queue, out.rates.writes = bytes / 16384, out.rates.request_bytes = 16384;
  return out;
}

DiskState after(DiskJudge& judge, DiskSample s, int times = 1) {
  DiskState out = DiskState::unknown;
  for (int i = 0; i < times; ++i) out = judge.add(s).state;
  return out;
}

}  // namespace

TEST_CASE("rates of one second, as iostat has them") {
  const auto r = rates_between(counters(100, 0, 0, 0, 0), counters(300, 40'960, 3'000, 900, 3'000), 1, true);
  CHECK(r.known());
  CHECK(r.writes == Approx(200));
  CHECK(r.write_bytes == Approx(40'960 * 512.0));
  CHECK(r.await_ms == Approx(15));
  CHECK(r.queue == Approx(3));
  CHECK(r.util == Approx(90));
}

TEST_CASE("counters that wrap at 32 bits go on") {
  const std::uint64_t top = 0xffff'ff00;
  auto a = counters(top, top, top, top, top), b = counters(44, 44, 44, 244, 44);
  const auto r = rates_between(a, b, 1, true);
  CHECK(r.known());
  CHECK(r.writes == Approx(300));
  CHECK(r.util_raw == Approx(50));
  CHECK(r.await_ms == Approx(1));
}

TEST_CASE("a device that is gone, made anew, or whose clock stood still says nothing") {
  const auto a = counters(1'000, 1'000, 1'000, 1'000, 1'000);
  CHECK_FALSE(rates_between(a, std::nullopt, 1, true).known());
  CHECK_FALSE(rates_between(a, a, 1, false).known());
  CHECK_FALSE(rates_between(a, a, 0, true).known());
  CHECK_FALSE(rates_between(a, a, -5, true).known());
  CHECK_FALSE(rates_between(a, counters(3, 3, 3, 3, 3), 1, true).known());
  CHECK_FALSE(rates_between(a, counters(1'000, 1'000, 1'000, 500, 1'000), 1, true).known());
}

TEST_CASE("util is no more than the queue: a kernel that counts ticks makes an idle disk look busy") {
  const auto r = rates_between(counters(0, 0, 0, 0, 0), counters(250, 2'000, 25, 900, 25), 1, true);
  CHECK(r.util_raw == Approx(90));
  CHECK(r.util == Approx(2.5));
  DiskJudge judge;
  CHECK(judge.add({r}).state == DiskState::idle);
}

TEST_CASE("a disk that answers nothing is stalled, though its await is 0") {
  auto a = counters(10, 10, 10, 0, 0), b = counters(10, 10, 10, 1'000, 0);
  a.in_flight = b.in_flight = 5;
  const auto r = rates_between(a, b, 1, true);
  CHECK(r.await_ms == 0);
  CHECK(r.stalled);
  DiskJudge judge;
  CHECK(judge.add({r}).state == DiskState::stalled);
  b.flushes = 3;  // it answers, but no write ends: no stall, and not idle either
  CHECK_FALSE(rates_between(a, b, 1, true).stalled);
  CHECK(rates_between(a, b, 1, true).util == Approx(100));
  b.writes = 11;
  CHECK_FALSE(rates_between(a, b, 1, true).stalled);
}

TEST_CASE("saturated: full and slow in five of ten samples, not in four") {
  DiskJudge judge;
  CHECK(after(judge, sample(50, 2)) == DiskState::ok);
  CHECK(after(judge, sample(5, 1)) == DiskState::idle);
  CHECK(after(judge, sample(100, 30), 4) == DiskState::busy);
  CHECK(after(judge, sample(100, 30)) == DiskState::saturated);
  CHECK(after(judge, sample(100, 5)) == DiskState::busy);
  CHECK(after(judge, sample(60, 30)) == DiskState::ok);
}

TEST_CASE("more queue that brings more work is no saturation") {
  DiskJudge judge;
  for (int i = 1; i <= 30; ++i) CHECK(after(judge, sample(100, 30, 20e6 * i, 2.0 * i)) == DiskState::busy);
}

TEST_CASE("large requests may take the time that moving them takes, on a disk worth the name") {
  DiskJudge fast, slow;
  auto large = sample(100, 14, 200e6);
  large.rates.request_bytes = 1 << 20;
  CHECK(after(fast, large, 12) == DiskState::busy);
  auto crawling = sample(100, 100, 10e6);
  crawling.rates.request_bytes = 1 << 20;
  CHECK(after(slow, crawling, 12) == DiskState::saturated);
}

TEST_CASE("throttled: by a control group, or at a plateau that is a round number") {
  DiskJudge group;
  auto s = sample(20, 1);
  s.limit_share = 0.97;
  after(group, s, 2);
  CHECK(after(group, s) == DiskState::throttled);
  DiskJudge bucket, other;
  auto even = sample(100, 5, 3000 * 16384.0, 12);
  CHECK(after(bucket, even, 25) == DiskState::throttled);
  even = sample(100, 5, 3'211 * 16384.0, 12);
  CHECK(after(other, even, 25) == DiskState::busy);
}

TEST_CASE("a cliff: the throughput falls while the disk stays full, and stays down") {
  DiskJudge judge;
  std::mt19937 random(7);
  std::normal_distribution<double> noise(1, 0.1);
  for (int i = 0; i < 60; ++i) CHECK(judge.add(sample(100, 4, 180e6 * noise(random))).state != DiskState::cliff);
  DiskState state = DiskState::ok;
  for (int i = 0; i < 35; ++i) state = judge.add(sample(100, 4, 62e6 * noise(random))).state;
  CHECK(state == DiskState::cliff);
  CHECK(judge.add(sample(10, 4, 1e6)).state == DiskState::idle);
}

TEST_CASE("change points: a fall once; no fall for noise, a saw-tooth, a rise") {
  std::mt19937 random(11);
  std::normal_distribution<double> noise(1, 0.15);
  ChangePoint noisy, saw, rise, fall;
  int told = 0;
  for (int i = 0; i < 2'000; ++i) {
    CHECK_FALSE(noisy.add(100 * noise(random)));
    CHECK_FALSE(saw.add(i % 20 < 12 ? 40 : 100));
    CHECK_FALSE(rise.add(100 + i));
    if (const auto change = fall.add((i < 1'000 ? 200 : 80) * noise(random))) {
      ++told;
      CHECK(change->at >= 970);
      CHECK(change->at <= 1'010);
      CHECK(change->after < 100);
    }
  }
  CHECK(told == 1);
}

TEST_CASE("commits of a write test: a limit that was asked for decides, and few of them prove little") {
  Latencies commits;
  const auto add = [&](int count, int ms) {
    for (int i = 0; i < count; ++i) commits.add(std::chrono::milliseconds(ms));
  };
  add(50, 1), add(10, 100);
  CHECK(judge_commits(commits, 20, true).answer == Answer::unknown);
  CHECK(judge_commits(commits, 0.5, true).answer == Answer::fail);
  add(140, 1);
  CHECK(judge_commits(commits, 20, true).answer == Answer::fail);
  CHECK(judge_commits(commits, 20, false).answer == Answer::pass);
  CHECK(judge_commits(commits, 20, false).text.find("p99 of a commit is") != std::string::npos);
  CHECK(judge_commits(commits, 150, true).answer == Answer::warn);
  CHECK(judge_commits(commits, 1000, true).text.empty());
}

TEST_CASE("the verdict: the worst decides, and what was not seen is no pass") {
  WatchEnd end;
  CHECK(judge(end, {}).answer == Answer::unknown);
  end.places.push_back({.role = "data", .unknown = {}, .shares = {}, .samples = 3});
  CHECK(judge(end, {}).answer == Answer::unknown);
  end.places[0].samples = 100;
  end.places[0].shares.add(DiskState::idle, 100);
  CHECK(judge(end, {}).answer == Answer::unknown);
  CHECK(judge(end, {}).reasons.front().find("idle") != std::string::npos);
  end.places[0].shares.add(DiskState::ok, 50);
  CHECK(judge(end, {}).answer == Answer::pass);
  end.places[0].shares.add(DiskState::unknown, 15);
  CHECK(judge(end, {}).answer == Answer::unknown);
  end.places[0].shares.add(DiskState::saturated, 2);
  const auto no = judge(end, {});
  CHECK(no.answer == Answer::fail);
  CHECK(no.limiter == Limiter::disk);
  CHECK(no.reasons.front().find("SATURATED for 2.0 s") != std::string::npos);
  end.places.push_back({.role = "temp", .unknown = "tmpfs is memory", .shares = {}});
  CHECK(judge(end, {}).answer == Answer::fail);
}

TEST_CASE("the canary's p99 warns at half of the limit and fails above it") {
  WatchEnd end;
  end.places.push_back({.role = "data", .unknown = {}, .shares = {}, .samples = 100});
  end.places[0].shares.add(DiskState::ok, 100);
  for (int i = 0; i < 3; ++i) end.canary.add(std::chrono::milliseconds(1));
  CHECK(judge(end, {}).answer == Answer::unknown);
  for (int i = 0; i < 97; ++i) end.canary.add(std::chrono::milliseconds(1));
  CHECK(judge(end, {}).answer == Answer::pass);
  for (int i = 0; i < 5; ++i) end.canary.add(std::chrono::milliseconds(12));
  CHECK(judge(end, {}).answer == Answer::warn);
  for (int i = 0; i < 5; ++i) end.canary.add(std::chrono::milliseconds(30));
  CHECK(judge(end, {}).answer == Answer::fail);
}

TEST_CASE("one slow commit of a few is a warning, and a second one a failure") {
  const auto after = [](int slow) {
    WatchEnd end;
    end.places.push_back({.role = "data", .unknown = {}, .shares = {}, .samples = 17});
    end.places[0].shares.add(DiskState::ok, 17);
    for (int i = 0; i < 17 - slow; ++i) end.canary.add(std::chrono::milliseconds(1));
    for (int i = 0; i < slow; ++i) end.canary.add(std::chrono::milliseconds(40));
    return judge(end, {});
  };
  CHECK(after(0).answer == Answer::pass);
  CHECK(after(1).answer == Answer::warn);
  CHECK(after(1).reasons.front().find("one of 17 commits") != std::string::npos);
  CHECK(after(2).answer == Answer::fail);
}

TEST_CASE("what held the work up") {
  CHECK(limiter_of(DiskState::saturated, {.cpu = 1}) == Limiter::disk);
  CHECK(limiter_of(DiskState::ok, {.cpu = 0.95}) == Limiter::cpu);
  CHECK(limiter_of(DiskState::ok, {.process_cores = 0.99}) == Limiter::cpu);
  CHECK(limiter_of(DiskState::ok, {.network = 0.9}) == Limiter::network);
  CHECK(limiter_of(DiskState::idle, {.running = 4, .locked = 3}) == Limiter::lock);
  CHECK(limiter_of(DiskState::busy, {}) == Limiter::disk);
  CHECK(limiter_of(DiskState::ok, {.cpu = 0.3, .running = 1}) == Limiter::client);
  CHECK(limiter_of(DiskState::idle, {}) == Limiter::none);
}
