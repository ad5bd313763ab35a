// SPDX-License-Identifier: MIT
#include <flytt/task/probe_canary.hpp>

#include <flytt/base/clock.hpp>
#include <flytt/base/error.hpp>
#include <flytt/base/text.hpp>
#include <flytt/base/uuid.hpp>

#include <array>
#include <cerrno>

#include <fcntl.h>
#include <unistd.h>

namespace flytt::task {
namespace {

constexpr std::size_t kWrite = 4096;
constexpr off_t kRound = 256 * kWrite;  // so many writes go to new places, then to the same again

}  // namespace

os::UniqueFd open_unlinked(const std::string& directory, int flags) {
  os::UniqueFd fd(::open(directory.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC | flags, 0600));
  if (fd) return fd;
  const int error = errno;
  if (error == EOPNOTSUPP || error == EISDIR || error == EINVAL) {
    const std::string path = base::concat(directory, "/.flytt-probe-", ::getpid());
    fd.reset(::open(path.c_str(), O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC | flags, 0600));
    if (fd) {
      ::unlink(path.c_str());
      return fd;
    }
    if (errno == EINVAL && flags != 0) throw base::Error(base::Exit::partial, "the filesystem of " + directory + " has no O_DIRECT: what is written there says nothing about a disk");
  }
  base::throw_errno("cannot write in " + base::quote_for_message(directory), errno == EINVAL ? error : errno);
}

ProbeCanary::ProbeCanary(const std::string& directory, std::chrono::nanoseconds every)
    : file_(open_unlinked(directory)), thread_([this, every](std::stop_token stop) { run(stop, every); }) {}

void ProbeCanary::run(std::stop_token stop, std::chrono::nanoseconds every) {
  std::array<char, kWrite> bytes{};
  base::SystemClock clock;
  off_t at = 0;
  while (clock.sleep_for(every, stop)) {
    for (std::size_t i = 0; i < bytes.size(); i += 8) bytes[i] = static_cast<char>(bytes[i] * 31 + 17 + static_cast<char>(i));
    const auto begin = std::chrono::steady_clock::now();
    {
      const std::lock_guard lock(mutex_);
      began_ = begin;
    }
    errno = 0;
    const bool written = ::pwrite(file_.get(), bytes.data(), bytes.size(), at) == static_cast<ssize_t>(bytes.size()) && ::fdatasync(file_.get()) == 0;
    const int error = written ? 0 : errno != 0 ? errno : EIO;
    const auto took = std::chrono::steady_clock::now() - begin;
    at = (at + static_cast<off_t>(kWrite)) % kRound;
    const std::lock_guard lock(mutex_);
    began_.reset();
    error_ = error;
    if (error != 0) return;
    all_.add(took);
    since_.add(took);
  }
}

void ProbeCanary::check() {
  if (error_ != 0) base::throw_errno("the canary cannot write", error_);
}

/// A write that hangs is worth more than one that ended; one that has only begun is worth nothing.
void ProbeCanary::add_pending(plan::Latencies& to) const {
  if (!began_) return;
  const auto age = std::chrono::steady_clock::now() - *began_;
  if (age > std::chrono::milliseconds(100)) to.add(age);
}

plan::Latencies ProbeCanary::total() {
  const std::lock_guard lock(mutex_);
  check();
  auto out = all_;
  add_pending(out);
  return out;
}

plan::Latencies ProbeCanary::recent() {
  const std::lock_guard lock(mutex_);
  check();
  auto out = since_;
  since_ = {};
  add_pending(out);
  return out;
}

}  // namespace flytt::task
