// SPDX-License-Identifier: MIT
#include <flytt/os/terminal.hpp>

#include <flytt/base/error.hpp>
#include <flytt/base/text.hpp>
#include <flytt/os/fd.hpp>

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <termios.h>
#include <unistd.h>

namespace flytt::os {

using base::Error;
using base::Exit;
using base::throw_errno;

bool is_tty(int fd) noexcept { return ::isatty(fd) == 1; }

std::optional<unsigned> terminal_width(int fd) noexcept {
  winsize size{};
  if (::ioctl(fd, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return std::nullopt;
  return size.ws_col;
}

namespace {

/// The terminal does not show what is typed while this lives, except the line's end.
class Silence {
public:
  explicit Silence(int fd) : fd_(fd) {
    if (::tcgetattr(fd, &before_) != 0) throw_errno("cannot read the terminal's settings");
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    silent.c_lflag |= ECHONL | ICANON;
    if (::tcsetattr(fd, TCSAFLUSH, &silent) != 0) throw_errno("cannot silence the terminal");
  }
  ~Silence() { ::tcsetattr(fd_, TCSAFLUSH, &before_); }
  Silence(const Silence&) = delete;
  Silence& operator=(const Silence&) = delete;

private:
  int fd_;
  termios before_{};
};

}  // namespace

std::string ask_password(std::string_view prompt, std::stop_token stop) {
  UniqueFd terminal(::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY));
  if (!terminal) {
    base::Facts facts;
    facts.hint = "give the password in an option file, in ~/.pgpass or in the environment";
    throw Error(Exit::config, "a password is needed and there is no terminal to ask on", std::move(facts));
  }
  const Silence silence(terminal.get());
  write_full(terminal.get(), base::printable(prompt));
  std::string password;
  while (true) {
    char typed[256];
    const std::size_t got = read_some(terminal.get(), typed, sizeof typed, stop);
    password.append(typed, got);
    ::explicit_bzero(typed, sizeof typed);
    if (password.ends_with('\n')) {
      password.pop_back();
      return password;
    }
    if (got == 0) throw Error(Exit::config, "the terminal was closed while a password was asked for");
  }
}

void disable_core_dumps() {
#if !defined(__SANITIZE_ADDRESS__)  // its search for leaks has to attach to the process
  if (::prctl(PR_SET_DUMPABLE, 0) != 0) throw Error(Exit::bug, "the kernel refuses to switch core dumps off");
#endif
}

}  // namespace flytt::os
