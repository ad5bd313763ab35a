// io-probe watch: sample, judge, show; and at the end one verdict.
// SPDX-License-Identifier: MIT
#include <flytt/task/probe.hpp>

#include <flytt/base/text.hpp>
#include <flytt/base/units.hpp>
#include <flytt/os/memory.hpp>
#include <flytt/os/terminal.hpp>
#include <flytt/task/probe_canary.hpp>
#include <flytt/task/probe_page.hpp>
#include <flytt/task/probe_sampler.hpp>
#include <flytt/task/probe_text.hpp>

#include <algorithm>
#include <array>
#include <csignal>

#include <unistd.h>

namespace flytt::task {
namespace {

using base::concat;
using base::Exit;
using plan::DiskState;
using std::chrono::nanoseconds;

double seconds_of(nanoseconds d) { return std::chrono::duration<double>(d).count(); }

class Watch {
 public:
  Watch(const ProbeWatchOptions& options, Output& out, const base::Context& ctx)
      : o_(options), out_(out), ctx_(ctx), files_(options.places.proc_root), places_(find_places(options.places, files_, ctx)),
        sampler_(files_, places_, {options.limits.util, ms_of(options.limits.await)}, {processes()}),
        quiet_(!ctx.log.enabled(base::Level::warn)) {}

  Exit run() {
    const bool nothing = std::all_of(sampler_.places().begin(), sampler_.places().end(), [](const auto& p) { return !p.unknown.empty(); });
    if (nothing && !o_.canary) return conclude();
    if (o_.canary) canary_.emplace(places_.places.front().path, *o_.canary);
    const std::stop_callback cancel(ctx_.stop, [this] {
      if (places_.server) places_.server->cancel_all();
    });
    os::release_unused_code();  // of a start with all clients' libraries, before days of looking
    loop();
    const Exit code = conclude();
    ctx_.check_stop();
    return code;
  }

 private:
  std::vector<unsigned> processes() const {
    std::vector<unsigned> out;
    if (o_.pid) out.push_back(static_cast<unsigned>(*o_.pid));
    if (places_.server_pid) out.push_back(*places_.server_pid);
    return out;
  }

  double now() const { return files_.recorded() ? *files_.recorded_seconds() : seconds_of(ctx_.clock.now().time_since_epoch()); }
  bool process_ended() const { return o_.pid && !files_.exists(concat("/proc/", *o_.pid)); }

  void loop() {
    sampler_.nominal = seconds_of(o_.interval);
    sampler_.sample(begin_ = now());
    auto next = ctx_.clock.now();
    while (!process_ended()) {
      next += o_.interval;
      if (files_.recorded()) {
        if (!files_.next()) return;
      } else {
        next = std::max(next, ctx_.clock.now());  // after a suspended hour the samples of it are not made up for
        if (!ctx_.clock.sleep_for(next - ctx_.clock.now(), ctx_.stop)) return;
      }
      sampler_.sample(now());
      ask_server();
      tell();
      if (o_.run_for && elapsed() + 1e-3 >= seconds_of(*o_.run_for)) return;
    }
  }
  double elapsed() const { return now() - begin_; }

  /// Never more than a hint: a server that does not answer is no reason to stop watching its disk.
  void ask_server() {
    if (!places_.storage || server_lost_) return;
    try {
      const auto activity = places_.storage->activity();
      sampler_.around.running = activity.running, sampler_.around.locked = activity.waiting_for_lock;
    } catch (const base::Error& e) {
      if (ctx_.stop.stop_requested()) return;
      server_lost_ = true;
      ctx_.log.warn(concat("the server is no longer asked what it waits for: ", e.message()));
    }
  }

  void tell() {
    const auto recent = canary_ ? canary_->recent() : plan::Latencies{};
    if (recent.count() != 0) p50_ = recent.percentile(0.5), p99_ = recent.percentile(0.99);
    std::vector<std::string> lines;
    for (auto& place : sampler_.places()) {
      const auto limiter = plan::limiter_of(place.verdict.state, sampler_.around);
      if (&place == &sampler_.places().front()) limiter_seconds_[static_cast<std::size_t>(limiter)] += std::max(0.0, sampler_.seconds);
      note(place);
      lines.push_back(line_of(place, recent));
      tell_record(place, limiter, recent);
    }
    if (!quiet_) out_.screen(lines);
  }

  void note(WatchedPlace& place) {
    const auto& r = place.rates;
    place.history.add({.seconds = static_cast<float>(elapsed()), .util = static_cast<float>(r.util), .await_ms = static_cast<float>(r.await_ms),
                       .megabytes = static_cast<float>(r.bytes() / 1e6), .queue = static_cast<float>(r.queue),
                       .flush_ms = static_cast<float>(r.flush_await_ms.value_or(0)), .commit_p50 = static_cast<float>(ms_of(p50_)),
                       .commit_p99 = static_cast<float>(ms_of(p99_)), .state = place.verdict.state});
  }

  std::string line_of(const WatchedPlace& place, const plan::Latencies& recent) const {
    const auto& r = place.rates;
    const auto time = base::iso8601_utc(ctx_.clock.wall()).substr(11, 8);
    std::string out = concat(time, "  ", place.role, "  ", place.disk, "  ", name(place.verdict.state));
    if (r.known() && place.unknown.empty()) {
      out += concat("  util ", probe_fixed(r.util, 0), " %  await ", probe_ms(r.await_ms), "  queue ", probe_fixed(r.queue, 1), "  r ", probe_rate(r.read_bytes),
                    "  w ", probe_rate(r.write_bytes), "  ", probe_fixed(r.reads + r.writes, 0), " IOPS");
      if (r.flush_await_ms) out += "  flush " + probe_ms(*r.flush_await_ms);
    }
    if (recent.count() != 0) out += "  commit " + probe_ms(p99_);
    if (!place.verdict.why.empty()) out += concat("  (", place.verdict.why, ')');
    return out;
  }

  void tell_record(const WatchedPlace& place, plan::Limiter limiter, const plan::Latencies& recent) {
    const auto& r = place.rates;
    base::Fields f{{"role", place.role}, {"disk", place.disk}, {"state", name(place.verdict.state)}, {"why", place.verdict.why}, {"seconds", r.seconds},
                   {"util", r.util}, {"util_raw", r.util_raw}, {"await_ms", r.await_ms}, {"await_corrected_ms", place.verdict.await_ms},
                   {"read_await_ms", r.read_await_ms}, {"write_await_ms", r.write_await_ms}, {"leaf_await_ms", place.leaf_await_ms}, {"queue", r.queue},
                   {"read_bytes_per_second", r.read_bytes}, {"write_bytes_per_second", r.write_bytes}, {"reads_per_second", r.reads},
                   {"writes_per_second", r.writes}, {"flushes_per_second", r.flushes}, {"in_flight", r.in_flight}};
    if (r.flush_await_ms) f.emplace_back("flush_await_ms", *r.flush_await_ms);
    if (recent.count() != 0) f.insert(f.end(), {{"commit_p50_ms", probe_number(p50_)}, {"commit_p99_ms", probe_number(p99_)}});
    if (sampler_.pressure_full >= 0) f.insert(f.end(), {{"pressure_some", sampler_.pressure_some}, {"pressure_full", sampler_.pressure_full}});
    f.insert(f.end(), {{"cpu", sampler_.around.cpu}, {"process_cores", sampler_.around.process_cores}, {"network", sampler_.around.network},
                       {"limiter", name(limiter)}});
    if (places_.storage) f.insert(f.end(), {{"running", sampler_.around.running}, {"waiting_for_lock", sampler_.around.locked}});
    out_.event("sample", f);
  }

  void say(const std::string& text) {
    summary_.push_back(text);
  }

  Exit conclude() {
    plan::WatchEnd end;
    for (const auto& place : sampler_.places()) end.places.push_back(place.end);
    if (canary_) end.canary = canary_->total();
    end.limiter_seconds = limiter_seconds_;
    const auto answer = plan::judge(end, {o_.limits.slow_share, ms_of(o_.limits.commit)});
    say(concat(name(answer.answer), "  limiter: ", name(answer.limiter)));
    for (const auto& reason : answer.reasons) say("  " + reason);
    for (const auto& place : sampler_.places()) tell_end(place);
    if (canary_) tell_canary(end.canary);
    say(concat("thresholds: util ", probe_fixed(o_.limits.util, 0), " % with await ", probe_ms(o_.limits.await), " in 5 of 10 samples, commit p99 ",
               probe_ms(o_.limits.commit), ", slow for at most ", probe_fixed(o_.limits.slow_share, 1), " % of the time"));
    for (const auto& group : sampler_.limit_groups()) say("a control group limits a disk: " + group);
    if (!quiet_ || answer.answer != plan::Answer::pass) {
      for (const auto& line : summary_) out_.line_always(line);
    }
    out_.result("verdict", name(answer.answer));
    out_.result("limiter", name(answer.limiter));
    out_.result("reasons", base::join(answer.reasons, "; "));
    if (!o_.report.empty()) write_watch_page(o_, sampler_.places(), answer, summary_, ctx_.clock.wall());
    return answer.answer == plan::Answer::pass ? Exit::done : answer.answer == plan::Answer::fail ? Exit::no : Exit::partial;
  }

  void tell_end(const WatchedPlace& place) {
    std::string shares;
    base::Fields fields{{"role", place.role}, {"disk", place.disk}, {"path", place.path}, {"unknown", place.unknown}, {"samples", place.end.samples}, {"worst_await_ms", place.end.worst_await_ms}};
    for (std::size_t i = 0; i < plan::kDiskStates; ++i) {
      const auto state = static_cast<DiskState>(i);
      if (place.end.shares.of(state) > 0) shares += concat("  ", name(state), ' ', probe_fixed(place.end.shares.percent(state), 1), " %");
      fields.emplace_back(base::lower(name(state)) + "_seconds", place.end.shares.of(state));
    }
    say(concat(place.role, "  ", place.disk.empty() ? place.path : place.disk, shares, place.unknown.empty() ? concat("  (", place.end.samples, " samples)") : "  UNKNOWN"));
    out_.event("place_end", fields);
  }

  void tell_canary(const plan::Latencies& l) {
    say(concat("commits of the canary: ", l.count(), "  p50 ", probe_ms(l.percentile(0.5)), "  p99 ", probe_ms(l.percentile(0.99)), "  max ", probe_ms(l.most())));
    out_.event("canary", {{"count", l.count()}, {"p50_ms", probe_number(l.percentile(0.5))}, {"p99_ms", probe_number(l.percentile(0.99))},
                          {"max_ms", probe_number(l.most())}});
  }

  const ProbeWatchOptions& o_;
  Output& out_;
  const base::Context& ctx_;
  os::KernelFiles files_;
  ProbePlaces places_;
  ProbeSampler sampler_;
  bool quiet_, server_lost_ = false;
  std::optional<ProbeCanary> canary_;
  nanoseconds p50_{0}, p99_{0};
  double begin_ = 0;
  std::array<double, plan::kLimiters> limiter_seconds_{};
  std::vector<std::string> summary_;
};

}  // namespace

Exit probe_watch(const ProbeWatchOptions& options, Output& out, const base::Context& ctx) {
  if (options.interval < std::chrono::milliseconds(10)) throw base::Error(Exit::usage, "--interval must be at least 10ms");
  if (options.canary && options.canary->count() <= 0) throw base::Error(Exit::usage, "--canary must be above zero");
  if (options.canary && !options.places.proc_root.empty()) throw base::Error(Exit::usage, "--canary and --proc-root exclude each other: a recording is not written to");
  if (options.pid && !os::KernelFiles(options.places.proc_root).exists(concat("/proc/", *options.pid))) throw base::Error(Exit::usage, concat("there is no process ", *options.pid));
  return Watch(options, out, ctx).run();
}

}  // namespace flytt::task
