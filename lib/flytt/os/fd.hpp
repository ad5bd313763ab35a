// File descriptors: one owner each, whole writes, and a close that reports.
// Layer: os (1).  Thread rule: one thread an object; the descriptor itself may be used from several.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>

namespace flytt::os {

/// Owns a descriptor. The destructor closes and says nothing: after writing, call close().
class UniqueFd {
public:
  UniqueFd() noexcept = default;
  explicit UniqueFd(int fd) noexcept : fd_(fd) {}
  UniqueFd(UniqueFd&& other) noexcept : fd_(other.release()) {}
  UniqueFd& operator=(UniqueFd&& other) noexcept {
    if (this != &other) reset(other.release());
    return *this;
  }
  ~UniqueFd() { reset(); }

  int get() const noexcept { return fd_; }
  explicit operator bool() const noexcept { return fd_ >= 0; }
  int release() noexcept { return std::exchange(fd_, -1); }
  void reset(int fd = -1) noexcept;

  /// Closes and reports what the kernel had kept back. Throws: Exit::io.
  void close();

private:
  int fd_ = -1;
};

/// EMFILE or ENFILE when there are hardly any descriptors left, 0 else: what a library could not do for want of one, it
/// reports in words of its own.
int short_of_descriptors() noexcept;

struct Pipe {
  UniqueFd read_end;
  UniqueFd write_end;
};

/// A pipe whose ends no child inherits.
Pipe make_pipe();

/// A second descriptor for the same file, not inherited by children.
UniqueFd duplicate(int fd);

/// Opens for reading; "-" is a duplicate of stdin, /dev/fd/N one of descriptor N. A named pipe is waited for until it has something.
/// Throws: Exit::io naming the path, Exit::privilege; Exit::temporary when stop is requested while it waits.
UniqueFd open_for_reading(const std::string& path, std::stop_token stop = {});

enum class Overwrite : bool { no, yes };
/// Creates for writing (mode 0666 and the umask); "-" is a duplicate of stdout, /dev/fd/N one of descriptor N. A named pipe is
/// waited for until somebody reads it. Throws: Exit::refused when the file is there and Overwrite::no, when it belongs to neither
/// root nor this user, or when a symbolic link of others leads to it; Exit::io, Exit::privilege; Exit::temporary as above.
UniqueFd open_for_writing(const std::string& path, Overwrite overwrite, std::stop_token stop = {});

/// Reads what is there, at most `size` bytes; waits when there is nothing yet, also on a non-blocking descriptor.
/// 0 is end of file. Throws: Exit::io; Exit::temporary when stop is requested while it waits.
std::size_t read_some(int fd, char* into, std::size_t size, std::stop_token stop = {});

/// As read_some until `size` bytes are there or the file ends; returns how many.
std::size_t read_full(int fd, char* into, std::size_t size, std::stop_token stop = {});

/// Writes all of it, through EINTR, short writes and EAGAIN.
/// Throws: Exit::io "closed pipe" on EPIPE, Exit::io for a full disk and the rest; Exit::temporary when stop is requested
/// while it waits for a full pipe.
void write_full(int fd, std::string_view bytes, std::stop_token stop = {});

/// fsync and close. A pipe, socket or terminal is only closed. Throws: Exit::io.
void sync_and_close(UniqueFd& fd);

}  // namespace flytt::os
