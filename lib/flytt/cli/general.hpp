// The options that every tool has.
// Layer: cli (6).  Thread rule: one thread.  Format: man/flytt.7, GENERAL OPTIONS.
// SPDX-License-Identifier: MIT
#pragma once

#include <flytt/cli/console.hpp>
#include <flytt/cli/options.hpp>
#include <flytt/cli/report.hpp>

#include <chrono>
#include <optional>
#include <string>

namespace flytt::cli {

struct General {
  bool help = false;
  bool version = false;
  bool quiet = false;
  int verbose = 0;
  bool json = false;
  bool show_config = false;
  std::string config;
  std::optional<std::chrono::nanoseconds> timeout;
  std::optional<std::chrono::nanoseconds> progress;
  ColorWhen color = ColorWhen::automatic;

  void declare(Options& options);
  /// What they mean for the output of this tool.
  ReportOptions report_options(const std::string& tool, bool stdout_is_data) const;
};

}  // namespace flytt::cli
