// SPDX-License-Identifier: MIT
#include "helper.hpp"
#include "support/catch.hpp"

#include <flytt/os/dir.hpp>

#include <csignal>

#include <sys/resource.h>
#include <sys/stat.h>

using flytt::base::Exit;
using flytt::test::Variable;
using namespace flytt::os;

namespace {

unsigned mode_of(const std::string& path) {
  struct stat status;
  REQUIRE(::stat(path.c_str(), &status) == 0);
  return status.st_mode & 07777;
}

}  // namespace

TEST_CASE("a temporary directory goes with all it holds") {
  std::string path;
  {
    const TempDir dir;
    path = dir.path();
    CHECK(mode_of(path) == 0700);
    make_directories(path + "/a/b");
    replace_file(path + "/a/b/f", "x");
  }
  CHECK_FALSE(exists(path));
}

TEST_CASE("the state directory is made for us alone") {
  const TempDir dir;
  {
    const Variable state("XDG_STATE_HOME", (dir.path() + "/deep/state").c_str());
    CHECK(state_directory() == dir.path() + "/deep/state/flytt");
    CHECK(mode_of(dir.path() + "/deep/state/flytt") == 0700);
    CHECK(mode_of(dir.path() + "/deep") == 0700);
    CHECK(state_directory() == dir.path() + "/deep/state/flytt");
  }
  const Variable home("HOME", dir.path().c_str());
  for (const char* unusable : {static_cast<const char*>(nullptr), "", "relative/path"}) {
    const Variable state("XDG_STATE_HOME", unusable);
    CHECK(state_directory() == dir.path() + "/.local/state/flytt");
  }
  const Variable state("XDG_STATE_HOME", nullptr);
  const Variable homeless("HOME", nullptr);
  REQUIRE_ERROR(state_directory(), Exit::config, "no place for journals");
}

TEST_CASE("make_directories takes what is there, unless it is no directory") {
  const TempDir dir;
  make_directories(dir.path());
  replace_file(dir.path() + "/f", "");
  REQUIRE_ERROR(make_directories(dir.path() + "/f"), Exit::io, "cannot make the directory");
  REQUIRE_ERROR(make_directories(dir.path() + "/f/g"), Exit::io, "cannot make the directory");
  CHECK_FALSE(exists(dir.path() + "/f/g"));
  CHECK(exists(dir.path() + "/f"));
}

TEST_CASE("a file is replaced as a whole, and nothing is left beside it") {
  const TempDir dir;
  const std::string path = dir.path() + "/f";
  replace_file(path, "first");
  CHECK(mode_of(path) == 0600);
  replace_file(path, std::string("\0second", 7));
  CHECK(read_all(path) == std::string("\0second", 7));
  CHECK(std::distance(std::filesystem::directory_iterator(dir.path()), {}) == 1);
  REQUIRE_ERROR(replace_file(dir.path() + "/no/f", "x"), Exit::io, "No such file");
  make_directories(dir.path() + "/d");
  REQUIRE_ERROR(replace_file(dir.path() + "/d", "x"), Exit::io, "cannot rename");
  CHECK(std::distance(std::filesystem::directory_iterator(dir.path()), {}) == 2);
}

TEST_CASE("a file longer than expected is an error") {
  const TempDir dir;
  const std::string path = dir.path() + "/f";
  replace_file(path, "12345");
  CHECK(read_all(path, 5) == "12345");
  REQUIRE_ERROR(read_all(path, 4), Exit::io, "longer than 4 bytes");
  REQUIRE_ERROR(read_all("/dev/zero", 1000000), Exit::io, "longer than 1000000 bytes");
}

TEST_CASE("lines are added and are there the next time") {
  const TempDir dir;
  const std::string path = dir.path() + "/journal";
  {
    AppendLog log(path);
    CHECK(mode_of(path) == 0600);
    CHECK(log.content() == "");
    log.append("one");
    log.append("");
    CHECK(log.content() == "one\n\n");
    log.close();
  }
  AppendLog log(path);
  log.append("two");
  CHECK(log.content() == "one\n\ntwo\n");
  CHECK(read_all(path) == "one\n\ntwo\n");
  REQUIRE_ERROR(log.append("a\nb"), Exit::bug, "line feed");
  CHECK(log.path() == path);
}

TEST_CASE("a last line torn by a crash is cut off by the next one, and by nothing else") {
  const TempDir dir;
  const std::string path = dir.path() + "/journal";
  replace_file(path, "one\ntw");
  {
    const AppendLog reader(path, AppendLog::Access::read);
    CHECK(reader.content() == "one\n");
    CHECK(reader.torn() == "tw");
  }
  AppendLog log(path);
  CHECK(log.content() == "one\n");
  CHECK(log.torn() == "tw");
  CHECK(read_all(path) == "one\ntw");
  log.append("three");
  CHECK(read_all(path) == "one\nthree\n");

  replace_file(dir.path() + "/all-torn", "no end");
  CHECK(AppendLog(dir.path() + "/all-torn").content() == "");
}

TEST_CASE("a log has one owner, in this process or another") {
  const TempDir dir;
  const std::string path = dir.path() + "/journal";
  {
    AppendLog log(path);
    log.append("one");
    REQUIRE_ERROR(AppendLog(path), Exit::locked, "another process holds the lock");
    const int status = flytt::test::status_of_fork([&] {
      try {
        AppendLog second(path);
        return 1;
      } catch (const flytt::base::Error& error) {
        return static_cast<int>(error.code());
      }
    });
    CHECK(WEXITSTATUS(status) == static_cast<int>(Exit::locked));
  }
  CHECK(AppendLog(path).content() == "one\n");
}

TEST_CASE("after a failed write the log is whole and takes no more") {
  const TempDir dir;
  const std::string path = dir.path() + "/journal";
  const int status = flytt::test::status_of_fork([&] {
    AppendLog log(path);
    log.append("one");
    std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{20, 20};
    if (::setrlimit(RLIMIT_FSIZE, &limit) != 0) return 1;
    for (const char* line : {"a line that does not fit whole", "x"}) {
      try {
        log.append(line);
        return 2;
      } catch (const flytt::base::Error& error) {
        if (error.code() != Exit::io) return 3;
      }
    }
    return log.content() == "one\n" ? 7 : 4;
  });
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 7);
  CHECK(read_all(path) == "one\n");
}

TEST_CASE("a log that cannot be opened is named") {
  const TempDir dir;
  REQUIRE_ERROR(AppendLog(dir.path() + "/no/journal"), Exit::io, dir.path() + "/no/journal");
  REQUIRE_ERROR(AppendLog(dir.path()), Exit::refused, "no regular file");
  REQUIRE_ERROR(AppendLog(dir.path() + "/none", AppendLog::Access::read), Exit::io, "No such file");
  CHECK_FALSE(exists(dir.path() + "/none"));
}

TEST_CASE("a log that is no file, too long, or that others can change is refused, and stays as it is") {
  const TempDir dir;
  const std::string path = dir.path() + "/journal";
  for (const auto access : {AppendLog::Access::read, AppendLog::Access::append}) {
    REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
    REQUIRE_ERROR(AppendLog(path, access), Exit::refused, "no regular file");
    REQUIRE(::unlink(path.c_str()) == 0);
    REQUIRE_ERROR(AppendLog("/dev/zero", access), Exit::refused, "no regular file");
    REQUIRE_ERROR(AppendLog("/dev/null", access), Exit::refused, "no regular file");
    replace_file(path, "text\n");
    REQUIRE_ERROR(AppendLog(path, access, 4), Exit::refused, "longer than 4 bytes");
    REQUIRE(::chmod(path.c_str(), 0620) == 0);
    REQUIRE_ERROR(AppendLog(path, access), Exit::refused, "can be written by others");
    REQUIRE(::chmod(path.c_str(), 0600) == 0);
    REQUIRE(::chmod(dir.path().c_str(), 0777) == 0);
    REQUIRE_ERROR(AppendLog(path, access), Exit::refused, "can be written by others");
    REQUIRE(::chmod(dir.path().c_str(), 01777) == 0);
    REQUIRE(::link(path.c_str(), (dir.path() + "/second").c_str()) == 0);
    REQUIRE_ERROR(AppendLog(dir.path() + "/second", access), Exit::refused, "has other names");
    REQUIRE(::unlink((dir.path() + "/second").c_str()) == 0);
    REQUIRE(::chmod(dir.path().c_str(), 0700) == 0);
    CHECK(read_all(path) == "text\n");
    REQUIRE(::unlink(path.c_str()) == 0);
  }
}

TEST_CASE("a log is read while another process appends to it, and a reader appends nothing") {
  const TempDir dir;
  const std::string path = dir.path() + "/journal";
  AppendLog log(path);
  log.append("one");
  AppendLog reader(path, AppendLog::Access::read);
  log.append("two");
  CHECK(reader.content() == "one\ntwo\n");
  REQUIRE_ERROR(reader.append("three"), Exit::bug, "opened for reading");
}
