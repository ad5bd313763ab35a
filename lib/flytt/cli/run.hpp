// The frame around every tool: command line in, exit status out, and all that is the same for all of them.
// Layer: cli (6).  Thread rule: run() is main.  Format: man/flytt.7, EXIT STATUS, OUTPUT and SIGNALS.
// SPDX-License-Identifier: MIT
#pragma once

#include <flytt/base/context.hpp>
#include <flytt/base/exit.hpp>
#include <flytt/cli/options.hpp>
#include <flytt/task/output.hpp>

#include <chrono>
#include <optional>
#include <string>

namespace flytt::cli {

/// What one tool adds to the frame.
class Tool {
public:
  virtual ~Tool() = default;

  virtual About about() const = 0;
  /// Registers options and arguments with the tool's variables.
  virtual void declare(Options& options) = 0;
  /// Refuses what does not go together. Looks at nothing outside of the command line. Throws: Exit::usage.
  virtual void check(const Options&) {}
  /// Is stdout a stream or a file? Then --json goes to stderr, and a closed pipe is worth a message. Asked after check().
  virtual bool stdout_is_data() const { return false; }
  /// True when the tool watches over --timeout itself; then nothing stops it from outside.
  virtual bool keeps_time(std::optional<std::chrono::nanoseconds>) { return false; }
  /// The work. Passwords are in the endpoints by now.
  virtual base::Exit work(task::Output& out, base::Context& context) = 0;
};

/// Parses without touching the world, then works; returns the exit status, or ends the process by the signal that ended it.
int run(Tool& tool, int argc, const char* const* argv);

/// A secret that has only a variable, such as FLYTT_REPL_PASSWORD; empty when it is not set.
std::string secret_from_environment(const std::string& name);

}  // namespace flytt::cli
