// Text or JSON lines, stdout or stderr.
// SPDX-License-Identifier: MIT
#include <flytt/cli/report.hpp>

#include <flytt/base/text.hpp>
#include <flytt/base/units.hpp>
#include <flytt/codec/json.hpp>
#include <flytt/os/fd.hpp>
#include <flytt/os/terminal.hpp>

#include <algorithm>
#include <utility>
#include <variant>

#include <unistd.h>

namespace flytt::cli {
namespace {

constexpr std::size_t kKeep = 32 * 1024;
constexpr auto kRedraw = std::chrono::milliseconds(500);

double seconds(std::chrono::nanoseconds duration) { return std::chrono::duration<double>(duration).count(); }

/// "copying shop.orders  41%  2m 10s left  1.2 GiB  3,400,000 rows  88.0 MiB/s  limit: target": on a narrow terminal what matters is left.
std::string progress_text(const flow::ProgressReport& report, const task::ProgressNote& note) {
  std::string out = note.what;
  const auto add = [&out](const std::string& part) { out += (out.empty() ? "" : "  ") + part; };
  if (const auto percent = report.percent()) add(base::concat(*percent, "%"));
  if (const auto left = report.eta()) add(base::format_duration(*left) + " left");
  add(base::format_bytes(report.bytes));
  if (report.rows != 0) add(base::format_count(report.rows) + " rows");
  add(base::format_rate(report.interval_bytes, report.interval));
  if (!note.limit.empty()) add("limit: " + note.limit);
  return out;
}

base::Fields progress_fields(const flow::ProgressReport& report, const task::ProgressNote& note) {
  base::Fields out{{"what", note.what},
                   {"bytes", report.bytes},
                   {"rows", report.rows},
                   {"seconds", seconds(report.elapsed)}};
  if (report.interval.count() > 0) {
    out.emplace_back("bytes_per_second", static_cast<double>(report.interval_bytes) / seconds(report.interval));
  }
  if (report.total != 0) {
    out.emplace_back("done", report.done);
    out.emplace_back("total", report.total);
  }
  if (const auto left = report.eta()) out.emplace_back("seconds_left", seconds(*left));
  if (!note.limit.empty()) out.emplace_back("limit", note.limit);
  return out;
}

/// A name stands in a record once.
void set(base::Fields& fields, std::string_view name, const base::FieldValue& value) {
  const auto same = std::find_if(fields.begin(), fields.end(), [&](const auto& field) { return field.first == name; });
  if (same != fields.end()) {
    same->second = value;
  } else {
    fields.emplace_back(std::string(name), value);
  }
}

void add_error(base::Fields& fields, const base::Error& error) {
  fields.emplace_back("message", error.message());
  if (!error.context().empty()) fields.emplace_back("context", base::join(error.context(), ": "));
  const base::Facts& facts = error.facts();
  const auto add = [&fields](const char* name, const std::string& text) {
    if (!text.empty()) fields.emplace_back(name, text);
  };
  add("hint", base::join(error.hints(), "\n"));
  add("endpoint", facts.endpoint);
  add("sqlstate", facts.sqlstate);
  if (facts.native != 0) fields.emplace_back("native", facts.native);
  add("statement", facts.statement);
  if (facts.safe_to_retry) fields.emplace_back("safe_to_retry", true);
}

}  // namespace

std::string json_line(std::string_view tool, std::chrono::system_clock::time_point when, std::string_view event,
                      const base::Fields& fields) {
  std::string out;
  codec::JsonWriter json(out);
  json.object().member("v", 1).member("tool", tool).member("ts", base::iso8601_utc(when)).member("event", event);
  for (const auto& [name, value] : fields) {
    json.key(name);
    std::visit([&json](const auto& v) { json.value(v); }, value.variant());
  }
  json.end();
  return out;
}

void StdoutText::put(std::string_view bytes) {
  const std::lock_guard lock(mutex_);
  kept_ += bytes;
  if (kept_.size() < kKeep) return;
  os::write_full(STDOUT_FILENO, kept_);
  kept_.clear();
}

void StdoutText::put_line_now(std::string_view line) {
  const std::lock_guard lock(mutex_);
  kept_.append(line).push_back('\n');
  const std::string out = std::exchange(kept_, {});
  os::write_full(STDOUT_FILENO, out);
}

void StdoutText::flush() {
  const std::lock_guard lock(mutex_);
  if (kept_.empty()) return;
  const std::string out = std::exchange(kept_, {});  // after a failure it must not be tried a second time
  os::write_full(STDOUT_FILENO, out);
}

Report::Report(base::Clock& clock, ReportOptions options)
    : clock_(clock), options_(std::move(options)), console_(STDERR_FILENO), started_(clock.now()) {}

Report::~Report() = default;

void Report::configure(ReportOptions options) { options_ = std::move(options); }

void Report::set_colors(ColorWhen when) {
  console_.set_colors(colors_for(STDERR_FILENO, when));
  stdout_colors_ = colors_for(STDOUT_FILENO, when);
}

/// Where both are the same terminal a line of the answer must not begin behind the progress.
void Report::put_line(std::string_view line) {
  if (!os::is_tty(STDOUT_FILENO)) return stdout_.put_line_now(line);
  console_.beside([&] { stdout_.put_line_now(line); });
}

void Report::json(std::string_view event, const base::Fields& fields) {
  const std::string line = json_line(options_.tool, clock_.wall(), event, fields);
  // Flushed line by line: who reads along must not wait for the end.
  if (options_.stdout_is_data) {
    console_.json(line);
  } else {
    put_line(line);
  }
}

void Report::line(std::string_view text) {
  if (enabled(base::Level::warn)) line_always(text);
}

void Report::line_always(std::string_view text) {
  if (!options_.json) put_line(base::printable(text));
}

void Report::marked(task::Weight weight, std::string_view word, std::string_view text) {
  if (!stdout_colors_ || options_.json) return Output::marked(weight, word, text);
  if (weight != task::Weight::blocks && !enabled(base::Level::warn)) return;
  const Paint paint = weight == task::Weight::blocks ? Paint::red : Paint::yellow;
  put_line(base::concat(painted(paint, word), base::printable(text)));
}

void Report::columns(std::initializer_list<std::string_view> cells) {
  if (options_.json) return;
  std::string line;
  for (const auto cell : cells) line += base::concat(line.empty() ? "" : "\t", base::printable(cell));
  put_line(line);
}

void Report::screen(const std::vector<std::string>& lines) {
  if (options_.json || lines.empty()) return;
  if (!os::is_tty(STDOUT_FILENO)) {
    for (const auto& text : lines) line_always(text);
    return;
  }
  const std::size_t width = os::terminal_width(STDOUT_FILENO).value_or(1000) - 1;  // a line that wraps would be two to go back over
  std::string out = drawn_lines_ == 0 ? std::string() : base::concat("\x1b[", drawn_lines_, "A");
  for (const auto& text : lines) out += base::concat("\r\x1b[K", fitting(base::printable(text), width), '\n');
  drawn_lines_ = lines.size();
  out.pop_back();
  put_line(out);
}

void Report::event(std::string_view name, const base::Fields& fields) {
  if (options_.json) json(name, fields);
}

void Report::result(std::string_view name, base::FieldValue value) {
  const std::lock_guard lock(result_mutex_);
  set(result_, name, value);
}

void Report::write(std::string_view bytes) { stdout_.put(bytes); }

bool Report::enabled(base::Level level) const { return level <= options_.level; }

void Report::write(base::Level level, std::string_view event, std::string_view text, const base::Fields& fields) {
  if (!enabled(level)) return;
  if (options_.json) {
    base::Fields all{{"level", base::name(level)}};
    if (!text.empty()) all.emplace_back("text", text);
    all.insert(all.end(), fields.begin(), fields.end());
    json(event, all);
    if (options_.stdout_is_data) return;
  }
  std::string out(text.empty() ? event : text);
  if (text.empty() || event != "message") {
    for (const auto& [name, value] : fields) out += base::concat(' ', name, '=', base::to_text(value));
  }
  const bool warning = level == base::Level::warn;
  const std::string head = warning ? "warning: " : level == base::Level::error ? "error: " : "";
  const Paint paint = warning ? Paint::yellow : level == base::Level::error ? Paint::red : Paint::none;
  console_.line({{Paint::none, options_.tool}, {Paint::none, ": "}, {paint, head}, {Paint::none, out}});
}

void Report::show(const flow::ProgressReport& report, const task::ProgressNote& note) {
  // What is redrawn twice a second is for eyes; records come as often as --progress says.
  if (options_.json && !options_.progress_line) {
    json("progress", progress_fields(report, note));
    return;
  }
  const std::string text = options_.tool + ": " + progress_text(report, note);
  if (options_.progress_line) {
    console_.progress(text);
  } else {
    console_.line(text);
  }
}

void Report::progress_begin(const flow::Progress& counters, std::function<task::ProgressNote()> note) {
  progress_end();
  const std::lock_guard lock(progress_mutex_);
  // Interval 0 reports only when asked, by SIGUSR1.
  const std::chrono::nanoseconds interval =
      options_.progress_every.value_or(options_.progress_line ? kRedraw : std::chrono::nanoseconds(0));
  reporter_ = std::make_unique<flow::ProgressReporter>(
      counters, clock_, interval,
      [this, note = std::move(note)](const flow::ProgressReport& report) { show(report, note ? note() : task::ProgressNote{}); });
}

void Report::progress_end() noexcept {
  std::unique_ptr<flow::ProgressReporter> ended;
  {
    const std::lock_guard lock(progress_mutex_);
    ended = std::move(reporter_);
  }
  ended.reset();
  console_.progress({});
}

void Report::show_progress_now() {
  const std::lock_guard lock(progress_mutex_);
  if (reporter_) reporter_->report_now();
}

void Report::failure(const base::Error& error) {
  console_.progress({});
  if (options_.json && options_.stdout_is_data) return;  // it stands in the result record
  console_.line({{Paint::none, options_.tool}, {Paint::none, ": "}, {Paint::red, error.text()}});
  // Each line of them says what it is: no text from outside begins a line.
  for (const auto& hint : error.hints()) console_.line({{Paint::cyan, "HINT: "}, {Paint::none, hint}});
  if (!enabled(base::Level::info)) return;
  base::Fields facts;
  add_error(facts, error);
  for (const auto& [name, value] : facts) {
    if (name == "sqlstate" || name == "native" || name == "endpoint" || name == "statement") {
      console_.line(base::concat("  ", name, ": ", base::to_text(value)));
    }
  }
  console_.line(base::concat("  at: ", error.where().file_name(), ":", error.where().line()));
}

void Report::finish(int exit_status, const base::Error* error) {
  progress_end();
  if (options_.json) {
    const auto info = base::exit_info(exit_status);
    base::Fields fields{{"exit", exit_status},
                        {"status", exit_status > 128 ? "signal" : info ? info->name : "unknown"},
                        {"seconds", seconds(clock_.now() - started_)}};
    if (error != nullptr) add_error(fields, *error);
    {
      const std::lock_guard lock(result_mutex_);
      for (const auto& [name, value] : result_) set(fields, name, value);
    }
    json("result", fields);
  }
  stdout_.flush();
}

}  // namespace flytt::cli
