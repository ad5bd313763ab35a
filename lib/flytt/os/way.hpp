// The way to a file, one name after the other: who could have put something else there.
// Layer: os (1).  Thread rule: functions without state.  Rules: man/flytt.7, FILES.
// SPDX-License-Identifier: MIT
#pragma once

#include <flytt/os/fd.hpp>

#include <cstddef>
#include <optional>
#include <string>

namespace flytt::os {

enum class Way : bool {
  trusted,    ///< only root and this user can change any directory or symbolic link on it
  own_links,  ///< no symbolic link of anybody else is followed; directories may be shared
};

/// Where a path ends: a directory that is held open, and a name in it that is no symbolic link.
struct Place {
  UniqueFd directory;   ///< O_PATH: for openat() and its like
  std::string name;
  bool shared = false;  ///< others can make names in the directory
};

/// Follows a path to its last name, which need not be there. A directory that others may write passes as trusted when it is
/// sticky (as /tmp is) and what is taken from it belongs to root or this user.
/// Throws: Exit::refused naming directory or link, whom it belongs to and what to do; Exit::io, Exit::privilege.
Place walk(const std::string& path, Way way);

/// Root, or the user that we run as.
bool is_ours(unsigned user) noexcept;

/// The descriptor that /dev/stdin, /dev/stdout, /dev/stderr, /dev/fd/N or /proc/self/fd/N names: a file that our caller opened.
std::optional<int> descriptor_named(const std::string& path);

/// Who may read a file that decides what is done.
enum class Readers : bool { anybody, owner };

/// Opens a regular file for reading that nobody but root and this user can change, and on a trusted way; /dev/null, and what our
/// caller opened, pass too. Throws: Exit::refused naming what stands against it; Exit::io, Exit::privilege.
UniqueFd open_trusted(const std::string& path, Readers readers = Readers::anybody);

/// The whole of such a file. Throws as open_trusted, and Exit::io when it is longer than `limit` bytes.
std::string read_trusted(const std::string& path, std::size_t limit, Readers readers = Readers::anybody);

/// Refuses what is no regular file, belongs to others, or may be written by them. `shown` is its name for messages.
/// Throws: Exit::refused.
void check_trusted(int fd, const std::string& shown, Readers readers = Readers::anybody);

}  // namespace flytt::os
