// SPDX-License-Identifier: MIT
#include <flytt/os/signals.hpp>

#include <flytt/base/error.hpp>

#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <mutex>
#include <thread>

#include <pthread.h>
#include <unistd.h>

namespace flytt::os {

namespace {

using SteadyClock = std::chrono::steady_clock;

/// timeout(1) signals its child and then the group the child is in: two signals for one wish.
constexpr std::chrono::milliseconds kSameWish{500};

bool ignored(int signal) {
  struct sigaction action;
  return ::sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

void set_handler(int signal, void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  ::sigaction(signal, &action, nullptr);
}

/// Ends the process as the signal would have, had we not been there.
void die_by(int signal) {
  set_handler(signal, SIG_DFL);
  sigset_t only;
  sigemptyset(&only);
  sigaddset(&only, signal);
  ::pthread_sigmask(SIG_UNBLOCK, &only, nullptr);
  ::raise(signal);
}

}  // namespace

struct SignalStop::State {
  std::stop_source stop;
  std::atomic<int> first{0};
  std::atomic<bool> ending{false};
  std::mutex mutex;
  std::function<void()> progress;
  sigset_t waited;
  sigset_t mask_before;
  struct sigaction pipe_before;
  std::thread thread;

  void run() {
    SteadyClock::time_point first_came;
    while (true) {
      int signal = 0;
      if (::sigwait(&waited, &signal) != 0) continue;
      if (ending) return;
      if (signal == SIGUSR1) {
        std::lock_guard lock(mutex);
        if (progress) progress();
      } else if (first == 0) {
        first = signal;
        first_came = SteadyClock::now();
        stop.request_stop();
      } else if (SteadyClock::now() - first_came >= kSameWish) {
        die_by(signal);
      }
    }
  }
};

SignalStop::SignalStop() : state_(std::make_unique<State>()) {
  sigemptyset(&state_->waited);
  sigaddset(&state_->waited, SIGUSR1);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    if (!ignored(signal)) sigaddset(&state_->waited, signal);
  }
  ::sigaction(SIGPIPE, nullptr, &state_->pipe_before);
  const int error = ::pthread_sigmask(SIG_BLOCK, &state_->waited, &state_->mask_before);
  if (error != 0) base::throw_errno("cannot block signals", error);
  set_handler(SIGPIPE, SIG_IGN);
  state_->thread = std::thread([state = state_.get()] { state->run(); });
}

SignalStop::~SignalStop() {
  state_->ending = true;
  ::pthread_kill(state_->thread.native_handle(), SIGUSR1);
  state_->thread.join();
  // A SIGUSR1 that nobody waits for any more would end the program.
  sigset_t progress;
  sigemptyset(&progress);
  sigaddset(&progress, SIGUSR1);
  const timespec none{};
  while (::sigtimedwait(&progress, nullptr, &none) == SIGUSR1) {
  }
  ::sigaction(SIGPIPE, &state_->pipe_before, nullptr);
  ::pthread_sigmask(SIG_SETMASK, &state_->mask_before, nullptr);
}

std::stop_token SignalStop::token() const noexcept { return state_->stop.get_token(); }

std::stop_source SignalStop::source() const noexcept { return state_->stop; }

int SignalStop::signal() const noexcept { return state_->first; }

void SignalStop::on_progress(std::function<void()> callback) {
  std::lock_guard lock(state_->mutex);
  state_->progress = std::move(callback);
}

PipeSignal SignalStop::pipe_signal_at_start() const noexcept {
  return state_->pipe_before.sa_handler == SIG_IGN ? PipeSignal::ignored : PipeSignal::deliver;
}

void SignalStop::raise_again() {
  if (const int signal = state_->first; signal != 0) die_by(signal);
}

void SignalStop::raise_pipe() {
  if (pipe_signal_at_start() == PipeSignal::deliver) die_by(SIGPIPE);
}

}  // namespace flytt::os
