// SPDX-License-Identifier: MIT
#include "helper.hpp"
#include "support/catch.hpp"
#include "support/soon.hpp"

#include <flytt/os/signals.hpp>

#include <atomic>
#include <chrono>
#include <csignal>
#include <thread>

#include <unistd.h>

using flytt::os::PipeSignal;
using flytt::os::SignalStop;
using flytt::test::soon;
using flytt::test::status_of_fork;
using namespace std::chrono_literals;

namespace {

bool ended_by(int status, int signal) { return WIFSIGNALED(status) && WTERMSIG(status) == signal; }

}  // namespace

TEST_CASE("a signal to ourselves becomes a stop, in every thread") {
  const int signal = GENERATE(SIGTERM, SIGINT, SIGHUP);
  SignalStop signals;
  std::atomic<bool> worker_saw_it{false};
  std::jthread worker([&, token = signals.token()] { worker_saw_it = soon([&] { return token.stop_requested(); }); });
  CHECK(signals.signal() == 0);
  CHECK_FALSE(signals.token().stop_requested());
  signals.raise_again();  // nothing to raise: it returns
  ::kill(::getpid(), signal);
  CHECK(soon([&] { return signals.token().stop_requested(); }));
  CHECK(signals.signal() == signal);
  worker.join();
  CHECK(worker_saw_it);
}

TEST_CASE("afterwards mask and SIGPIPE are as they were") {
  sigset_t before;
  sigset_t after;
  ::pthread_sigmask(SIG_BLOCK, nullptr, &before);
  struct sigaction pipe_action;
  {
    SignalStop signals;
    ::sigaction(SIGPIPE, nullptr, &pipe_action);
    CHECK(pipe_action.sa_handler == SIG_IGN);
    ::kill(::getpid(), SIGUSR1);
  }
  ::pthread_sigmask(SIG_BLOCK, nullptr, &after);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGPIPE}) {
    CHECK(sigismember(&before, signal) == sigismember(&after, signal));
  }
  ::sigaction(SIGPIPE, nullptr, &pipe_action);
  CHECK(pipe_action.sa_handler == SIG_DFL);
}

TEST_CASE("SIGUSR1 asks for progress, any number of times, and stops nothing") {
  SignalStop signals;
  ::kill(::getpid(), SIGUSR1);  // nobody listens yet
  std::this_thread::sleep_for(10ms);
  std::atomic<int> calls{0};
  signals.on_progress([&] { ++calls; });
  for (int n = 1; n <= 3; ++n) {
    ::kill(::getpid(), SIGUSR1);
    CHECK(soon([&] { return calls == n; }));
  }
  CHECK_FALSE(signals.token().stop_requested());
  signals.on_progress({});
  ::kill(::getpid(), SIGUSR1);
  std::this_thread::sleep_for(10ms);
  CHECK(calls == 3);
}

TEST_CASE("raise_again ends the process by the signal that came") {
  const int signal = GENERATE(SIGTERM, SIGINT, SIGHUP);
  const int status = status_of_fork([&] {
    SignalStop signals;
    ::kill(::getpid(), signal);
    if (!soon([&] { return signals.token().stop_requested(); })) return 1;
    signals.raise_again();
    return 2;
  });
  CHECK(ended_by(status, signal));
}

TEST_CASE("the same signal twice at once is one wish, as timeout(1) sends it; a later one ends the program") {
  // On a machine that is busy the second one may come late, and is then another wish: that was no try.
  const auto at_once = [] {
    SignalStop signals;
    ::kill(::getpid(), SIGTERM);
    if (!soon([&] { return signals.token().stop_requested(); })) return 1;
    ::kill(::getpid(), SIGTERM);
    std::this_thread::sleep_for(50ms);
    return 7;
  };
  const auto once = [&] {
    const auto begin = std::chrono::steady_clock::now();
    const int status = status_of_fork(at_once);
    const bool quick = std::chrono::steady_clock::now() - begin < 400ms;
    CHECK((WIFEXITED(status) ? WEXITSTATUS(status) == 7 : !quick));
    return WIFEXITED(status);
  };
  CHECK(soon(once));

  const int later = status_of_fork([] {
    SignalStop signals;
    ::kill(::getpid(), SIGTERM);
    if (!soon([&] { return signals.token().stop_requested(); })) return 1;
    std::this_thread::sleep_for(600ms);
    ::kill(::getpid(), SIGINT);
    std::this_thread::sleep_for(60s);
    return 7;
  });
  CHECK(ended_by(later, SIGINT));
}

TEST_CASE("a signal that was ignored at the start stays ignored") {
  const int status = status_of_fork([] {
    std::signal(SIGHUP, SIG_IGN);
    SignalStop signals;
    ::kill(::getpid(), SIGHUP);
    std::this_thread::sleep_for(50ms);
    return signals.token().stop_requested() ? 1 : 7;
  });
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 7);
}

TEST_CASE("SIGPIPE is remembered as it was") {
  const int ignored = status_of_fork([] {
    std::signal(SIGPIPE, SIG_IGN);
    SignalStop signals;
    if (signals.pipe_signal_at_start() != PipeSignal::ignored) return 1;
    signals.raise_pipe();
    return 7;
  });
  REQUIRE(WIFEXITED(ignored));
  CHECK(WEXITSTATUS(ignored) == 7);
  const int delivered = status_of_fork([] {
    SignalStop signals;
    if (signals.pipe_signal_at_start() != PipeSignal::deliver) return 1;
    signals.raise_pipe();
    return 7;
  });
  CHECK(ended_by(delivered, SIGPIPE));
}
