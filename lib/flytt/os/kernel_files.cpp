// SPDX-License-Identifier: MIT
#include <flytt/os/kernel_files.hpp>

#include <flytt/base/error.hpp>
#include <flytt/base/text.hpp>
#include <flytt/os/fd.hpp>

#include <algorithm>
#include <cerrno>
#include <cstdlib>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace flytt::os {
namespace {

std::vector<std::string> entries_of(const std::string& path) {
  std::vector<std::string> out;
  DIR* dir = ::opendir(path.c_str());
  if (dir == nullptr) return out;
  while (const dirent* entry = ::readdir(dir)) {
    if (entry->d_name[0] != '.') out.emplace_back(entry->d_name);
  }
  ::closedir(dir);
  std::sort(out.begin(), out.end());
  return out;
}

bool there(const std::string& path) { return ::access(path.c_str(), F_OK) == 0; }

}  // namespace

KernelFiles::KernelFiles(std::string root) : root_(std::move(root)) {
  while (root_.size() > 1 && root_.back() == '/') root_.pop_back();
  if (root_ == "/") root_.clear();
  if (!root_.empty()) {
    for (const std::string& name : entries_of(root_ + "/frames")) frames_.push_back(root_ + "/frames/" + name);
  }
  if (!there(place("/proc"))) {
    throw base::Error(base::Exit::io, "there is no proc below " + base::quote_for_message(root_.empty() ? "/" : root_),
                      {.hint = "--proc-root names a directory that holds proc and sys."});
  }
}

std::string KernelFiles::place(std::string_view path) const {
  if (!frames_.empty()) {
    std::string in_frame = base::concat(frames_[frame_], path);
    if (there(in_frame)) return in_frame;
  }
  return base::concat(root_, path);
}

std::optional<std::string> KernelFiles::read(std::string_view path) const {
  constexpr std::size_t kMost = std::size_t{64} << 20;  // a copy of a host may hold anything
  const UniqueFd fd(::open(place(path).c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  if (!fd) return std::nullopt;
  std::string out;
  char buffer[16384];
  for (;;) {
    const ssize_t n = ::read(fd.get(), buffer, sizeof buffer);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return std::nullopt;
    if (n == 0) return out;
    if (static_cast<std::size_t>(n) > kMost - out.size()) return std::nullopt;
    out.append(buffer, static_cast<std::size_t>(n));
  }
}

std::optional<std::string> KernelFiles::word(std::string_view path) const {
  const auto text = read(path);
  if (!text) return std::nullopt;
  return std::string(base::trim(*text));
}

std::vector<std::string> KernelFiles::list(std::string_view path) const { return entries_of(place(path)); }

bool KernelFiles::exists(std::string_view path) const { return there(place(path)); }

bool KernelFiles::next() noexcept {
  if (frames_.empty()) return true;
  if (frame_ + 1 >= frames_.size()) return false;
  ++frame_;
  return true;
}

std::optional<double> KernelFiles::recorded_seconds() const {
  if (frames_.empty()) return std::nullopt;
  const auto clock = word("/clock");
  if (!clock) throw base::Error(base::Exit::data, "the frame " + frames_[frame_] + " has no file clock");
  return std::strtod(clock->c_str(), nullptr);
}

}  // namespace flytt::os
