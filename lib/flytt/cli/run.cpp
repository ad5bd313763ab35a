// The frame around every tool.
// SPDX-License-Identifier: MIT
#include <flytt/cli/run.hpp>

#include <flytt/base/clock.hpp>
#include <flytt/base/error.hpp>
#include <flytt/base/text.hpp>
#include <flytt/cli/general.hpp>
#include <flytt/cli/report.hpp>
#include <flytt/cli/servers.hpp>
#include <flytt/os/signals.hpp>
#include <flytt/os/terminal.hpp>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <optional>
#include <thread>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

namespace flytt::cli {
namespace {

using base::Error;
using base::Exit;

/// A descriptor that was closed by the caller would be given to the first file we open, and that would get our messages.
/// /dev/null stands in, opened the wrong way round, so that using it is still an error.
void occupy_standard_descriptors() {
  for (int fd = 0; fd <= 2; ++fd) {
    if (::fcntl(fd, F_GETFD) < 0) {
      const int opened = ::open("/dev/null", fd == STDOUT_FILENO ? O_RDONLY : O_WRONLY);
      if (opened >= 0 && opened != fd) ::dup2(opened, fd);
    }
  }
}

/// Has the reader of our stdout gone? Other pipes break too: a child's, a server's.
bool stdout_reader_gone() {
  struct pollfd out {STDOUT_FILENO, POLLOUT, 0};
  return ::poll(&out, 1, 0) == 1 && (out.revents & POLLERR) != 0;
}

/// Asks the task to stop when the time is over.
class Deadline {
public:
  Deadline(base::Clock& clock, std::optional<std::chrono::nanoseconds> limit, std::stop_source task) {
    if (!limit) return;
    thread_ = std::jthread([this, &clock, limit = *limit, task](std::stop_token stop) mutable {
      if (!clock.sleep_for(limit, stop)) return;
      reached_ = true;
      task.request_stop();
    });
  }
  bool reached() const noexcept { return reached_; }

private:
  std::atomic<bool> reached_{false};
  std::jthread thread_;
};

/// How a run ended, before it is decided what the shell is told.
struct Ending {
  Exit code = Exit::done;
  std::optional<Error> error;

  void fail(const Error& e) {
    if (error) return;  // the first cause wins
    code = e.code();
    error.emplace(e);
  }
};

/// Runs `step` and turns whatever leaves it into an ending.
template <class Step>
void guard(Ending& ending, Step step) {
  try {
    step();
  } catch (const std::exception& e) {
    ending.fail(base::as_error(e));
  }
}

/// Says more than "stopped": neither a signal nor the time limit may hide it.
bool outranks_stop(Exit code) {
  return code == Exit::done || code == Exit::in_doubt || code == Exit::promoted_not_opened || code == Exit::hook_failed ||
         code == Exit::failback_unarmed || code == Exit::bug;
}

/// What a task that was told to stop runs into: its own "stopped", cut statements, half-open connections.
bool from_stopping(Exit code) {
  return code == Exit::temporary || code == Exit::unavailable || code == Exit::timeout || code == Exit::partial;
}

std::string_view signal_name(int number) {
  switch (number) {
    case 1: return "SIGHUP";
    case 2: return "SIGINT";
    case 15: return "SIGTERM";
    default: return "a signal";
  }
}

/// What a stopped task still has to say; that it was stopped is said already.
std::string rest_of(const Ending& ending) {
  if (!ending.error || (ending.code == Exit::temporary && ending.error->context().empty())) return {};
  return ": " + ending.error->text();
}

void work(Tool& tool, Options& options, const General& general, Report& report, os::SignalStop& signals, Ending& ending) {
  base::SystemClock clock;
  const bool own = tool.keeps_time(general.timeout);
  const Deadline deadline(clock, own ? std::nullopt : general.timeout, signals.source());
  base::Context context{clock, report, signals.token()};
  signals.on_progress([&report] { report.show_progress_now(); });
  guard(ending, [&] {
    const Settings settings = Settings::of_process();
    for (const ServerBinding& server : options.servers()) resolve_password(*server.endpoint, settings);
    ask_missing_passwords(options.servers(), context);
    ending.code = tool.work(report, context);
  });
  signals.on_progress({});
  report.progress_end();
  if (deadline.reached() && signals.signal() == 0 && from_stopping(ending.code)) {
    const std::string limit = base::format_duration(*general.timeout);
    const std::string left = rest_of(ending);
    const base::Facts facts = ending.error ? ending.error->facts() : base::Facts{};
    ending = {};
    ending.fail(Error(Exit::timeout, "the time limit of " + limit + " was reached" + left, facts));
  }
}

void show_config(const Options& options, Report& report) {
  for (const auto& [name, value] : options.shown_values()) {
    report.line_always(base::concat(name, " = ", value.text, "   # ", value.origin_text));
    report.event("config", {{"name", name}, {"value", value.text}, {"origin", value.origin_text}});
  }
}

/// Prints the failure and the last record; the status for the shell.
int conclude(Tool& tool, Report& report, Ending& ending, os::SignalStop& signals) {
  const int signal = outranks_stop(ending.code) ? 0 : signals.signal();
  const auto pipe_closed = [&] { return ending.error && ending.error->code() == Exit::io && stdout_reader_gone(); };
  if (signal != 0) {
    const std::string left = rest_of(ending);
    const base::Facts facts = ending.error ? ending.error->facts() : base::Facts{};
    ending.error.emplace(ending.code, base::concat("stopped by ", signal_name(signal), left), facts);
  }
  // `lag-wait --watch | head` ends by SIGPIPE without a word, as every text tool does.
  const bool by_signal = signals.pipe_signal_at_start() == os::PipeSignal::deliver;
  const auto silent = [&] { return by_signal && !tool.stdout_is_data() && pipe_closed(); };
  if (ending.error && !silent()) report.failure(*ending.error);
  const bool failed_before = ending.code != Exit::done;
  const int status = signal != 0 ? 128 + signal : static_cast<int>(ending.code);
  guard(ending, [&] { report.finish(status, ending.error ? &*ending.error : nullptr); });
  if (!failed_before && ending.error && !silent()) report.failure(*ending.error);
  if (signal != 0) signals.raise_again();
  if (pipe_closed()) signals.raise_pipe();
  return signal != 0 ? status : static_cast<int>(ending.code);
}

}  // namespace

std::string secret_from_environment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value == nullptr ? std::string() : std::string(value);
}

int run(Tool& tool, int argc, const char* const* argv) {
  occupy_standard_descriptors();
  std::optional<os::SignalStop> signals;  // it outlives whoever reports
  base::SystemClock clock;
  const std::vector<std::string> args(argv + std::min(1, argc), argv + argc);
  Options options(tool.about());
  General general;
  ReportOptions voice;
  voice.tool = options.about().name;
  // A wrong command line is answered in the form that was asked for.
  voice.json = std::find(args.begin(), args.end(), "--json") != args.end();
  voice.stdout_is_data = tool.stdout_is_data();
  Report report(clock, voice);
  Ending ending;
  guard(ending, [&] { signals.emplace(); });
  if (!signals) {  // no thread is to be had
    report.failure(*ending.error);
    return static_cast<int>(ending.code);
  }
  bool go_on = false;
  guard(ending, [&] {
    os::disable_core_dumps();
    tool.declare(options);
    general.declare(options);
    options.parse(args, Settings::of_process());
    if (options.help_wanted()) return report.write(options.help());
    if (options.version_wanted()) return report.write(options.about().name + " (flytt) " FLYTT_VERSION "\n");
    report.set_colors(general.color);
    report.configure(general.report_options(voice.tool, voice.stdout_is_data));
    if (general.show_config) return show_config(options, report);
    tool.check(options);
    report.configure(general.report_options(voice.tool, tool.stdout_is_data()));
    go_on = true;
  });
  if (options.help_wanted() || options.version_wanted()) {
    voice.json = false;
    report.configure(voice);
  }
  if (go_on) work(tool, options, general, report, *signals, ending);
  return conclude(tool, report, ending, *signals);
}

}  // namespace flytt::cli
