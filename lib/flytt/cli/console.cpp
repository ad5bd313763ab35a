// stderr, one line at a time.
// SPDX-License-Identifier: MIT
#include <flytt/cli/console.hpp>

#include <flytt/base/error.hpp>
#include <flytt/base/text.hpp>
#include <flytt/os/fd.hpp>
#include <flytt/os/terminal.hpp>

#include <cstdlib>

namespace flytt::cli {
namespace {

std::string_view code_of(Paint paint) {
  switch (paint) {
    case Paint::none: return "";
    case Paint::red: return "\x1b[31m";
    case Paint::yellow: return "\x1b[33m";
    case Paint::cyan: return "\x1b[36m";
  }
  return "";
}

}  // namespace

bool colors_for(int fd, ColorWhen when) {
  if (when != ColorWhen::automatic) return when == ColorWhen::always;
  const char* no_color = std::getenv("NO_COLOR");
  const char* term = std::getenv("TERM");
  if (no_color != nullptr && *no_color != '\0') return false;
  if (term == nullptr || std::string_view(term) == "dumb") return false;
  return os::is_tty(fd);
}

void Console::set_colors(bool colors) {
  const std::lock_guard lock(mutex_);
  colors_ = colors;
}

std::string Console::painted(Paint paint, std::string_view text) const {
  const std::lock_guard lock(mutex_);
  if (!colors_ || paint == Paint::none) return std::string(text);
  return base::concat(code_of(paint), text, "\x1b[0m");
}

void Console::line(std::string_view text) noexcept {
  const std::lock_guard lock(mutex_);
  // One write a line: two programs of a pipeline share this terminal.
  put(base::concat(drawn_ ? "\r\x1b[K" : "", text, '\n'));
  drawn_ = false;
}

void Console::progress(std::string_view text) noexcept {
  const std::lock_guard lock(mutex_);
  if (text.empty() && !drawn_) return;
  put(base::concat("\r\x1b[K", text));
  drawn_ = !text.empty();
}

void Console::put(std::string_view bytes) noexcept {
  try {
    os::write_full(fd_, bytes);
  } catch (const base::Error&) {
    // There is nowhere left to complain to.
  }
}

}  // namespace flytt::cli
