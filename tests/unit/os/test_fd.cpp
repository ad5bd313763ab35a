// SPDX-License-Identifier: MIT
#include "helper.hpp"
#include "support/catch.hpp"

#include <flytt/os/fd.hpp>
#include <flytt/os/stop_event.hpp>

#include <chrono>
#include <thread>

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

using flytt::base::Exit;
using namespace flytt::os;
using namespace std::chrono_literals;

namespace {

bool is_open(int fd) { return ::fcntl(fd, F_GETFD) >= 0; }

bool closes_on_exec(int fd) { return (::fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0; }

void set_nonblocking(int fd) { ::fcntl(fd, F_SETFL, ::fcntl(fd, F_GETFL) | O_NONBLOCK); }

/// The signal that a write to a closed pipe would end the test by.
struct IgnorePipeSignal {
  IgnorePipeSignal() : before(std::signal(SIGPIPE, SIG_IGN)) {}
  ~IgnorePipeSignal() { std::signal(SIGPIPE, before); }
  void (*before)(int);
};

}  // namespace

TEST_CASE("a descriptor has one owner and is closed once") {
  int number = -1;
  {
    UniqueFd first = duplicate(STDERR_FILENO);
    number = first.get();
    CHECK(number > STDERR_FILENO);
    CHECK(closes_on_exec(number));
    UniqueFd second = std::move(first);
    CHECK_FALSE(first);
    CHECK(second.get() == number);
    second = std::move(second);
    CHECK(is_open(number));
  }
  CHECK_FALSE(is_open(number));
  UniqueFd fd = duplicate(STDERR_FILENO);
  number = fd.get();
  fd.close();
  CHECK_FALSE(is_open(number));
  fd.close();
  CHECK_FALSE(UniqueFd());
}

TEST_CASE("a close that fails is an error") {
  UniqueFd fd(::dup(STDERR_FILENO));
  ::close(fd.get());
  REQUIRE_ERROR(fd.close(), Exit::io, "cannot finish writing");
  CHECK_FALSE(fd);
}

TEST_CASE("a reader gets what is there, and 0 at the end only") {
  Pipe pipe = make_pipe();
  CHECK(closes_on_exec(pipe.read_end.get()));
  CHECK(closes_on_exec(pipe.write_end.get()));
  write_full(pipe.write_end.get(), "abc");
  char into[10];
  CHECK(read_some(pipe.read_end.get(), into, sizeof into) == 3);
  CHECK(read_some(pipe.read_end.get(), into, 0) == 0);
  write_full(pipe.write_end.get(), "defg");
  CHECK(read_full(pipe.read_end.get(), into, 2) == 2);
  pipe.write_end.close();
  CHECK(read_full(pipe.read_end.get(), into, sizeof into) == 2);
  CHECK(read_some(pipe.read_end.get(), into, sizeof into) == 0);
  REQUIRE_ERROR(read_some(-1, into, 1), Exit::io, "cannot read");
}

TEST_CASE("read_full puts together what comes in pieces") {
  Pipe pipe = make_pipe();
  std::jthread writer([&] {
    for (const char* piece : {"ab", "c", "defgh"}) {
      write_full(pipe.write_end.get(), piece);
      std::this_thread::sleep_for(5ms);
    }
    pipe.write_end.reset();
  });
  std::string into(20, '\0');
  CHECK(read_full(pipe.read_end.get(), into.data(), into.size()) == 8);
  CHECK(into.substr(0, 8) == "abcdefgh");
}

TEST_CASE("everything is written through a slow, non-blocking pipe, with a stop token or without") {
  const bool stoppable = GENERATE(false, true);
  const bool nonblocking = GENERATE(false, true);
  Pipe pipe = make_pipe();
  if (nonblocking) {
    set_nonblocking(pipe.write_end.get());
    set_nonblocking(pipe.read_end.get());
  }
  std::stop_source stop;
  const std::stop_token token = stoppable ? stop.get_token() : std::stop_token();
  std::string sent;
  for (int i = 0; i < 300000; ++i) sent += static_cast<char>(i * 7);
  std::string got;
  std::jthread reader([&] {
    char piece[3000];
    while (const std::size_t n = read_some(pipe.read_end.get(), piece, sizeof piece, token)) got.append(piece, n);
  });
  write_full(pipe.write_end.get(), sent.substr(0, 10), token);
  write_full(pipe.write_end.get(), sent.substr(10), token);
  pipe.write_end.reset();
  reader.join();
  CHECK(got == sent);
}

TEST_CASE("everything is written to a socket and to a file with a stop token") {
  std::stop_source stop;
  int ends[2];
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
  UniqueFd a(ends[0]);
  UniqueFd b(ends[1]);
  const std::string sent(1000000, 's');
  std::string got;
  std::jthread reader([&] {
    got.resize(sent.size());
    CHECK(read_full(b.get(), got.data(), got.size(), stop.get_token()) == sent.size());
  });
  write_full(a.get(), sent, stop.get_token());
  reader.join();
  CHECK(got == sent);

  const TempDir dir;
  UniqueFd file = open_for_writing(dir.path() + "/f", Overwrite::no);
  write_full(file.get(), sent, stop.get_token());
  sync_and_close(file);
  CHECK_FALSE(file);
  CHECK(read_all(dir.path() + "/f") == sent);
}

TEST_CASE("a closed pipe is said to be one") {
  const IgnorePipeSignal ignore;
  std::stop_source stop;
  for (const auto& token : {std::stop_token(), stop.get_token()}) {
    for (const std::size_t size : {1, 100000}) {
      Pipe pipe = make_pipe();
      pipe.read_end.reset();
      REQUIRE_ERROR(write_full(pipe.write_end.get(), std::string(size, 'x'), token), Exit::io, "closed pipe");
    }
  }
  int ends[2];
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
  UniqueFd a(ends[0]);
  ::close(ends[1]);
  REQUIRE_ERROR(write_full(a.get(), "x", stop.get_token()), Exit::io, "closed pipe");
}

TEST_CASE("a full disk is an error with a hint") {
  UniqueFd full = open_for_writing("/dev/full", Overwrite::no);
  const auto error = flytt::test::error_of([&] { write_full(full.get(), "x"); });
  CHECK(error.code() == Exit::io);
  CHECK(error.facts().native == ENOSPC);
  CHECK_FALSE(error.facts().hint.empty());
}

TEST_CASE("a stop ends a read that waits and a write that is stuck") {
  Pipe pipe = make_pipe();
  std::stop_source stop;
  const auto stop_soon = [&] {
    std::this_thread::sleep_for(30ms);
    stop.request_stop();
  };
  const auto begin = std::chrono::steady_clock::now();
  SECTION("read") {
    std::jthread stopper(stop_soon);
    char c;
    REQUIRE_ERROR(read_some(pipe.read_end.get(), &c, 1, stop.get_token()), Exit::temporary, "stopped on request");
  }
  SECTION("a large write to a pipe that nobody empties") {
    std::jthread stopper(stop_soon);
    REQUIRE_ERROR(write_full(pipe.write_end.get(), std::string(1 << 20, 'x'), stop.get_token()), Exit::temporary, "stopped");
    CHECK((::fcntl(pipe.write_end.get(), F_GETFL) & O_NONBLOCK) == 0);  // who shares the pipe sees no change
  }
  SECTION("many small writes") {
    std::jthread stopper(stop_soon);
    const auto fill = [&] {
      for (int i = 0; i < 1000; ++i) write_full(pipe.write_end.get(), std::string(1000, 'x'), stop.get_token());
    };
    REQUIRE_ERROR(fill(), Exit::temporary, "stopped");
  }
  CHECK(std::chrono::steady_clock::now() - begin < 60s);
}

TEST_CASE("waiting leaves no descriptor behind") {
  Pipe pipe = make_pipe();
  std::stop_source stop;
  const std::size_t before = flytt::test::open_descriptors();
  std::jthread writer([&] {
    for (int i = 0; i < 50; ++i) {
      std::this_thread::sleep_for(1ms);
      write_full(pipe.write_end.get(), std::string(5000, 'x'), stop.get_token());
    }
  });
  std::string into(250000, '\0');
  CHECK(read_full(pipe.read_end.get(), into.data(), into.size(), stop.get_token()) == into.size());
  writer.join();
  CHECK(flytt::test::open_descriptors() == before);
}

TEST_CASE("opening says which file and why not") {
  const TempDir dir;
  const std::string path = dir.path() + "/f";
  REQUIRE_ERROR(open_for_reading(path), Exit::io, path);
  REQUIRE_ERROR(open_for_reading(dir.path()), Exit::io, "it is a directory");
  REQUIRE_ERROR(open_for_writing(dir.path() + "/no/f", Overwrite::no), Exit::io, "No such file");
  {
    UniqueFd fd = open_for_writing(path, Overwrite::no);
    CHECK(closes_on_exec(fd.get()));
    write_full(fd.get(), "old content");
    fd.close();
  }
  REQUIRE_ERROR(open_for_writing(path, Overwrite::no), Exit::refused, "is there already");
  CHECK(read_all(path) == "old content");
  UniqueFd fd = open_for_writing(path, Overwrite::yes);
  fd.close();
  CHECK(read_all(path) == "");
  CHECK(open_for_reading("-").get() > STDERR_FILENO);
  CHECK(open_for_writing("-", Overwrite::no).get() > STDERR_FILENO);
}

TEST_CASE("a pipe is closed without a word about syncing, a broken descriptor is not") {
  Pipe pipe = make_pipe();
  sync_and_close(pipe.write_end);
  CHECK_FALSE(pipe.write_end);
  UniqueFd none(::dup(STDERR_FILENO));
  ::close(none.get());
  REQUIRE_ERROR(sync_and_close(none), Exit::io, "cannot write a file to the disk");
  none.release();
}

TEST_CASE("a stop event becomes readable with the stop") {
  std::stop_source stop;
  const StopEvent event(stop.get_token());
  pollfd entry{event.fd(), POLLIN, 0};
  CHECK(::poll(&entry, 1, 0) == 0);
  stop.request_stop();
  CHECK(::poll(&entry, 1, 0) == 1);
  CHECK(::poll(&entry, 1, 0) == 1);
  const StopEvent late(stop.get_token());
  pollfd late_entry{late.fd(), POLLIN, 0};
  CHECK(::poll(&late_entry, 1, 0) == 1);
}
