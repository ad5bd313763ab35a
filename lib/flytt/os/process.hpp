// Child programs (pg_dump, ssh, hooks): run to the end, or started with pipes to talk to. Never through a shell of ours.
// Layer: os (1).  Thread rule: one thread an object.
// SPDX-License-Identifier: MIT
#pragma once

#include <flytt/os/fd.hpp>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace flytt::os {

/// Where an output of the child goes. Each captured output has a pipe of its own.
enum class Output { capture, inherit, discard };

struct Command {
  std::string program;                             ///< a path, or a name to be found in PATH
  std::vector<std::string> args;                   ///< without the program's name; visible to every user of the host
  std::map<std::string, std::string> environment;  ///< added to what os/environment.hpp leaves of ours; passwords go here
  std::string input;                               ///< text for its stdin, then end of file
  int input_fd = -1;                               ///< an open file as its stdin instead; it stays ours to close
  Output out = Output::capture;
  Output err = Output::capture;
  std::optional<std::chrono::nanoseconds> deadline;  ///< then SIGTERM, and SIGKILL after `grace`
  std::chrono::nanoseconds grace = std::chrono::seconds(2);
  bool ends_with_us = false;  ///< SIGTERM when the thread that runs it ends, however that comes about (kill -9, too)
  std::size_t capture_limit = 64u << 20;  ///< bytes kept of each output; more is an error
  /// Called with each piece of stdout as it comes, instead of keeping it in the result.
  std::function<void(std::string_view)> on_out;
};

/// How a child ended.
struct ExitStatus {
  int code = 0;    ///< its exit status, meaningful when signal is 0
  int signal = 0;  ///< the signal that ended it, or 0
  bool success() const noexcept { return code == 0 && signal == 0; }
  /// "exit status 3", "ended by signal 9".
  std::string text() const;
};

struct Finished {
  ExitStatus status;
  std::string out;
  std::string err;
};

/// Runs a program to its end and reaps it, whatever happens. A status other than 0 is a result, not an error. What it left
/// behind in the background and still holds an output open (ssh with ControlPersist) is not waited for.
/// Throws: Exit::config when the program cannot be found or started, Exit::timeout at the deadline, Exit::temporary when stop
/// is requested (the child is ended first in both cases), Exit::io when an output exceeds capture_limit.
Finished run(const Command& command, std::stop_token stop = {});

/// The full path of a program in PATH; nothing when there is none.
std::optional<std::string> find_program(const std::string& name);

/// A child one talks to: its stdin and stdout are pipes, its stderr is inherited. The destructor kills and reaps it.
class Child {
public:
  /// Only program, args and environment of the command count, and err (inherit or discard). Throws: Exit::config.
  explicit Child(const Command& command);
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  int to_child() const noexcept;    ///< write here
  int from_child() const noexcept;  ///< read here
  int pid() const noexcept;
  /// Ends its input.
  void close_input();
  /// Waits for its end; may be called again. Throws: Exit::timeout, Exit::temporary (it still runs then: kill() or wait again).
  ExitStatus wait(std::chrono::nanoseconds limit, std::stop_token stop = {});
  /// SIGKILL, and reaps it. Nothing when it has ended.
  void kill() noexcept;

private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace flytt::os
