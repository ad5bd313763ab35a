// AppendLog of dir.hpp.
// SPDX-License-Identifier: MIT
#include <flytt/os/dir.hpp>

#include <flytt/base/error.hpp>
#include <flytt/base/text.hpp>
#include <flytt/os/way.hpp>

#include <cerrno>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace flytt::os {

using base::concat;
using base::Error;
using base::Exit;
using base::quote_for_message;
using base::throw_errno;

namespace {

UniqueFd open_log(const Place& place, const std::string& path, AppendLog::Access access) {
  constexpr int kAlways = O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;  // a named pipe or a device must not hold us up
  const UniqueFd seen(::openat(place.directory.get(), place.name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
  if (seen) check_trusted(seen.get(), path);
  const bool read_only = access == AppendLog::Access::read;
  UniqueFd fd(::openat(place.directory.get(), place.name.c_str(), kAlways | (read_only ? O_RDONLY : O_RDWR | O_CREAT | O_APPEND), 0600));
  if (!fd) throw_errno(concat("cannot open ", quote_for_message(path)));
  return fd;
}

void lock(int fd, const std::string& path) {
  while (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) {
      throw Error(Exit::locked, concat("another process holds the lock on ", quote_for_message(path)));
    }
    if (errno != EINTR) throw_errno(concat("cannot lock ", quote_for_message(path)));
  }
}

struct stat status_of(int fd, const std::string& path) {
  struct stat status;
  if (::fstat(fd, &status) != 0) throw_errno(concat("cannot look at ", quote_for_message(path)));
  return status;
}

/// False when the file was removed or replaced between our opening and locking it.
bool still_there(const struct stat& ours, const Place& place) {
  struct stat named;
  return ::fstatat(place.directory.get(), place.name.c_str(), &named, AT_SYMLINK_NOFOLLOW) == 0 && ours.st_ino == named.st_ino &&
         ours.st_dev == named.st_dev;
}

/// Nothing to write to may have come by the way: not by its kind, its owner, its size, or another name that somebody gave it.
void check(const struct stat& s, int fd, const Place& place, const std::string& path, std::size_t limit) {
  check_trusted(fd, path);
  const auto refuse = [&](const std::string& why) {
    throw Error(Exit::refused, concat(quote_for_message(path), why), {.hint = "Name a file of its own for this, or one that is not there yet."});
  };
  if (!S_ISREG(s.st_mode)) refuse(" is no regular file");
  if (place.shared && s.st_nlink > 1) refuse(" has other names, in a directory that others write");
  if (static_cast<std::size_t>(s.st_size) > limit) refuse(concat(" is longer than ", limit, " bytes"));
}

void sync_directory(const Place& place, const std::string& path) {
  const UniqueFd fd(::openat(place.directory.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd || (::fsync(fd.get()) != 0 && errno != EINVAL)) throw_errno(concat("cannot sync the directory of ", quote_for_message(path)));
}

}  // namespace

AppendLog::AppendLog(std::string path, Access access, std::size_t limit) : path_(std::move(path)), access_(access), limit_(limit) {
  const Place place = walk(path_, Way::trusted);
  struct stat status;
  do {
    fd_ = open_log(place, path_, access_);
    status = status_of(fd_.get(), path_);
    check(status, fd_.get(), place, path_, limit_);
    if (access_ == Access::read) return;
    lock(fd_.get(), path_);
  } while (!still_there(status, place));
  if (::fsync(fd_.get()) != 0) throw_errno(concat("cannot sync ", quote_for_message(path_)));
  sync_directory(place, path_);
}

void AppendLog::append(std::string_view line) {
  if (access_ == Access::read) throw Error(Exit::bug, "a log that was opened for reading is written to");
  if (line.find('\n') != std::string_view::npos) throw Error(Exit::bug, "a line of a log holds a line feed");
  if (broken_) throw Error(Exit::io, concat("an earlier write to ", quote_for_message(path_), " failed"));
  const off_t before = end_ ? *end_ : static_cast<off_t>(content().size());
  broken_ = true;  // until it is on the disk
  try {
    if (!end_ && !torn().empty() && ::ftruncate(fd_.get(), before) != 0) throw_errno("cannot cut off the torn last line");
    write_full(fd_.get(), concat(line, "\n"));
    if (::fdatasync(fd_.get()) != 0) throw_errno("cannot write to the disk");
  } catch (const Error& error) {
    // A half line would be cut off by the next writer too; its failing here changes nothing.
    [[maybe_unused]] const int cut = ::ftruncate(fd_.get(), before);
    throw error.within(concat("while adding to ", quote_for_message(path_)));
  }
  end_ = before + static_cast<off_t>(line.size()) + 1;
  broken_ = false;
}

namespace {

std::string bytes_of(int fd, const std::string& path, std::size_t limit) {
  std::string all;
  char piece[65536];
  while (true) {
    const ssize_t got = ::pread(fd, piece, sizeof piece, static_cast<off_t>(all.size()));
    if (got == 0) return all;
    if (got > 0) {
      if (static_cast<std::size_t>(got) > limit - all.size()) throw Error(Exit::io, concat("the file ", quote_for_message(path), " is longer than ", limit, " bytes"));
      all.append(piece, static_cast<std::size_t>(got));
    } else if (errno != EINTR) {
      throw_errno(concat("cannot read ", quote_for_message(path)));
    }
  }
}

}  // namespace

std::string AppendLog::content() const {
  std::string all = bytes_of(fd_.get(), path_, limit_);
  all.resize(all.rfind('\n') + 1);  // npos + 1 is 0: no whole line
  return all;
}

std::string AppendLog::torn() const {
  const std::string all = bytes_of(fd_.get(), path_, limit_);
  return all.substr(all.rfind('\n') + 1);
}

void AppendLog::close() { fd_.close(); }

}  // namespace flytt::os
