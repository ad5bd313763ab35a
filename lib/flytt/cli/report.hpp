// Where everything a tool says goes: text or JSON lines, stdout or stderr. The task's Output and the code's Log in one place.
// Layer: cli (6).  Thread rule: every member from any thread.  Format: man/flytt.7, OUTPUT.
// SPDX-License-Identifier: MIT
#pragma once

#include <flytt/base/clock.hpp>
#include <flytt/base/error.hpp>
#include <flytt/base/log.hpp>
#include <flytt/cli/console.hpp>
#include <flytt/task/output.hpp>

#include <chrono>
#include <initializer_list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace flytt::cli {

/// What the common options say about output.
struct ReportOptions {
  std::string tool;
  base::Level level = base::Level::warn;  ///< messages up to this one are shown
  bool json = false;
  bool stdout_is_data = false;  ///< JSON lines go to stderr then, and plain messages nowhere
  bool progress_line = false;   ///< redrawn on a terminal
  std::optional<std::chrono::nanoseconds> progress_every;  ///< one line of progress each
};

/// One JSON line without its line feed: {"v":1,"tool":…,"ts":…,"event":…,…}.
std::string json_line(std::string_view tool, std::chrono::system_clock::time_point when, std::string_view event,
                      const base::Fields& fields);

/// stdout as text, kept in memory up to a page and checked at the end.
class StdoutText {
public:
  void put(std::string_view bytes);
  void put_line_now(std::string_view line);
  /// Writes what is kept, and finds out whether the kernel has taken it. Throws: Exit::io.
  void flush();

private:
  std::mutex mutex_;
  std::string kept_;
};

/// The one object behind a tool's voice.
class Report final : public task::Output, public base::Log {
public:
  Report(base::Clock& clock, ReportOptions options);
  ~Report() override;
  void configure(ReportOptions options);
  void set_colors(ColorWhen when);

  // task::Output
  void line(std::string_view text) override;
  void line_always(std::string_view text) override;
  void marked(task::Weight weight, std::string_view word, std::string_view text) override;
  void columns(std::initializer_list<std::string_view> cells) override;
  void screen(const std::vector<std::string>& lines) override;
  void event(std::string_view name, const base::Fields& fields) override;
  void result(std::string_view name, base::FieldValue value) override;
  void write(std::string_view bytes) override;
  void progress_begin(const flow::Progress& counters, std::function<task::ProgressNote()> note) override;
  void progress_end() noexcept override;

  // base::Log
  void write(base::Level level, std::string_view event, std::string_view text, const base::Fields& fields) override;
  bool enabled(base::Level level) const override;

  /// Shows the progress now: SIGUSR1.
  void show_progress_now();

  /// The failure, once: message, context, hint.
  void failure(const base::Error& error);

  /// The last JSON line, and stdout is written and checked. Throws: Exit::io.
  void finish(int exit_status, const base::Error* error);

private:
  void json(std::string_view event, const base::Fields& fields);
  void put_line(std::string_view line);
  void show(const flow::ProgressReport& report, const task::ProgressNote& note);

  base::Clock& clock_;
  ReportOptions options_;
  Console console_;
  StdoutText stdout_;
  bool stdout_colors_ = false;
  std::size_t drawn_lines_ = 0;  // of screen(), which one thread calls
  std::chrono::steady_clock::time_point started_;
  std::mutex result_mutex_;
  base::Fields result_;
  std::mutex progress_mutex_;
  std::unique_ptr<flow::ProgressReporter> reporter_;
};

}  // namespace flytt::cli
