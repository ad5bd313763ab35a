// The kernel's files, /proc and /sys: this host's, another mount of them, or a recording that is played frame by frame.
// Layer: os (1).  Thread rule: read() from any thread, next() from one.  Format of a recording: tests/vectors/proc/README.
// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace flytt::os {

/// Reads below a root. A recording is a root with a directory `frames`; each frame's files stand in for those of the root.
class KernelFiles {
public:
  /// "" is this host. Throws: Exit::io when the root has no proc.
  explicit KernelFiles(std::string root = {});

  /// The whole file by its usual name, "/proc/diskstats"; nothing when there is none or it may not be read.
  std::optional<std::string> read(std::string_view path) const;
  /// Same, without the blanks at its end.
  std::optional<std::string> word(std::string_view path) const;
  /// Names in a directory, sorted; empty when there is none.
  std::vector<std::string> list(std::string_view path) const;
  bool exists(std::string_view path) const;

  /// True when this host's own files are read: only then do system calls say the same.
  bool live() const noexcept { return root_.empty(); }
  bool recorded() const noexcept { return !frames_.empty(); }
  /// Goes to the next frame; false when there is none left, true always without a recording.
  bool next() noexcept;
  /// The frame's own clock: seconds that only grow, as CLOCK_MONOTONIC. Nothing without a recording.
  std::optional<double> recorded_seconds() const;

private:
  std::string place(std::string_view path) const;

  std::string root_;
  std::vector<std::string> frames_;
  std::size_t frame_ = 0;
};

}  // namespace flytt::os
