// SPDX-License-Identifier: MIT
#include <flytt/os/way.hpp>

#include <flytt/base/error.hpp>
#include <flytt/base/text.hpp>
#include <flytt/os/dir.hpp>

#include <cerrno>
#include <climits>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

namespace flytt::os {

using base::concat;
using base::Error;
using base::Exit;
using base::quote_for_message;
using base::throw_errno;

namespace {

constexpr int kMostLinks = 40;  // as the kernel: path_resolution(7)
constexpr mode_t kOthersWrite = S_IWGRP | S_IWOTH;

bool sticky(const struct stat& s) { return (s.st_mode & S_ISVTX) != 0; }

std::string octal(mode_t mode) {
  std::string out;
  for (int shift = 9; shift >= 0; shift -= 3) out += static_cast<char>('0' + ((mode >> shift) & 7));
  return out;
}

[[noreturn]] void refuse(const std::string& what, std::string hint) { throw Error(Exit::refused, what, {.hint = std::move(hint)}); }

[[noreturn]] void refuse_owner(const std::string& what, const std::string& shown, uid_t owner) {
  refuse(concat(what, " ", quote_for_message(shown), " belongs to user ", owner, ", who could change what is read or written there"),
         ::geteuid() == 0 ? "Use one that belongs to root; under sudo, one that is not the caller's (sudo -H)." : "Use one that belongs to you or to root.");
}

struct stat status_of(int fd, const std::string& shown) {
  struct stat s;
  if (::fstat(fd, &s) != 0) throw_errno(concat("cannot look at ", quote_for_message(shown)));
  return s;
}

std::string link_target(int link, const std::string& shown) {
  char text[PATH_MAX];
  const ssize_t size = ::readlinkat(link, "", text, sizeof text);
  if (size < 0 || size == static_cast<ssize_t>(sizeof text)) throw_errno(concat("cannot read the link ", quote_for_message(shown)), size < 0 ? errno : ENAMETOOLONG);
  return {text, static_cast<std::size_t>(size)};
}

/// One walk: the directories that lead to where it stands, and the names that are still before it, next one last.
class Walker {
public:
  Walker(const std::string& path, Way way) : path_(path), way_(way) {
    if (path.empty()) throw_errno("cannot open ''", ENOENT);
    push_names(path);
    if (path.front() != '/') push_names(current_directory());
    begin();
  }

  Place run() {
    while (!names_.empty()) {
      if (names_.back() == ".") {
        names_.pop_back();
      } else if (names_.back() == "..") {
        if (levels_.size() > 1) levels_.pop_back();
        names_.pop_back();
      } else if (!follow_link()) {
        if (names_.size() == 1) return end();
        const std::string name = names_.back();
        enter(levels_.back().fd.get(), name, shown(name));
        names_.pop_back();
      }
    }
    throw Error(Exit::io, concat("cannot use ", quote_for_message(path_), ": it is a directory"));
  }

private:
  struct Level {
    UniqueFd fd;
    std::string shown;
    struct stat status;
  };

  Place end() {
    Level& last = levels_.back();
    return {std::move(last.fd), std::move(names_.back()), (last.status.st_mode & kOthersWrite) != 0 || !is_ours(last.status.st_uid)};
  }

  static std::string current_directory() {
    char text[PATH_MAX];
    if (::getcwd(text, sizeof text) == nullptr) throw_errno("cannot find the current directory");
    return text;
  }

  void push_names(const std::string& path) {
    const auto parts = base::split(path, '/');
    for (auto part = parts.rbegin(); part != parts.rend(); ++part)
      if (!part->empty()) names_.emplace_back(*part);
  }

  void begin() {
    levels_.clear();
    enter(AT_FDCWD, "/", "/");
  }

  std::string shown(const std::string& name) const { return concat(levels_.back().shown == "/" ? "" : levels_.back().shown, "/", name); }

  /// O_DIRECTORY, so that an automounter mounts what is looked at.
  void enter(int at, const std::string& name, const std::string& shown) {
    UniqueFd fd(::openat(at, name.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (!fd) throw_errno(concat("cannot open ", quote_for_message(path_), errno == ENOENT ? "" : concat(": cannot enter ", quote_for_message(shown))));
    const auto status = status_of(fd.get(), shown);
    if (way_ == Way::trusted) check_directory(status, shown);
    levels_.push_back({std::move(fd), shown, status});
  }

  void check_directory(const struct stat& s, const std::string& shown) const {
    if (!is_ours(s.st_uid)) refuse_owner("directory", shown, s.st_uid);
    if ((s.st_mode & kOthersWrite) != 0 && !sticky(s))
      refuse(concat("directory ", quote_for_message(shown), " on the way to ", quote_for_message(path_), " can be written by others (mode ", octal(s.st_mode), ")"),
             concat("chmod go-w ", shown, ", or keep the file elsewhere"));
  }

  /// Replaces a symbolic link by what it says; false when the next name is none.
  bool follow_link() {
    const std::string& name = names_.back();
    const UniqueFd fd(::openat(levels_.back().fd.get(), name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
    const std::string as = shown(name);
    if (!fd && errno == ENOENT) return false;  // whether it must be there is for who uses the place
    if (!fd) throw_errno(concat("cannot open ", quote_for_message(path_), ": cannot look at ", quote_for_message(as)));
    const auto status = status_of(fd.get(), as);
    if (!S_ISLNK(status.st_mode)) return false;
    if (!is_ours(status.st_uid)) refuse_owner("symbolic link", as, status.st_uid);
    if (++links_ > kMostLinks) throw_errno(concat("cannot open ", quote_for_message(path_)), ELOOP);
    const std::string target = link_target(fd.get(), as);
    names_.pop_back();
    push_names(target);
    if (target.starts_with('/')) begin();
    return true;
  }

  const std::string& path_;
  const Way way_;
  std::vector<Level> levels_;
  std::vector<std::string> names_;
  int links_ = 0;
};

bool is_null_device(const struct stat& s) { return S_ISCHR(s.st_mode) && s.st_rdev == makedev(1, 3); }

}  // namespace

bool is_ours(unsigned user) noexcept { return user == 0 || user == ::geteuid(); }

Place walk(const std::string& path, Way way) { return Walker(path, way).run(); }

std::optional<int> descriptor_named(const std::string& path) {
  if (path == "/dev/stdin") return STDIN_FILENO;
  if (path == "/dev/stdout") return STDOUT_FILENO;
  if (path == "/dev/stderr") return STDERR_FILENO;
  for (const std::string_view begin : {std::string_view("/dev/fd/"), std::string_view("/proc/self/fd/")})
    if (path.starts_with(begin))
      if (const auto number = base::parse_u64(std::string_view(path).substr(begin.size())); number && *number <= INT_MAX) return static_cast<int>(*number);
  return std::nullopt;
}

void check_trusted(int fd, const std::string& shown, Readers readers) {
  const auto s = status_of(fd, shown);
  if (is_null_device(s)) return;
  if (!S_ISREG(s.st_mode)) refuse(concat(quote_for_message(shown), " is no regular file"), "Name a plain file of your own.");
  if (!is_ours(s.st_uid)) refuse_owner("file", shown, s.st_uid);
  const std::string mode = concat(" (mode ", octal(s.st_mode), ")");
  if ((s.st_mode & kOthersWrite) != 0) refuse(concat("file ", quote_for_message(shown), " can be written by others than its owner", mode), concat("chmod go-w ", shown));
  if (readers == Readers::owner && (s.st_mode & (S_IRWXG | S_IRWXO)) != 0)
    refuse(concat("file ", quote_for_message(shown), " can be read by others than its owner", mode), concat("chmod 600 ", shown));
}

UniqueFd open_trusted(const std::string& path, Readers readers) {
  if (const auto given = descriptor_named(path)) return duplicate(*given);
  const Place place = walk(path, Way::trusted);
  // Looked at before it is opened: opening a device or a named pipe may do something, or wait for ever.
  const UniqueFd seen(::openat(place.directory.get(), place.name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
  if (!seen) throw_errno(concat("cannot open ", quote_for_message(path)));
  check_trusted(seen.get(), path, readers);
  UniqueFd fd(::openat(place.directory.get(), place.name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (!fd) throw_errno(concat("cannot open ", quote_for_message(path)));
  check_trusted(fd.get(), path, readers);
  return fd;
}

std::string read_trusted(const std::string& path, std::size_t limit, Readers readers) {
  const UniqueFd fd = open_trusted(path, readers);
  return read_all(fd.get(), path, limit);
}

}  // namespace flytt::os
