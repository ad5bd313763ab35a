// SPDX-License-Identifier: MIT
#include <flytt/os/fd.hpp>

#include <flytt/base/error.hpp>
#include <flytt/base/text.hpp>
#include <flytt/base/uuid.hpp>
#include <flytt/os/output_file.hpp>
#include <flytt/os/stop_event.hpp>
#include <flytt/os/way.hpp>

#include <algorithm>
#include <array>
#include <cerrno>

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

namespace flytt::os {

using base::concat;
using base::Error;
using base::Exit;
using base::quote_for_message;
using base::throw_errno;

void UniqueFd::reset(int fd) noexcept {
  if (fd_ >= 0 && fd_ != fd) ::close(fd_);
  fd_ = fd;
}

void UniqueFd::close() {
  // Linux has freed the number even when it says EINTR: never again.
  if (fd_ >= 0 && ::close(release()) != 0 && errno != EINTR) throw_errno("cannot finish writing a file");
}

UniqueFd duplicate(int fd) {
  // Not 0 to 2: a child gets those put in order by number.
  UniqueFd copy(::fcntl(fd, F_DUPFD_CLOEXEC, 3));
  if (!copy) throw_errno(concat("cannot duplicate descriptor ", fd));
  return copy;
}

int short_of_descriptors() noexcept {
  constexpr std::size_t kFew = 8;  // looking up a host, its certificates and a socket take some each
  std::array<UniqueFd, kFew> spare;
  for (auto& fd : spare) {
    fd.reset(::open("/", O_PATH | O_CLOEXEC));
    if (!fd) return errno == EMFILE || errno == ENFILE ? errno : 0;
  }
  return 0;
}

Pipe make_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw_errno("cannot make a pipe");
  Pipe pipe{UniqueFd(ends[0]), UniqueFd(ends[1])};
  if (ends[0] <= STDERR_FILENO) pipe.read_end = duplicate(ends[0]);
  if (ends[1] <= STDERR_FILENO) pipe.write_end = duplicate(ends[1]);
  return pipe;
}

namespace {

[[noreturn]] void throw_stopped() { throw Error(Exit::temporary, "stopped on request"); }

short poll_once(int fd, short events, int timeout_ms) {
  pollfd entry{fd, events, 0};
  while (::poll(&entry, 1, timeout_ms) < 0) {
    if (errno != EINTR) throw_errno("cannot wait for a descriptor");
  }
  return entry.revents;
}

/// Waits until the descriptor is ready. The event for the stop is made only when there is something to wait for.
void wait_ready(int fd, short events, const std::stop_token& stop) {
  if (stop.stop_requested()) throw_stopped();
  if (!stop.stop_possible()) {
    poll_once(fd, events, -1);
    return;
  }
  if (poll_once(fd, events, 0) != 0) return;
  const StopEvent event(stop);
  pollfd entries[2] = {{fd, events, 0}, {event.fd(), POLLIN, 0}};
  while (::poll(entries, 2, -1) < 0) {
    if (errno != EINTR) throw_errno("cannot wait for a descriptor");
  }
  if (stop.stop_requested()) throw_stopped();
}

/// Writes some, and waits at most where the stop can be heard.
///
/// A blocking write to a full pipe cannot be left: our signals are blocked, no EINTR comes. And O_NONBLOCK on the
/// pipe itself would show in every process that shares it. So a pipe is opened once more for ourselves; where that is not
/// allowed, pieces of one page are written when poll() says there is room: those never block.
class StoppableWriter {
public:
  StoppableWriter(int fd, std::size_t size) : fd_(fd) {
    struct stat status;
    if (::fstat(fd, &status) != 0) throw_errno("cannot write");
    socket_ = S_ISSOCK(status.st_mode);
    may_block_ = S_ISFIFO(status.st_mode) || S_ISCHR(status.st_mode);
    if (S_ISFIFO(status.st_mode) && size > kPage) {
      own_.reset(::open(concat("/proc/self/fd/", fd).c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC));
    }
  }

  ssize_t write(std::string_view bytes, const std::stop_token& stop) const {
    if (socket_) return ::send(fd_, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (own_) return ::write(own_.get(), bytes.data(), bytes.size());
    if (!may_block_) return ::write(fd_, bytes.data(), bytes.size());
    wait_ready(fd_, POLLOUT, stop);
    return ::write(fd_, bytes.data(), std::min(bytes.size(), kPage));
  }

private:
  static constexpr std::size_t kPage = 4096;  // PIPE_BUF
  int fd_;
  UniqueFd own_;
  bool socket_ = false;
  bool may_block_ = false;
};

/// True when a failed write is to be tried again.
bool write_again(int fd, const std::stop_token& stop) {
  if (errno == EINTR) return true;
  if (errno == EAGAIN || errno == EWOULDBLOCK) {
    wait_ready(fd, POLLOUT, stop);
    return true;
  }
  if (errno == EPIPE) {
    base::Facts facts;
    facts.native = EPIPE;
    throw Error(Exit::io, "closed pipe: who read our output has gone", std::move(facts));
  }
  return false;
}

template <class Write>
void write_all(int fd, std::string_view bytes, const std::stop_token& stop, Write&& write) {
  while (!bytes.empty()) {
    const ssize_t wrote = write(bytes);
    if (wrote >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(wrote));
    } else if (!write_again(fd, stop)) {
      throw_errno("cannot write");
    }
  }
}

}  // namespace

namespace {

constexpr int kLookAgainMs = 100;  // nothing tells that somebody opens the other end of a named pipe

void block_again(int fd, const std::string& path) {
  const int flags = ::fcntl(fd, F_GETFL);
  if (flags < 0 || ::fcntl(fd, F_SETFL, flags & ~O_NONBLOCK) != 0) throw_errno(concat("cannot open ", quote_for_message(path)));
}

/// In a directory where others can make names, what is there already may be theirs, or a second name of a file elsewhere.
void refuse_of_others(const std::string& path, const Place& place, const struct stat& s) {
  const bool file = S_ISREG(s.st_mode);
  const bool theirs = !is_ours(s.st_uid) && (file || place.shared);
  if (!theirs && !(file && place.shared && s.st_nlink > 1)) return;
  throw Error(Exit::refused, concat(quote_for_message(path), theirs ? concat(" belongs to user ", s.st_uid) : std::string(" has other names in a directory that others write"), ", and is not written to"),
              {.hint = "Remove it first, or write elsewhere."});
}

UniqueFd open_pipe_for_writing(const Place& place, const std::string& path, const std::stop_token& stop) {
  const StopEvent event(stop);
  while (true) {
    UniqueFd fd(::openat(place.directory.get(), place.name.c_str(), O_WRONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC));
    if (fd) {
      block_again(fd.get(), path);
      return fd;
    }
    if (errno != ENXIO) throw_errno(concat("cannot open ", quote_for_message(path), " for writing"));
    poll_once(event.fd(), POLLIN, kLookAgainMs);
    if (stop.stop_requested()) throw_stopped();
  }
}

}  // namespace

UniqueFd open_for_reading(const std::string& path, std::stop_token stop) {
  if (path == "-") return duplicate(STDIN_FILENO);
  if (const auto given = descriptor_named(path)) return duplicate(*given);
  UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  if (!fd) throw_errno(concat("cannot open ", quote_for_message(path)));
  struct stat status;
  if (::fstat(fd.get(), &status) != 0) throw_errno(concat("cannot look at ", quote_for_message(path)));
  if (S_ISDIR(status.st_mode)) throw Error(Exit::io, concat("cannot read ", quote_for_message(path), ": it is a directory"));
  if (S_ISFIFO(status.st_mode)) wait_ready(fd.get(), POLLIN, stop);
  block_again(fd.get(), path);
  return fd;
}

UniqueFd open_for_writing(const std::string& path, Overwrite overwrite, std::stop_token stop) {
  if (path == "-") return duplicate(STDOUT_FILENO);
  if (const auto given = descriptor_named(path)) return duplicate(*given);
  const Place place = walk(path, Way::own_links);
  int flags = O_WRONLY | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY;
  struct stat status;
  if (::fstatat(place.directory.get(), place.name.c_str(), &status, AT_SYMLINK_NOFOLLOW) != 0) {
    flags |= O_CREAT | O_EXCL;
  } else {
    if (S_ISREG(status.st_mode) && overwrite == Overwrite::no) throw Error(Exit::refused, concat("the file ", quote_for_message(path), " is there already"));
    refuse_of_others(path, place, status);
    if (S_ISFIFO(status.st_mode)) return open_pipe_for_writing(place, path, stop);
    if (S_ISREG(status.st_mode)) flags |= O_TRUNC;  // of a device there is nothing to lose
  }
  UniqueFd fd(::openat(place.directory.get(), place.name.c_str(), flags, 0666));
  if (!fd) throw_errno(concat("cannot open ", quote_for_message(path), " for writing"));
  return fd;
}

OutputFile::OutputFile(const std::string& path, std::stop_token stop) : path_(path) {
  struct stat status;
  const auto written_itself = [&] {
    if (path == "-" || descriptor_named(path)) return true;
    place_ = walk(path, Way::own_links);
    return ::fstatat(place_.directory.get(), place_.name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0 && !S_ISREG(status.st_mode);
  };
  if (written_itself()) {
    fd_ = open_for_writing(path, Overwrite::yes, std::move(stop));
    return;
  }
  const bool there = ::fstatat(place_.directory.get(), place_.name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0;
  if (there) refuse_of_others(path, place_, status);
  if (there && ::faccessat(place_.directory.get(), place_.name.c_str(), W_OK, 0) != 0) throw_errno(concat("cannot open ", quote_for_message(path), " for writing"));
  beside_ = concat(place_.name, ".", base::make_uuid(), ".part");
  fd_ = UniqueFd(::openat(place_.directory.get(), beside_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY, 0666));
  if (!fd_) {
    const int why = errno;
    beside_.clear();
    throw_errno(concat("cannot make a file beside ", quote_for_message(path)), why);
  }
  if (there && ::fchmod(fd_.get(), status.st_mode & 07777) != 0) {
    const int why = errno;
    ::unlinkat(place_.directory.get(), beside_.c_str(), 0);
    throw_errno(concat("cannot give a file beside ", quote_for_message(path), " its mode"), why);
  }
}

OutputFile::~OutputFile() {
  if (!beside_.empty()) ::unlinkat(place_.directory.get(), beside_.c_str(), 0);
}

void OutputFile::keep() {
  if (beside_.empty()) return;
  const int directory = place_.directory.get();
  if (::renameat(directory, beside_.c_str(), directory, place_.name.c_str()) != 0) throw_errno(concat("cannot give the new file the name ", quote_for_message(path_)));
  beside_.clear();
  const UniqueFd synced(::openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!synced || (::fsync(synced.get()) != 0 && errno != EINVAL)) throw_errno(concat("cannot sync the directory of ", quote_for_message(path_)));
}

std::size_t read_some(int fd, char* into, std::size_t size, std::stop_token stop) {
  if (size == 0) return 0;
  while (true) {
    if (stop.stop_possible()) wait_ready(fd, POLLIN, stop);
    const ssize_t got = ::read(fd, into, size);
    if (got >= 0) return static_cast<std::size_t>(got);
    if (errno == EAGAIN || errno == EWOULDBLOCK) {
      wait_ready(fd, POLLIN, stop);
    } else if (errno != EINTR) {
      throw_errno("cannot read");
    }
  }
}

std::size_t read_full(int fd, char* into, std::size_t size, std::stop_token stop) {
  std::size_t have = 0;
  while (have < size) {
    const std::size_t got = read_some(fd, into + have, size - have, stop);
    if (got == 0) break;
    have += got;
  }
  return have;
}

void write_full(int fd, std::string_view bytes, std::stop_token stop) {
  if (bytes.empty()) return;
  if (stop.stop_possible()) {
    const StoppableWriter writer(fd, bytes.size());
    write_all(fd, bytes, stop, [&](std::string_view rest) { return writer.write(rest, stop); });
  } else {
    write_all(fd, bytes, stop, [&](std::string_view rest) { return ::write(fd, rest.data(), rest.size()); });
  }
}

void sync_and_close(UniqueFd& fd) {
  // EINVAL and EROFS: this kind of file cannot be synced, there is nothing to lose.
  const bool failed = ::fsync(fd.get()) != 0 && errno != EINVAL && errno != EROFS && errno != ENOTSUP;
  const int why = errno;
  if (failed) {
    fd.reset();
    throw_errno("cannot write a file to the disk", why);
  }
  fd.close();
}

}  // namespace flytt::os
