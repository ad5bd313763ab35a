// Signals as a stop token: SIGINT, SIGTERM and SIGHUP ask the program to put things back and end; a second one ends it at once.
// Layer: os (1).  Thread rule: made once, in main, before any other thread; members from any thread.
// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <memory>
#include <stop_token>

namespace flytt::os {

/// Was SIGPIPE ignored when the program started? Then a closed pipe is an error message, else it ends by the signal.
enum class PipeSignal : bool { deliver, ignored };

/// While it lives the signals are blocked in the thread that made it and all threads started since; one thread of its own
/// waits for them. SIGPIPE is ignored, so that writes report EPIPE. The destructor restores mask and SIGPIPE.
class SignalStop {
public:
  SignalStop();
  ~SignalStop();
  SignalStop(const SignalStop&) = delete;
  SignalStop& operator=(const SignalStop&) = delete;

  /// Stop is requested by the first SIGINT, SIGTERM or SIGHUP; one that was ignored at the start stays so (nohup, `&`).
  /// Another one ends the program at once, if it comes half a second later: timeout(1) sends each signal twice.
  std::stop_token token() const noexcept;
  std::stop_source source() const noexcept;

  /// Number of the first signal, 0 when none came.
  int signal() const noexcept;

  /// Called in the waiting thread on SIGUSR1; an empty function ignores it. Exceptions end the program: it must not throw.
  void on_progress(std::function<void()> callback);

  /// How SIGPIPE stood when the object was made.
  PipeSignal pipe_signal_at_start() const noexcept;

  /// Ends the process by the first signal, so that the shell sees 128+n. Returns only when no signal came.
  void raise_again();

  /// Ends the process by SIGPIPE if that was not ignored at the start; else returns.
  void raise_pipe();

private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace flytt::os
