// stderr, one line at a time.
// SPDX-License-Identifier: MIT
#include <flytt/cli/console.hpp>

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

void Console::line(std::initializer_list<Part> parts) noexcept try {
  std::string out;
  const std::lock_guard lock(mutex_);
  for (const Part& part : parts) {
    const bool paint = colors_ && part.paint != Paint::none && !part.text.empty();
    out += base::concat(paint ? code_of(part.paint) : "", base::printable(part.text), paint ? "\x1b[0m" : "");
  }
  end_line(out);
} catch (...) {
  // There is nowhere left to complain to.
}

void Console::json(std::string_view line) noexcept try {
  std::string out(line);
  const std::lock_guard lock(mutex_);
  end_line(out);
} catch (...) {
  // As above.
}

void Console::progress(std::string_view text) noexcept try {
  const std::lock_guard lock(mutex_);
  if (text.empty() && !drawn_) return;
  put(base::concat("\r\x1b[K", base::printable(text)));
  drawn_ = !text.empty();
} catch (...) {
  // As above.
}

/// One write a line: two programs of a pipeline share this terminal.
void Console::end_line(std::string& out) {
  if (drawn_) out.insert(0, "\r\x1b[K");
  out += '\n';
  drawn_ = false;
  put(out);
}

void Console::put(std::string_view bytes) { os::write_full(fd_, bytes); }

}  // namespace flytt::cli
