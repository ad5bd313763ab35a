// SPDX-License-Identifier: MIT
#include <flytt/os/dir.hpp>

#include <flytt/base/error.hpp>
#include <flytt/base/text.hpp>
#include <flytt/base/uuid.hpp>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace flytt::os {

using base::concat;
using base::Error;
using base::Exit;
using base::quote_for_message;
using base::throw_errno;

namespace {

std::string absolute_from_environment(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr && value[0] == '/' ? value : std::string();  // the XDG specification: ignore relative ones
}

std::string parent_of(const std::string& path) {
  const std::string parent = std::filesystem::path(path).parent_path().string();
  return parent.empty() ? "." : parent;
}

}  // namespace

std::string state_path() {
  std::string state = absolute_from_environment("XDG_STATE_HOME");
  if (state.empty()) {
    const std::string home = absolute_from_environment("HOME");
    if (home.empty()) {
      base::Facts facts;
      facts.hint = "set XDG_STATE_HOME, or name the file with an option";
      throw Error(Exit::config, "there is no place for journals: neither XDG_STATE_HOME nor HOME is an absolute path",
                  std::move(facts));
    }
    state = home + "/.local/state";
  }
  return state + "/flytt";
}

std::string state_directory() {
  std::string state = state_path();
  make_directories(state);
  return state;
}

void make_directories(const std::string& path) {
  if (::mkdir(path.c_str(), 0700) == 0) return sync_parent(path);
  if (errno == ENOENT && parent_of(path) != path) {
    make_directories(parent_of(path));
    if (::mkdir(path.c_str(), 0700) == 0) return sync_parent(path);
  }
  const int why = errno;
  std::error_code ignored;
  if (why == EEXIST && std::filesystem::is_directory(path, ignored)) return;
  throw_errno(concat("cannot make the directory ", quote_for_message(path)), why);
}

bool exists(const std::string& path) {
  struct stat status;
  if (::stat(path.c_str(), &status) == 0) return true;
  if (errno == ENOENT || errno == ENOTDIR) return false;
  throw_errno(concat("cannot look at ", quote_for_message(path)));
}

std::vector<std::string> names_in(const std::string& directory) {
  std::vector<std::string> out;
  std::error_code error;
  for (std::filesystem::directory_iterator it(directory, error), end; !error && it != end; it.increment(error)) out.push_back(it->path().filename().string());
  if (error && error != std::errc::no_such_file_or_directory) throw_errno(concat("cannot list ", quote_for_message(directory)), error.value());
  std::sort(out.begin(), out.end());
  return out;
}

std::string read_all(int fd, const std::string& shown, std::size_t limit) {
  std::string content;
  char piece[65536];
  while (const std::size_t got = read_some(fd, piece, sizeof piece)) {
    if (got > limit - content.size()) {
      throw Error(Exit::io, concat("the file ", quote_for_message(shown), " is longer than ", limit, " bytes"));
    }
    content.append(piece, got);
  }
  return content;
}

std::string read_all(const std::string& path, std::size_t limit) {
  const UniqueFd fd = open_for_reading(path);
  return read_all(fd.get(), path, limit);
}

void sync_parent(const std::string& path) {
  const std::string parent = parent_of(path);
  UniqueFd fd(::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  // EINVAL: a file system that has nothing to sync for a directory.
  if (!fd || (::fsync(fd.get()) != 0 && errno != EINVAL)) {
    throw_errno(concat("cannot sync the directory ", quote_for_message(parent)));
  }
}

void replace_file(const std::string& path, std::string_view content) {
  const std::string beside = concat(path, ".", base::make_uuid());
  UniqueFd fd(::open(beside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!fd) throw_errno(concat("cannot make ", quote_for_message(beside)));
  try {
    write_full(fd.get(), content);
    sync_and_close(fd);
    if (::rename(beside.c_str(), path.c_str()) != 0) throw_errno("cannot rename the new file over the old one");
    sync_parent(path);
  } catch (const Error& error) {
    ::unlink(beside.c_str());
    throw error.within(concat("while writing ", quote_for_message(path)));
  }
}

TempDir::TempDir() {
  std::string parent = absolute_from_environment("TMPDIR");
  path_ = (parent.empty() ? "/tmp" : parent) + "/flytt-XXXXXX";
  if (::mkdtemp(path_.data()) == nullptr) throw_errno(concat("cannot make the directory ", quote_for_message(path_)));
}

TempDir::~TempDir() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace flytt::os
