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

std::string_view fitting(std::string_view text, std::size_t columns) noexcept {
  std::size_t used = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if ((byte & 0xc0) == 0x80) continue;  // goes on with a character
    used += byte >= 0xe0 ? 2 : 1;
    if (used > columns) return text.substr(0, i);
  }
  return text;
}

std::string painted(Paint paint, std::string_view text) { return base::concat(code_of(paint), text, "\x1b[0m"); }

void Console::set_colors(bool colors) {
  const std::lock_guard lock(mutex_);
  colors_ = colors;
}

void Console::line(std::initializer_list<Part> parts) noexcept try {
  std::string out;
  const std::lock_guard lock(mutex_);
  for (const Part& part : parts) {
    const bool paint = colors_ && part.paint != Paint::none && !part.text.empty();
    out += paint ? painted(part.paint, base::printable(part.text)) : base::printable(part.text);
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
  if (text.empty()) return remove_progress();
  const std::string shown = base::printable(text);
  // The last column stays free: some terminals go to the next row with it, others do not.
  const auto width = os::terminal_width(fd_);
  put(base::concat("\r\x1b[K", width ? fitting(shown, *width - 1) : std::string_view(shown)));
  drawn_ = true;
} catch (...) {
  // As above.
}

void Console::remove_progress() noexcept try {
  if (drawn_) put("\r\x1b[K");
  drawn_ = false;
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
