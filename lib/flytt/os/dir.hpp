// Directories and the files that must survive a crash: the state directory and the append-only log.
// Layer: os (1).  Thread rule: one thread an object.
// SPDX-License-Identifier: MIT
#pragma once

#include <flytt/os/fd.hpp>

#include <string>
#include <string_view>

namespace flytt::os {

/// Where flytt keeps journals: $XDG_STATE_HOME/flytt, else $HOME/.local/state/flytt. Made with mode 0700 when missing.
/// Throws: Exit::config when neither variable is an absolute path, Exit::io, Exit::privilege.
std::string state_directory();

/// Makes a directory and its missing parents, mode 0700. Throws: Exit::io, Exit::privilege.
void make_directories(const std::string& path);

bool exists(const std::string& path);

/// The whole file. Throws: Exit::io, Exit::privilege; Exit::io when it is longer than `limit` bytes.
std::string read_all(const std::string& path, std::size_t limit = std::size_t{1} << 30);

/// Replaces a file as a whole: written beside it, synced, renamed, directory synced; mode 0600. After a crash there is the
/// old one or the new one.
void replace_file(const std::string& path, std::string_view content);

/// Syncs the directory that holds the path, so that a new name in it survives a crash.
void sync_parent(const std::string& path);

/// A file of lines that only grows. Each append is on the disk when it returns. Held under an exclusive lock.
class AppendLog {
public:
  /// Opens or makes the file (mode 0600). A last line without its end, torn by a crash, is cut off.
  /// Throws: Exit::locked when another process holds it, Exit::io, Exit::privilege.
  explicit AppendLog(std::string path);

  /// Adds one line (no line feed in it) and syncs. After an error the object takes no more lines. Throws: Exit::io.
  void append(std::string_view line);

  /// All whole lines, with their ends.
  std::string content() const;
  const std::string& path() const noexcept { return path_; }

  /// Gives the lock back. Throws: Exit::io.
  void close();

private:
  std::string path_;
  UniqueFd fd_;
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
