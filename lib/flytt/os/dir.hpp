// Directories and the files that must survive a crash: the state directory and the append-only log.
// Layer: os (1).  Thread rule: one thread an object.
// SPDX-License-Identifier: MIT
#pragma once

#include <flytt/os/fd.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace flytt::os {

/// Where flytt keeps journals: $XDG_STATE_HOME/flytt, else $HOME/.local/state/flytt.
/// Throws: Exit::config when neither variable is an absolute path.
std::string state_path();

/// The same, made with mode 0700 when missing. Throws: Exit::config as above, Exit::io, Exit::privilege.
std::string state_directory();

/// Makes a directory and its missing parents, mode 0700. Throws: Exit::io, Exit::privilege.
void make_directories(const std::string& path);

bool exists(const std::string& path);

/// Names in a directory, sorted; none when it is not there. Throws: Exit::io, Exit::privilege.
std::vector<std::string> names_in(const std::string& directory);

/// The whole file. Throws: Exit::io, Exit::privilege; Exit::io when it is longer than `limit` bytes.
std::string read_all(const std::string& path, std::size_t limit = std::size_t{1} << 30);
/// What is left of an open file; `shown` is its name for messages.
std::string read_all(int fd, const std::string& shown, std::size_t limit);

/// Replaces a file as a whole: written beside it, synced, renamed, directory synced; mode 0600. After a crash there is the
/// old one or the new one.
void replace_file(const std::string& path, std::string_view content);

/// Syncs the directory that holds the path, so that a new name in it survives a crash.
void sync_parent(const std::string& path);

/// A file of lines that only grows, and that nobody but root and this user can change. Each append is on the disk when it returns.
class AppendLog {
public:
  enum class Access : bool {
    read,    ///< the file must be there, and is changed in nothing; others may append meanwhile
    append,  ///< made when missing (mode 0600), and held under an exclusive lock
  };

  /// Opens and changes nothing: whoever reads it decides first whether these are lines of his.
  /// Throws: Exit::refused for what is no regular file, belongs to others, can be changed by them, or is longer than `limit`
  /// bytes; Exit::locked when another process appends to it; Exit::io, Exit::privilege.
  explicit AppendLog(std::string path, Access access = Access::append, std::size_t limit = kMostBytes);

  /// Adds one line (no line feed in it) and syncs; the first one cuts off what torn() gave. After an error the object takes no
  /// more lines. Throws: Exit::io.
  void append(std::string_view line);

  /// All whole lines, with their ends.
  std::string content() const;
  /// What follows the last line end: of a file of ours, a line that a crash has torn.
  std::string torn() const;
  const std::string& path() const noexcept { return path_; }

  /// Gives the lock back. Throws: Exit::io.
  void close();

  static constexpr std::size_t kMostBytes = std::size_t{64} << 20;

private:
  std::string path_;
  Access access_;
  std::size_t limit_;
  UniqueFd fd_;
  std::optional<std::int64_t> end_;  // of the last whole line, once something was added
  bool broken_ = false;
};

/// A directory of our own under $TMPDIR or /tmp, removed with all it holds at the end.
class TempDir {
public:
  TempDir();
  ~TempDir();
  TempDir(const TempDir&) = delete;
  TempDir& operator=(const TempDir&) = delete;
  const std::string& path() const noexcept { return path_; }

private:
  std::string path_;
};

}  // namespace flytt::os
