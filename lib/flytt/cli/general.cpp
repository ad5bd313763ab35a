// The options that every tool has.
// SPDX-License-Identifier: MIT
#include <flytt/cli/general.hpp>

#include <flytt/os/terminal.hpp>

#include <algorithm>

#include <unistd.h>

namespace flytt::cli {

void General::declare(Options& options) {
  options.group("General options");
  options.flag("-h,--help", help, "print this text").command_line_only();
  options.flag("--version", version, "print the version, one line").command_line_only();
  options.flag("-q,--quiet", quiet, "print errors only");
  options.counter("-v,--verbose", verbose, "say what is being done; twice: in detail");
  options.flag("--json", json, "one JSON object a line instead of text");
  options.duration("--timeout", timeout, "DUR", "stop after this time and exit with 11");
  options.duration("--progress", progress, "DUR", "one line of progress this often; default: only on a terminal, redrawn");
  options.choice<ColorWhen>("--color", color,
                            {{"auto", ColorWhen::automatic}, {"always", ColorWhen::always}, {"never", ColorWhen::never}},
                            "colours in messages");
  options.text("--config", config, "FILE", "read this configuration file and no other").command_line_only();
  options.flag("--show-config", show_config, "print every value and where it comes from, and do nothing else")
      .command_line_only();
}

ReportOptions General::report_options(const std::string& tool, bool stdout_is_data) const {
  ReportOptions out;
  out.tool = tool;
  constexpr int kMost = static_cast<int>(base::Level::trace);
  const int level = static_cast<int>(base::Level::warn) + verbose;
  out.level = quiet ? base::Level::error : static_cast<base::Level>(std::min(level, kMost));
  out.json = json;
  out.stdout_is_data = stdout_is_data;
  if (!quiet) out.progress_every = progress;
  const bool stderr_is_json = json && stdout_is_data;
  out.progress_line = !quiet && !progress && !stderr_is_json && os::is_tty(STDERR_FILENO);
  return out;
}

}  // namespace flytt::cli
