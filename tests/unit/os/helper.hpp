// What the tests of os/ share.
// SPDX-License-Identifier: MIT
#pragma once

#include <flytt/os/dir.hpp>

#include <csignal>
#include <filesystem>
#include <functional>
#include <iterator>
#include <optional>
#include <string>

#include <sys/wait.h>
#include <unistd.h>

namespace flytt::test {

/// How many descriptors this process has open.
inline std::size_t open_descriptors() {
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {}));
}

/// Has this process a child, running or dead?
inline bool has_children() { return ::waitpid(-1, nullptr, WNOHANG) != -1; }

/// Runs the function in a forked process, which ends with what it returns. Gives the status of waitpid().
inline int status_of_fork(const std::function<int()>& function) {
  const pid_t pid = ::fork();
  if (pid == 0) {
    int code = 99;
    try {
      code = function();
    } catch (...) {
    }
    ::_exit(code);
  }
  int status = 0;
  ::waitpid(pid, &status, 0);
  return status;
}

/// Sets an environment variable for the length of a test.
class Variable {
public:
  Variable(const char* name, const char* value) : name_(name) {
    if (const char* before = ::getenv(name)) before_ = before;
    set(value);
  }
  ~Variable() { set(before_ ? before_->c_str() : nullptr); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

private:
  void set(const char* value) {
    if (value != nullptr) {
      ::setenv(name_, value, 1);
    } else {
      ::unsetenv(name_);
    }
  }
  const char* name_;
  std::optional<std::string> before_;
};

}  // namespace flytt::test
