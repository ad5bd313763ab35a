// Files that decide what is done, and files that are written: whose they are, and whose the way to them is.
// SPDX-License-Identifier: MIT
#include "helper.hpp"
#include "support/catch.hpp"

#include <flytt/os/dir.hpp>
#include <flytt/os/way.hpp>

#include <chrono>
#include <functional>
#include <thread>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

using flytt::base::Exit;
using namespace flytt::os;

namespace {

constexpr uid_t kSomebody = 65534;

/// Files of others can only be made by root.
bool can_give_away() { return ::geteuid() == 0; }

void give(const std::string& path, uid_t user = kSomebody) { REQUIRE(::lchown(path.c_str(), user, static_cast<gid_t>(-1)) == 0); }
void mode(const std::string& path, mode_t bits) { REQUIRE(::chmod(path.c_str(), bits) == 0); }
void link(const std::string& target, const std::string& path) { REQUIRE(::symlink(target.c_str(), path.c_str()) == 0); }

std::string content(const std::string& path) { return read_trusted(path, 100); }

/// A directory with a directory d and a file d/f in it.
struct Tree {
  TempDir dir;
  std::string d = dir.path() + "/d", f = d + "/f";
  Tree() {
    REQUIRE(::mkdir(d.c_str(), 0755) == 0);
    replace_file(f, "text");
  }
};

}  // namespace

TEST_CASE("a file of one's own is read, by links, by '..' and from where one stands") {
  const Tree t;
  CHECK(content(t.f) == "text");
  CHECK(content(t.d + "/./../d//f") == "text");
  link("d", t.dir.path() + "/relative");
  link(t.d, t.dir.path() + "/absolute");
  link("../d/f", t.d + "/of-file");
  CHECK(content(t.dir.path() + "/relative/f") == "text");
  CHECK(content(t.dir.path() + "/absolute/of-file") == "text");
  const int status = flytt::test::status_of_fork([&] { return ::chdir(t.d.c_str()) == 0 && content("f") == "text" && content("../d/f") == "text" ? 7 : 1; });
  CHECK(WEXITSTATUS(status) == 7);
  CHECK(content("/dev/null").empty());
  REQUIRE_ERROR(content(t.d), Exit::refused, "no regular file");
  REQUIRE_ERROR(content(t.d + "/none"), Exit::io, "No such file");
  REQUIRE_ERROR(content(t.d + "/no/f"), Exit::io, "No such file");
  REQUIRE_ERROR(content(t.f + "/f"), Exit::io, "Not a directory");
  REQUIRE_ERROR(content("/"), Exit::io, "it is a directory");
  link("round", t.d + "/round");
  REQUIRE_ERROR(content(t.d + "/round"), Exit::io, "symbolic links");
  REQUIRE_ERROR(read_trusted(t.f, 3), Exit::io, "longer than 3 bytes");
}

TEST_CASE("a file that others can change is refused, with the command that mends it") {
  const Tree t;
  for (const mode_t bits : {0620U, 0602U, 0666U}) {
    mode(t.f, bits);
    REQUIRE_ERROR(content(t.f), Exit::refused, "can be written by others than its owner (mode 0");
  }
  mode(t.f, 0644);
  CHECK(content(t.f) == "text");
  REQUIRE_ERROR(read_trusted(t.f, 100, Readers::owner), Exit::refused, "can be read by others");
  mode(t.f, 0600);
  CHECK(read_trusted(t.f, 100, Readers::owner) == "text");
  if (!can_give_away()) return;
  give(t.f);
  REQUIRE_ERROR(content(t.f), Exit::refused, "belongs to user 65534");
}

TEST_CASE("a directory on the way that others can write is refused, unless it is sticky") {
  const Tree t;
  mode(t.d, 0775);
  REQUIRE_ERROR(content(t.f), Exit::refused, "can be written by others (mode 0775)");
  mode(t.d, 01777);
  CHECK(content(t.f) == "text");
  // The way of a link counts too.
  mode(t.d, 0777);
  link("d/f", t.dir.path() + "/link");
  REQUIRE_ERROR(content(t.dir.path() + "/link"), Exit::refused, "/d'");
  if (!can_give_away()) return;
  mode(t.d, 01777);
  link(t.f, t.d + "/theirs");
  give(t.d + "/theirs");
  REQUIRE_ERROR(content(t.d + "/theirs"), Exit::refused, "symbolic link");
  mode(t.d, 0755);
  give(t.d);
  REQUIRE_ERROR(content(t.f), Exit::refused, "directory '" + t.d + "' belongs to user 65534");
}

TEST_CASE("neither a named pipe nor a device is opened where a file is wanted") {
  const Tree t;
  REQUIRE(::mkfifo((t.d + "/pipe").c_str(), 0600) == 0);
  REQUIRE_ERROR(content(t.d + "/pipe"), Exit::refused, "no regular file");  // and does not wait
  REQUIRE_ERROR(content("/dev/zero"), Exit::refused, "no regular file");
}

TEST_CASE("what the caller opened is taken by its number") {
  Pipe pipe = make_pipe();
  write_full(pipe.write_end.get(), "given");
  pipe.write_end.reset();
  CHECK(content("/dev/fd/" + std::to_string(pipe.read_end.get())) == "given");
  CHECK(descriptor_named("/dev/stdin") == 0);
  CHECK(descriptor_named("/proc/self/fd/12") == 12);
  CHECK_FALSE(descriptor_named("/dev/fd/x"));
  CHECK_FALSE(descriptor_named("/dev/fd/99999999999"));
}

TEST_CASE("nothing is written through a link of others, over a file of others, or into their pipe") {
  const Tree t;
  const auto write = [](const std::string& path) { open_for_writing(path, Overwrite::yes).close(); };
  mode(t.d, 0777);
  link(t.f, t.d + "/own");
  write(t.d + "/own");
  CHECK(read_all(t.f).empty());
  replace_file(t.f, "text");
  REQUIRE(::link(t.f.c_str(), (t.d + "/second").c_str()) == 0);
  REQUIRE_ERROR(write(t.d + "/second"), Exit::refused, "has other names");
  if (!can_give_away()) return;
  link(t.f, t.d + "/theirs");
  give(t.d + "/theirs");
  REQUIRE_ERROR(write(t.d + "/theirs"), Exit::refused, "symbolic link");
  REQUIRE(::mkfifo((t.d + "/pipe").c_str(), 0666) == 0);
  give(t.d + "/pipe");
  REQUIRE_ERROR(write(t.d + "/pipe"), Exit::refused, "belongs to user 65534");
  CHECK(read_all(t.f) == "text");
  give(t.f);
  REQUIRE_ERROR(write(t.f), Exit::refused, "belongs to user 65534");
  CHECK(read_all(t.f) == "text");
}

TEST_CASE("a named pipe is waited for at both ends, and the wait can be stopped") {
  const Tree t;
  const std::string path = t.d + "/pipe";
  REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  std::stop_source stop;
  for (const std::function<void()>& opens : {std::function<void()>([&] { open_for_reading(path, stop.get_token()); }),
                                             std::function<void()>([&] { open_for_writing(path, Overwrite::yes, stop.get_token()); })}) {
    stop = {};
    std::jthread later([&stop] { stop.request_stop(); });
    REQUIRE_ERROR(opens(), Exit::temporary, "stopped on request");
  }
  std::jthread writer([&] {
    UniqueFd fd = open_for_writing(path, Overwrite::yes);
    write_full(fd.get(), "through");
  });
  CHECK(read_all(path) == "through");
}
