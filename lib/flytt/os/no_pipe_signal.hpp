// Writing to a pipe that nobody reads any more, without dying of it.
// Layer: os (1).  Thread rule: the thread that makes it ends it.
// SPDX-License-Identifier: MIT
#pragma once

#include <csignal>
#include <ctime>

namespace flytt::os {

/// Writing to a child that has closed its input is no reason to die, also where SIGPIPE is not ignored.
class NoPipeSignal {
public:
  NoPipeSignal() {
    sigemptyset(&pipe_);
    sigaddset(&pipe_, SIGPIPE);
    ::pthread_sigmask(SIG_BLOCK, &pipe_, &before_);
  }
  ~NoPipeSignal() {
    if (sigismember(&before_, SIGPIPE) == 0) {
      const timespec none{};
      while (::sigtimedwait(&pipe_, nullptr, &none) == SIGPIPE) {
      }
    }
    ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  NoPipeSignal(const NoPipeSignal&) = delete;
  NoPipeSignal& operator=(const NoPipeSignal&) = delete;

private:
  sigset_t pipe_;
  sigset_t before_;
};

}  // namespace flytt::os
