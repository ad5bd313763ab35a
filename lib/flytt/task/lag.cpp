// lag-wait. The sampling is in LagMeter; here is the waiting.
// SPDX-License-Identifier: MIT
#include <flytt/task/lag.hpp>

#include <algorithm>

#include <flytt/base/text.hpp>
#include <flytt/task/lag_meter.hpp>
#include <flytt/task/later_stop.hpp>

namespace flytt::task {

using base::concat;
using base::Error;
using base::Exit;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using Time = std::chrono::steady_clock::time_point;

namespace {

/// What an answer that is under way may take beyond --timeout.
constexpr std::chrono::seconds kAnswerGrace{2};

std::string seconds_text(nanoseconds d) {
  const auto ms = std::chrono::duration_cast<milliseconds>(d).count();
  return concat(ms / 1000, ".", ms % 1000 / 100, ms % 100 / 10, ms % 10, " s");
}

/// When to give up: the timeout as a whole, or the time since the target's position last moved.
class Limits {
 public:
  Limits(const LagOptions& o, Time begin) : options_(o), begin_(begin), moved_(begin) {}
  void saw(const std::string& applied, Time now) {
    if (applied != applied_) moved_ = now;
    applied_ = applied;
  }
  /// Throws Error{Exit::timeout}.
  void check(Time now, const std::string& what) const {
    if (options_.timeout && !options_.no_progress && now - begin_ >= *options_.timeout)
      throw Error(Exit::timeout, concat(what, " within ", seconds_text(*options_.timeout), "; the target is at ", applied_));
    if (options_.no_progress && now - moved_ >= *options_.no_progress)
      throw Error(Exit::timeout, concat(what, ", and the target has not moved for ", seconds_text(*options_.no_progress), "; it is at ", applied_));
  }
  /// How long one wait may be.
  milliseconds slice(Time now, milliseconds most) const {
    auto rest = nanoseconds(most);
    if (options_.timeout && !options_.no_progress) rest = std::min<nanoseconds>(rest, begin_ + *options_.timeout - now);
    return std::max(milliseconds(1), std::chrono::duration_cast<milliseconds>(rest));
  }

 private:
  const LagOptions& options_;
  Time begin_, moved_;
  std::string applied_;
};

[[noreturn]] void stopped(const engine::ChannelStatus& s, const std::string& channel) {
  if (!s.exists) throw Error(Exit::replication, concat("the target has no channel ", channel), {.hint = "replica-ctl start makes one."});
  throw Error(Exit::replication, concat("replication has stopped: ", s.error.empty() ? "somebody stopped the channel" : s.error),
              {.hint = "Waiting longer will not help: see replica-ctl status."});
}

struct Sides {
  std::unique_ptr<engine::Replication> source;
  std::unique_ptr<engine::Replication> target;
  const LagOptions& options;
  Output& out;
  const base::Context& ctx;
};

/// For --zero and --position: one position, waited for in the server.
Exit wait_for(Sides& s, const value::Position& wanted, std::optional<bool> frozen) {
  const auto& o = s.options;
  const auto begin = s.ctx.clock.now();
  Limits limits(o, begin);
  for (;;) {
    const auto now = s.ctx.clock.now();
    const auto state = o.check ? s.target->applied(o.channel, wanted)
                               : s.target->wait_applied(o.channel, wanted, limits.slice(now, std::chrono::duration_cast<milliseconds>(o.sample)));
    const auto status = s.target->channel(o.channel);
    if (state == engine::Applied::stopped) stopped(status, o.channel);
    const bool reached = state == engine::Applied::yes;
    if (reached || o.check) {
      const auto bytes = reached ? std::optional<std::uint64_t>(0) : s.target->bytes_behind(o.channel, wanted);
      const std::string fence = !frozen ? "" : *frozen ? "; the source is fenced" : "; the source is not fenced and goes on writing";
      const auto text = concat(reached ? "applied " : "not applied ", wanted.display(), bytes && !reached ? concat(", ", *bytes, " bytes behind") : "", fence);
      reached ? s.out.line(text) : s.out.line_always(text);
      base::Fields fields{{"reached", reached}, {"position", wanted.display()}, {"applied", status.applied}};
      if (frozen) fields.emplace_back("frozen", *frozen);
      if (bytes) fields.emplace_back("bytes_behind", *bytes);
      s.out.event("position", fields);
      return reached ? Exit::done : Exit::no;
    }
    limits.saw(status.applied, now);
    limits.check(s.ctx.clock.now(), concat("the target did not apply ", wanted.display()));
    s.ctx.check_stop();
  }
}

/// `time`: of the line, for --watch; empty for the answer of a wait.
void print_lag(Sides& s, const LagReading& r, bool asked_for, const std::string& time = {}) {
  const auto text = concat(time, time.empty() ? "" : "  ", "lag ", seconds_text(r.lag), r.at_least ? " or more" : "", ", ", r.bytes ? concat(*r.bytes, " bytes") : std::string("bytes unknown"),
                    ", source at ", r.newest.display());
  asked_for ? s.out.line_always(text) : s.out.line(text);
  base::Fields fields{{"lag_seconds", std::chrono::duration<double>(r.lag).count()}, {"at_least", r.at_least}, {"position", r.newest.display()}};
  if (r.bytes) fields.emplace_back("bytes_behind", *r.bytes);
  s.out.event("lag", fields);
}

LagReading read(Sides& s, LagMeter& meter, Limits& limits) {
  const auto r = meter.sample();
  const auto status = s.target->channel(s.options.channel);
  if (r.stopped) stopped(status, s.options.channel);
  limits.saw(status.applied, s.ctx.clock.now());
  return r;
}

/// The lag is known to be small only after a position noted that long ago was seen applied: a check waits at most that long.
Exit below(Sides& s) {
  const auto& o = s.options;
  const auto begin = s.ctx.clock.now();
  LagMeter meter(*s.source, *s.target, o.channel, s.ctx.clock);
  Limits limits(o, begin);
  std::optional<Time> good_since;
  for (;;) {
    const auto r = read(s, meter, limits);
    const auto now = s.ctx.clock.now();
    if (r.lag > o.max_lag) good_since.reset();
    // A lag of "at least 20 ms" is no proof that it is under 500: the position noted must be applied within that time.
    else if (!r.at_least && !good_since) good_since = now;
    const bool decided = good_since.has_value() || r.lag > o.max_lag;
    if (good_since && now - *good_since >= o.sustained_for) {
      print_lag(s, r, false);
      return Exit::done;
    }
    if (o.check && decided && (r.lag > o.max_lag || o.sustained_for.count() == 0)) {
      print_lag(s, r, r.lag > o.max_lag);
      return r.lag > o.max_lag ? Exit::no : Exit::done;
    }
    limits.check(now, concat("the lag was not at most ", seconds_text(o.max_lag)));
    if (!s.ctx.clock.sleep_for(std::min<nanoseconds>(o.sample, limits.slice(now, milliseconds(10'000))), s.ctx.stop)) s.ctx.check_stop();
  }
}

Exit watch(Sides& s) {
  const auto& o = s.options;
  const auto begin = s.ctx.clock.now();
  LagMeter meter(*s.source, *s.target, o.channel, s.ctx.clock);
  Limits limits(o, begin);
  auto next_line = begin;
  for (;;) {
    const auto r = read(s, meter, limits);
    const auto now = s.ctx.clock.now();
    if (now >= next_line) {
      print_lag(s, r, true, base::iso8601_utc(s.ctx.clock.wall()));
      next_line = now + o.interval;
    }
    if (o.timeout && now - begin >= *o.timeout) return Exit::done;
    if (!s.ctx.clock.sleep_for(std::min(o.sample, o.interval), s.ctx.stop)) s.ctx.check_stop();
  }
}

}  // namespace

base::Exit lag(engine::Server& source, engine::Server& target, const LagOptions& o, Output& out, const base::Context& ctx) {
  if (o.mode == LagMode::position && o.position.empty()) throw Error(Exit::usage, "--position needs a position");
  if (o.sample.count() <= 0) throw Error(Exit::usage, "the sampling interval must be above zero");
  Sides s{o.mode == LagMode::position ? nullptr : source.replication(), target.replication(), o, out, ctx};
  if (const auto status = s.target->channel(o.channel); !status.exists) stopped(status, o.channel);
  switch (o.mode) {
    case LagMode::position: return wait_for(s, value::parse_position(o.position), std::nullopt);
    case LagMode::max_lag: return below(s);
    case LagMode::watch: return watch(s);
    case LagMode::zero: break;
  }
  // The fence first: a position that was read before it would promise too much.
  const bool frozen = s.source->fence_state().fenced;
  const auto wanted = s.source->current_position();
  return wait_for(s, wanted, frozen);
}

base::Exit lag(const LagOptions& options, Output& out, const base::Context& ctx) {
  // The limits are looked at between two answers: a server that gives none has to be left.
  const bool limited = options.timeout && !options.no_progress;
  const TimeLimit limit(ctx.clock, ctx.stop, limited ? std::optional<nanoseconds>(*options.timeout + kAnswerGrace) : std::nullopt);
  const auto inner = ctx.with_stop(limit.token());
  const auto target = engine::open(options.target, inner);
  const auto source = options.mode == LagMode::position ? nullptr : engine::open(options.source, inner);
  // Unlike replica-ctl, nothing has to be put back: a signal ends what the servers are doing for us.
  const std::stop_callback cancel(limit.token(), [&] {
    if (source) source->cancel_all();
    target->cancel_all();
  });
  try {
    return lag(source ? *source : *target, *target, options, out, inner);
  } catch (const Error& e) {
    if (!limit.over() || ctx.stop.stop_requested()) throw;
    throw Error(Exit::timeout, concat("the time limit of ", seconds_text(*options.timeout), " was reached, and a server does not answer"), e.facts());
  }
}

}  // namespace flytt::task
