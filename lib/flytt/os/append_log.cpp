// AppendLog of dir.hpp.
// SPDX-License-Identifier: MIT
#include <flytt/os/dir.hpp>

#include <flytt/base/error.hpp>
#include <flytt/base/text.hpp>

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

UniqueFd open_log(const std::string& path) {
  UniqueFd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0600));
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

/// False when the file was removed or replaced between our opening and locking it.
bool still_there(int fd, const std::string& path) {
  struct stat ours;
  struct stat named;
  return ::fstat(fd, &ours) == 0 && ::stat(path.c_str(), &named) == 0 && ours.st_ino == named.st_ino &&
         ours.st_dev == named.st_dev;
}

off_t size_of(int fd, const std::string& path) {
  struct stat status;
  if (::fstat(fd, &status) != 0) throw_errno(concat("cannot look at ", quote_for_message(path)));
  return status.st_size;
}

}  // namespace

AppendLog::AppendLog(std::string path) : path_(std::move(path)) {
  do {
    fd_ = open_log(path_);
    lock(fd_.get(), path_);
  } while (!still_there(fd_.get(), path_));
  const std::string whole = content();
  if (static_cast<off_t>(whole.size()) != size_of(fd_.get(), path_)) {
    if (::ftruncate(fd_.get(), static_cast<off_t>(whole.size())) != 0) {
      throw_errno(concat("cannot cut the torn last line off ", quote_for_message(path_)));
    }
  }
  if (::fsync(fd_.get()) != 0) throw_errno(concat("cannot sync ", quote_for_message(path_)));
  sync_parent(path_);
}

void AppendLog::append(std::string_view line) {
  if (line.find('\n') != std::string_view::npos) throw Error(Exit::bug, "a line of a log holds a line feed");
  if (broken_) throw Error(Exit::io, concat("an earlier write to ", quote_for_message(path_), " failed"));
  const off_t before = size_of(fd_.get(), path_);
  broken_ = true;  // until it is on the disk
  try {
    write_full(fd_.get(), concat(line, "\n"));
    if (::fdatasync(fd_.get()) != 0) throw_errno("cannot write to the disk");
  } catch (const Error& error) {
    // A half line would be cut off at the next opening too; its failing here changes nothing.
    [[maybe_unused]] const int cut = ::ftruncate(fd_.get(), before);
    throw error.within(concat("while adding to ", quote_for_message(path_)));
  }
  broken_ = false;
}

std::string AppendLog::content() const {
  std::string all;
  char piece[65536];
  while (true) {
    const ssize_t got = ::pread(fd_.get(), piece, sizeof piece, static_cast<off_t>(all.size()));
    if (got == 0) break;
    if (got > 0) {
      all.append(piece, static_cast<std::size_t>(got));
    } else if (errno != EINTR) {
      throw_errno(concat("cannot read ", quote_for_message(path_)));
    }
  }
  all.resize(all.rfind('\n') + 1);  // npos + 1 is 0: no whole line
  return all;
}

void AppendLog::close() { fd_.close(); }

}  // namespace flytt::os
