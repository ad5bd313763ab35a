// SPDX-License-Identifier: MIT
#include "helper.hpp"
#include "support/catch.hpp"

#include <flytt/os/terminal.hpp>

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <thread>

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <termios.h>
#include <unistd.h>

using flytt::base::Exit;
using namespace flytt::os;
using namespace std::chrono_literals;

namespace {

/// A terminal made for the test: we hold the side of the person.
class PseudoTerminal {
public:
  PseudoTerminal() : person_(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)) {
    REQUIRE(person_);
    REQUIRE(::grantpt(person_.get()) == 0);
    REQUIRE(::unlockpt(person_.get()) == 0);
    char name[128];
    REQUIRE(::ptsname_r(person_.get(), name, sizeof name) == 0);
    name_ = name;
  }

  int person() const { return person_.get(); }
  UniqueFd program_side() const { return UniqueFd(::open(name_.c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC)); }

  /// Makes it the controlling terminal of this process: for a forked one.
  void take() const {
    ::setsid();
    const UniqueFd fd = program_side();
    ::ioctl(fd.get(), TIOCSCTTY, 0);
  }

  /// What the person sees, up to the text or until nothing comes for long.
  std::string seen_until(const std::string& text) const {
    std::string seen;
    pollfd entry{person(), POLLIN, 0};
    while (seen.find(text) == std::string::npos && ::poll(&entry, 1, 60000) == 1) {
      char piece[256];
      const auto got = ::read(person(), piece, sizeof piece);
      if (got <= 0) break;
      seen.append(piece, static_cast<std::size_t>(got));
    }
    return seen;
  }

private:
  UniqueFd person_;
  std::string name_;
};

int exit_code_of(pid_t pid) {
  int status = 0;
  ::waitpid(pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace

TEST_CASE("a terminal is known from a pipe") {
  const Pipe pipe = make_pipe();
  CHECK_FALSE(is_tty(pipe.read_end.get()));
  CHECK_FALSE(is_tty(-1));
  CHECK_FALSE(terminal_width(pipe.read_end.get()));
  const PseudoTerminal terminal;
  const UniqueFd side = terminal.program_side();
  CHECK(is_tty(side.get()));
  winsize size{};
  CHECK_FALSE(terminal_width(side.get()));
  size.ws_col = 101;
  REQUIRE(::ioctl(side.get(), TIOCSWINSZ, &size) == 0);
  CHECK(terminal_width(side.get()) == 101u);
}

TEST_CASE("a password is asked for without showing it, and echo is back afterwards") {
  const PseudoTerminal terminal;
  const UniqueFd held = terminal.program_side();  // so that the terminal outlives the child
  const pid_t pid = ::fork();
  if (pid == 0) {
    terminal.take();
    int code = 1;
    try {
      code = ask_password("Password: ") == "s3cret word" ? 7 : 2;
    } catch (...) {
    }
    ::_exit(code);
  }
  std::string seen = terminal.seen_until("Password: ");
  const char typed[] = "s3cret word\n";
  REQUIRE(::write(terminal.person(), typed, std::strlen(typed)) > 0);
  CHECK(exit_code_of(pid) == 7);
  seen += terminal.seen_until("\n");
  CHECK(seen.find("Password: ") != std::string::npos);
  CHECK(seen.find("s3cret") == std::string::npos);
  termios settings{};
  REQUIRE(::tcgetattr(held.get(), &settings) == 0);
  CHECK((settings.c_lflag & ECHO) != 0);
}

TEST_CASE("a stop while a password is asked for puts the terminal right") {
  const PseudoTerminal terminal;
  const UniqueFd held = terminal.program_side();
  const pid_t pid = ::fork();
  if (pid == 0) {
    terminal.take();
    std::stop_source stop;
    std::jthread stopper([&] {
      std::this_thread::sleep_for(50ms);
      stop.request_stop();
    });
    int code = 1;
    try {
      ask_password("Password: ", stop.get_token());
    } catch (const flytt::base::Error& error) {
      code = static_cast<int>(error.code());
    }
    stopper.join();
    ::_exit(code);
  }
  CHECK(exit_code_of(pid) == static_cast<int>(Exit::temporary));
  termios settings{};
  REQUIRE(::tcgetattr(held.get(), &settings) == 0);
  CHECK((settings.c_lflag & ECHO) != 0);
}

TEST_CASE("without a terminal there is an error with a hint") {
  const int status = flytt::test::status_of_fork([] {
    ::setsid();
    try {
      ask_password("Password: ");
      return 1;
    } catch (const flytt::base::Error& error) {
      return error.code() == Exit::config && !error.facts().hint.empty() ? 7 : 2;
    }
  });
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 7);
}

#if !defined(__SANITIZE_ADDRESS__)
TEST_CASE("core dumps are off, and a stuck pipe can still be left") {
  const int status = flytt::test::status_of_fork([] {
    disable_core_dumps();
    if (::prctl(PR_GET_DUMPABLE) != 0) return 1;
    const Pipe pipe = make_pipe();
    std::stop_source stop;
    std::jthread stopper([&] {
      std::this_thread::sleep_for(50ms);
      stop.request_stop();
    });
    try {
      write_full(pipe.write_end.get(), std::string(1 << 20, 'x'), stop.get_token());
      return 2;
    } catch (const flytt::base::Error& error) {
      return error.code() == Exit::temporary ? 7 : 3;
    }
  });
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 7);
}
#endif
