// io-probe write: a restore's parts one after the other, then all together; and what follows for a real one.
// SPDX-License-Identifier: MIT
#include <flytt/task/probe.hpp>

#include <flytt/base/text.hpp>
#include <flytt/base/units.hpp>
#include <flytt/os/mounts.hpp>
#include <flytt/plan/change_point.hpp>
#include <flytt/plan/restore_time.hpp>
#include <flytt/task/probe_page.hpp>
#include <flytt/task/probe_places.hpp>
#include <flytt/task/probe_text.hpp>
#include <flytt/task/probe_writers.hpp>

#include <algorithm>
#include <cmath>
#include <exception>
#include <filesystem>
#include <memory>
#include <thread>

namespace flytt::task {
namespace {

using base::concat;
using base::Error;
using base::Exit;
using std::chrono::nanoseconds;

constexpr unsigned kCheckpointers = 2;
constexpr std::uint64_t kLeast = std::uint64_t{128} << 20;  // of free space that is used
constexpr double kAloneShare = 0.15;                        // of time and bytes for each part alone

/// One part of the pattern at work.
struct Part {
  const char* name;
  std::vector<std::unique_ptr<ProbeWriter>> writers;

  std::uint64_t bytes() const {
    std::uint64_t out = 0;
    for (const auto& w : writers) out += w->bytes();
    return out;
  }
  std::uint64_t units() const {
    std::uint64_t out = 0;
    for (const auto& w : writers) out += w->units();
    return out;
  }
};

struct Measured {
  double seconds = 0, bytes = 0, units = 0;
  plan::Latencies latencies;
  double rate() const { return seconds > 0 ? bytes / seconds : 0; }
};

class WriteProbe {
 public:
  WriteProbe(const ProbeWriteOptions& o, Output& out, const base::Context& ctx)
      : o_(o), out_(out), ctx_(ctx), pattern_(engine::write_pattern(o.engine)) {}

  Exit run() {
    const os::KernelFiles files;
    const auto found = find_places({.dir = o_.dir, .roles = {}, .db = {}, .proc_root = {}}, files, ctx_);
    place_ = found.places.front().path;
    if (found.places.front().mount) {
      // Disks that cannot be named can be measured all the same; memory cannot.
      unknown_ = os::blind_spot(*found.places.front().mount);
    }
    plan_space();
    const double all = std::chrono::duration<double>(o_.run_for).count();
    try {
      for (const char* kind : {"commit", "extend", "checkpoint"}) {
        parts_.push_back(parts(kind));
        alone(parts_.back(), kAloneShare * all);
      }
      together(all * (1 - 3 * kAloneShare));
    } catch (const Error& e) {
      throw Error(e.code(), concat(e.message(), " after ", written(), " bytes in ", place_), e.facts());
    }
    return conclude();
  }

 private:
  void plan_space() {
    std::error_code error;
    const auto space = std::filesystem::space(place_, error);
    if (error) base::throw_errno("cannot see how much is free in " + place_, error.value());
    const std::uint64_t kept = std::max<std::uint64_t>(space.capacity / 20, std::uint64_t{64} << 20);
    const std::uint64_t free = space.available > kept ? space.available - kept : 0;
    if (free < kLeast) {
      throw Error(Exit::io, concat("too little space in ", place_, ": ", base::format_bytes(space.available), " are free, and 5 % are kept so; 0 bytes written"),
                  {.hint = "The test needs 128 MiB more than that."});
    }
    space_ = free;
    if (o_.bytes != 0) space_ = std::min(space_, o_.bytes);
  }

  /// Tables that a checkpoint goes over: larger ones for a longer run, so that filling them takes no longer than it.
  std::uint64_t table_space() const {
    return std::max<std::uint64_t>(std::uint64_t{32} << 20, static_cast<std::uint64_t>(std::chrono::duration<double>(o_.run_for).count() * (16 << 20)));
  }

  Part parts(std::string_view kind) {
    Part out{};
    if (kind == "commit") {
      out.name = "commit";
      out.writers.push_back(make_commits(place_, pattern_, space_ / 8, ctx_.stop));
    } else if (kind == "extend") {
      out.name = "extend";
      out.writers.push_back(make_extend(place_, space_ / 2));
    } else {
      out.name = "checkpoint";
      for (unsigned i = 0; i < kCheckpointers; ++i) out.writers.push_back(make_checkpoint(place_, pattern_, std::min(space_ / 8, table_space()) / kCheckpointers, 10 + i, ctx_.stop));
    }
    return out;
  }

  /// Each writer in a thread until the time or the bytes are over. `each_second` sees what is going on.
  template <class EachSecond>
  double drive(std::vector<Part*> all, double seconds, double byte_share, EachSecond each_second) {
    // The other half is for the files that have to be there first: logs and tables that do not grow.
    WriteBudget budget(o_.bytes == 0 ? 0 : std::max<std::uint64_t>(1, static_cast<std::uint64_t>(byte_share * static_cast<double>(o_.bytes) / 2)));
    std::mutex mutex;
    std::exception_ptr failure;
    std::stop_source stop;
    const auto begin = std::chrono::steady_clock::now();
    auto last = begin;  // when the last writer ended: bytes may be used up long before we look
    {
      std::vector<std::jthread> threads;
      for (Part* part : all)
        for (auto& writer : part->writers)
          threads.emplace_back([&, w = writer.get()] {
            try {
              while (!stop.stop_requested() && !budget.empty()) w->step(budget);
              const std::lock_guard lock(mutex);
              last = std::chrono::steady_clock::now();
            } catch (...) {
              const std::lock_guard lock(mutex);
              if (!failure) failure = std::current_exception();
              stop.request_stop();
            }
          });
      const auto end = begin + std::chrono::duration_cast<nanoseconds>(std::chrono::duration<double>(seconds));
      const nanoseconds beat = o_.run_for < std::chrono::seconds(20) ? std::chrono::milliseconds(100) : std::chrono::milliseconds(1000);
      auto next = begin + beat;
      while (!stop.stop_requested() && !budget.empty() && std::chrono::steady_clock::now() < end) {
        const auto now = std::chrono::steady_clock::now();
        if (!ctx_.clock.sleep_for(std::min({next, end, now + std::chrono::milliseconds(100)}) - now, ctx_.stop)) break;
        if (std::chrono::steady_clock::now() < next) continue;
        next += beat;
        each_second(std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
      }
      stop.request_stop();
    }
    const double took = std::chrono::duration<double>(last - begin).count();
    for (const Part* part : all) all_bytes_ += part->bytes();
    all_seconds_ += took;
    if (failure) std::rethrow_exception(failure);
    ctx_.check_stop();
    return took;
  }
  std::uint64_t written() const { return all_bytes_; }

  void alone(Part& part, double seconds) {
    const double took = drive({&part}, seconds, kAloneShare, [](double) {});
    tell(part.name, measured(part, took));
    for (auto& w : part.writers) w->restart();
  }
  static Measured measured(const Part& part, double seconds) {
    Measured out{.seconds = seconds, .bytes = static_cast<double>(part.bytes()), .units = static_cast<double>(part.units()), .latencies = {}};
    for (const auto& w : part.writers) out.latencies.merge(w->latencies());
    return out;
  }

  void together(double seconds) {
    std::uint64_t before = 0;
    double last = 0;
    const double took = drive({&parts_[0], &parts_[1], &parts_[2]}, seconds, 1 - 3 * kAloneShare, [&](double now) {
      std::uint64_t bytes = 0;
      for (const auto& part : parts_) bytes += part.bytes();
      const auto recent = parts_.front().writers.front()->recent();
      const double rate = static_cast<double>(bytes - before) / std::max(now - last, 1e-6);
      before = bytes, last = now;
      times_.push_back(static_cast<float>(now)), rates_.push_back(static_cast<float>(rate / 1e6));
      p50_.push_back(static_cast<float>(ms_of(recent.percentile(0.5)))), p99_.push_back(static_cast<float>(ms_of(recent.percentile(0.99))));
      if (times_.size() > 1 && last > 2) {  // the start is not a rate yet
        if (const auto change = change_.add(rate)) fall_ = concat("the throughput fell from ", probe_rate(change->before), " to ", probe_rate(change->after), " after ", base::format_bytes(bytes));
      }
      out_.event("second", {{"seconds", now}, {"bytes_per_second", rate}, {"commit_p99_ms", ms_of(recent.percentile(0.99))}});
    });
    for (const auto& part : parts_) {
      const auto one = measured(part, took);
      together_.bytes += one.bytes, together_.seconds = took;
      if (std::string_view(part.name) == "commit") together_.latencies = one.latencies;
      tell(concat("all: ", part.name).c_str(), one);
    }
  }

  void tell(const char* name, const Measured& m) {
    const auto& l = m.latencies;
    const bool commit = std::string_view(name).find("commit") != std::string_view::npos;
    const bool pages = std::string_view(name).find("checkpoint") != std::string_view::npos;
    rows_.emplace_back(name, concat(probe_rate(m.rate()), pages ? concat("  ", probe_fixed(m.units / std::max(m.seconds, 1e-9), 0), " pages/s") : "", commit ? concat("  ", probe_fixed(m.units / std::max(m.seconds, 1e-9), 0), " commits/s") : "",
                                    "  p50 ", probe_ms(l.percentile(0.5)), "  p95 ", probe_ms(l.percentile(0.95)), "  p99 ", probe_ms(l.percentile(0.99)), "  p99.9 ", probe_ms(l.percentile(0.999)), "  max ", probe_ms(l.most())));
    std::string padded = name;
    padded.resize(std::max<std::size_t>(padded.size(), 16), ' ');
    out_.line(concat(padded, rows_.back().second));
    out_.event("phase", {{"name", name}, {"seconds", m.seconds}, {"bytes", static_cast<std::uint64_t>(m.bytes)}, {"bytes_per_second", m.rate()}, {"units", static_cast<std::uint64_t>(m.units)},
                         {"p50_ms", probe_number(l.percentile(0.5))}, {"p95_ms", probe_number(l.percentile(0.95))}, {"p99_ms", probe_number(l.percentile(0.99))},
                         {"p999_ms", probe_number(l.percentile(0.999))}, {"max_ms", probe_number(l.most())}});
  }

  Exit conclude() {
    using plan::Answer;
    Page page{.title = "io-probe write", .answer = Answer::pass, .limiter = {}, .reasons = {}, .notes = {}, .sections = {}, .when = base::iso8601_utc(ctx_.clock.wall())};
    const auto weight = [](Answer a) { return a == Answer::pass ? 0 : a == Answer::warn ? 1 : a == Answer::unknown ? 2 : 3; };
    const auto raise = [&](Answer a, std::string why) {
      if (weight(a) > weight(page.answer)) page.answer = a;
      page.reasons.push_back(std::move(why));
    };
    const double p99 = ms_of(together_.latencies.percentile(0.99)), limit = ms_of(o_.limits.commit);
    if (!unknown_.empty()) raise(Answer::unknown, unknown_);
    // How long a restore takes is another question than how long a commit does.
    const bool asked = o_.restore_size == 0 || o_.limits.commit_asked;
    if (auto commits = plan::judge_commits(together_.latencies, limit, asked); asked && !commits.text.empty()) raise(commits.answer, std::move(commits.text));
    else if (!commits.text.empty()) page.notes.push_back(std::move(commits.text) + " (--max-commit makes that a part of the answer)");
    const plan::RestorePlan restore{static_cast<double>(o_.restore_size), o_.amplification > 0 ? o_.amplification : pattern_.amplification, together_.rate()};
    if (o_.restore_size != 0) predict(restore, raise);
    if (!fall_.empty()) raise(o_.restore_size == 0 ? Answer::fail : Answer::warn, fall_);
    // Credits run out with all that is written, by each part alone too.
    if (!o_.no_burst && !plan::excludes_bursts(together_.bytes, all_seconds_, restore)) {
      raise(Answer::unknown, concat("bursts are not excluded: credits or a cache may run out later than after ", base::format_bytes(written()), " and ",
                                    base::format_duration(nanoseconds(static_cast<std::int64_t>(all_seconds_ * 1e9)))));
    }
    if (page.reasons.empty()) page.reasons.emplace_back("the disk is fast enough");
    page.notes.push_back(concat("pattern of ", pattern_.name, "; commit limit ", probe_ms(limit), "; ", base::format_bytes(written()), " written; not tested: reads, other tenants"));
    const auto say = [&](const std::string& text) { page.answer == Answer::pass ? out_.line(text) : out_.line_always(text); };
    say(std::string(plan::name(page.answer)));
    for (const auto& reason : page.reasons) say("  " + reason);
    for (const auto& note : page.notes) say(note);
    out_.result("verdict", plan::name(page.answer));
    out_.result("reasons", base::join(page.reasons, "; "));
    out_.result("bytes_per_second", together_.rate());
    out_.result("commit_p99_ms", p99);
    out_.result("bytes", written());
    if (!o_.report.empty()) write_report(page);
    return page.answer == Answer::pass ? Exit::done : page.answer == Answer::fail ? Exit::no : Exit::partial;
  }

  template <class Raise>
  void predict(const plan::RestorePlan& restore, Raise raise) {
    const double seconds = plan::restore_seconds(restore);
    const auto text = concat("restoring ", base::format_bytes(o_.restore_size), " takes this disk at least ", base::format_duration(nanoseconds(static_cast<std::int64_t>(seconds * 1e9))), " (",
                             probe_fixed(restore.amplification, 2), " bytes written for one restored, at ", probe_rate(restore.bytes_per_second), ")");
    out_.result("predicted_seconds", seconds);
    out_.result("amplification", restore.amplification);
    if (!o_.window) return raise(plan::Answer::pass, text);
    const double window = std::chrono::duration<double>(*o_.window).count();
    const auto answer = seconds > window ? plan::Answer::fail : seconds > 0.7 * window ? plan::Answer::warn : plan::Answer::pass;
    raise(answer, concat(text, seconds > window ? ", longer than the window of " : seconds > 0.7 * window ? ", more than 70 % of the window of " : ", within the window of ", base::format_duration(*o_.window)));
  }

  void write_report(Page& page) {
    PageSection s{.heading = "all parts together: " + place_, .seconds = times_, .states = {}, .table = rows_, .charts = {}};
    s.charts = {{"Throughput of all parts", "MB/s", {{"MB/s", "a", rates_}}, {}, 0}, {"Commit: write and fdatasync", "ms", {{"p50", "a", p50_}, {"p99", "b", p99_}}, ms_of(o_.limits.commit), 0}};
    page.sections.push_back(std::move(s));
    write_page(o_.report, page);
  }

  const ProbeWriteOptions& o_;
  Output& out_;
  const base::Context& ctx_;
  engine::WritePattern pattern_;
  std::string place_, unknown_, fall_;
  std::uint64_t space_ = 0, all_bytes_ = 0;
  double all_seconds_ = 0;
  std::vector<Part> parts_;
  Measured together_;
  plan::ChangePoint change_{30};
  std::vector<float> times_, rates_, p50_, p99_;
  std::vector<std::pair<std::string, std::string>> rows_;
};

}  // namespace

Exit probe_write(const ProbeWriteOptions& options, Output& out, const base::Context& ctx) {
  if (options.dir.empty()) throw Error(Exit::usage, "the directory is missing", {.hint = "Name it with --dir DIR."});
  if (options.engine.empty()) throw Error(Exit::usage, "the engine is missing", {.hint = concat("--engine is one of ", base::join(engine::write_pattern_names(), ", "), ".")});
  if (options.window && options.restore_size == 0) throw Error(Exit::usage, "--window goes with --restore-size");
  if (options.bytes != 0 && options.bytes < 2 * kLeast) throw Error(Exit::usage, "--bytes must be at least 256M: half of it is for files that have to be there first");
  if (options.run_for < std::chrono::seconds(1)) throw Error(Exit::usage, "--for must be at least 1s");
  return WriteProbe(options, out, ctx).run();
}

}  // namespace flytt::task
