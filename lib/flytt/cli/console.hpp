// stderr: messages for people, and the one line of progress that they must not run into.
// Layer: cli (6).  Thread rule: every member from any thread.
// SPDX-License-Identifier: MIT
#pragma once

#include <initializer_list>
#include <mutex>
#include <string>
#include <string_view>

namespace flytt::cli {

enum class ColorWhen { automatic, always, never };

/// Shall this descriptor get colours? `automatic`: a terminal, NO_COLOR empty or not set, and TERM not "dumb".
bool colors_for(int fd, ColorWhen when);

/// As much of a text as fits into so many columns of a terminal. What may be wide is taken for wide.
std::string_view fitting(std::string_view text, std::size_t columns) noexcept;

enum class Paint { none, red, yellow, cyan };

/// The text in its colour.
std::string painted(Paint paint, std::string_view text);

/// A piece of a line, and its colour if there are colours.
struct Part {
  Paint paint = Paint::none;
  std::string_view text;
};

/// The one door to stderr: whatever a text holds, its line stays one line and moves no cursor (base::printable).
class Console {
public:
  explicit Console(int fd, bool colors = false) : fd_(fd), colors_(colors) {}
  void set_colors(bool colors);

  /// One whole line. A stderr that cannot be written to is nobody's reason to fail: what fails is dropped.
  void line(std::initializer_list<Part> parts) noexcept;
  void line(std::string_view text) noexcept { line({Part{Paint::none, text}}); }

  /// A line that is JSON: escaped already, and exact.
  void json(std::string_view line) noexcept;

  /// Writes elsewhere on the same terminal: the progress line is removed before and does not come between.
  template <class Write>
  void beside(Write write) {
    const std::lock_guard lock(mutex_);
    remove_progress();
    write();
  }

  /// The progress line of a terminal: drawn over the last one, and cut to one row. Empty removes it.
  void progress(std::string_view text) noexcept;

private:
  void remove_progress() noexcept;
  void end_line(std::string& out);
  void put(std::string_view bytes);

  mutable std::mutex mutex_;
  int fd_;
  bool colors_;
  bool drawn_ = false;
};

}  // namespace flytt::cli
