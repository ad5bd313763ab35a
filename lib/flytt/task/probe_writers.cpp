// SPDX-License-Identifier: MIT
#include <flytt/task/probe_writers.hpp>

#include <flytt/base/error.hpp>
#include <flytt/base/text.hpp>
#include <flytt/task/probe_canary.hpp>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <random>

#include <fcntl.h>
#include <unistd.h>

namespace flytt::task {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::size_t kPiece = 1 << 20;
constexpr std::size_t kAlign = 4096;

/// Aligned memory with bytes that no disk can compress; each write has a part of its own, so none can be deduplicated.
class Buffer {
 public:
  Buffer(std::size_t size, std::uint64_t seed) : size_(size), bytes_(static_cast<char*>(std::aligned_alloc(kAlign, size)), &std::free), random_(seed) {
    if (!bytes_) throw std::bad_alloc();
    for (std::size_t i = 0; i < size_; i += 8) put(i);
  }
  const char* fresh() {
    for (std::size_t i = 0; i < size_; i += 512) put(i);
    return bytes_.get();
  }
  std::size_t size() const noexcept { return size_; }

 private:
  void put(std::size_t at) {
    const std::uint64_t v = random_();
    std::memcpy(bytes_.get() + at, &v, sizeof v);
  }
  std::size_t size_;
  std::unique_ptr<char, decltype(&std::free)> bytes_;
  std::mt19937_64 random_;
};

void write_at(int fd, const char* bytes, std::size_t size, std::uint64_t at) {
  std::size_t done = 0;
  while (done < size) {
    const ssize_t n = ::pwrite(fd, bytes + done, size - done, static_cast<off_t>(at + done));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) base::throw_errno("cannot write the test data", n < 0 ? errno : ENOSPC);
    done += static_cast<std::size_t>(n);
  }
}
void sync_data(int fd) {
  if (::fdatasync(fd) != 0) base::throw_errno("cannot sync the test data");
}

/// So that a later write makes nothing grow.
void fill(int fd, std::uint64_t size, std::uint64_t seed, const std::stop_token& stop) {
  Buffer piece(kPiece, seed);
  for (std::uint64_t at = 0; at < size; at += kPiece) {
    if (stop.stop_requested()) throw base::Error(base::Exit::temporary, "stopped on request");
    write_at(fd, piece.fresh(), kPiece, at);
  }
  if (::fsync(fd) != 0) base::throw_errno("cannot sync the test data");
}

std::uint64_t whole(std::uint64_t space, std::uint64_t unit, std::uint64_t most) { return std::max(unit, std::min(space, most) / unit * unit); }

/// The log: small writes one after the other into files that are there already, each synced.
class Commits final : public ProbeWriter {
 public:
  Commits(const std::string& directory, const engine::WritePattern& pattern, std::uint64_t space, const std::stop_token& stop)
      : file_(open_unlinked(directory)), buffer_(pattern.log_write, 1), size_(whole(space, kPiece, 64u << 20)) {
    fill(file_.get(), size_, 2, stop);
  }
  void step(WriteBudget& budget) override {
    if (!budget.take(buffer_.size())) return;
    const char* bytes = buffer_.fresh();
    const auto begin = Clock::now();
    write_at(file_.get(), bytes, buffer_.size(), at_);
    sync_data(file_.get());
    done(buffer_.size(), Clock::now() - begin);
    at_ = (at_ + buffer_.size()) % size_;
  }

 private:
  os::UniqueFd file_;
  Buffer buffer_;
  std::uint64_t size_, at_ = 0;
};

/// A file that grows by pieces of 1 MiB and is synced every 16 of them; a full one is given back and begun again.
class Extend final : public ProbeWriter {
 public:
  Extend(const std::string& directory, std::uint64_t space) : directory_(directory), buffer_(kPiece, 3), size_(whole(space, 16 * kPiece, std::uint64_t{16} << 30)) {}
  void step(WriteBudget& budget) override {
    if (at_ % size_ == 0) file_ = open_unlinked(directory_), at_ = 0;
    const auto begin = Clock::now();
    std::size_t written = 0;
    for (int i = 0; i < 16 && budget.take(kPiece); ++i, written += kPiece) write_at(file_.get(), buffer_.fresh(), kPiece, at_ + written);
    sync_data(file_.get());
    at_ += written;
    done(written, Clock::now() - begin);
    if (written < 16 * kPiece) at_ = 0;
  }

 private:
  std::string directory_;
  os::UniqueFd file_;
  Buffer buffer_;
  std::uint64_t size_, at_ = 0;
};

/// Pages all over a file, in batches that are synced; before each the same pages in sequence to one place, if the engine does.
class Checkpoint final : public ProbeWriter {
 public:
  Checkpoint(const std::string& directory, const engine::WritePattern& pattern, std::uint64_t space, unsigned seed, const std::stop_token& stop)
      : pattern_(pattern), pages_(open_unlinked(directory, pattern.direct ? O_DIRECT : 0)), buffer_(pattern.page, seed), random_(seed),
        count_(whole(space, pattern.page * pattern.pages_a_batch, std::uint64_t{1} << 30) / pattern.page) {
    if (pattern.double_write) first_ = open_unlinked(directory, pattern.direct ? O_DIRECT : 0);
    // Tables are there when they are checkpointed: no page makes the file grow.
    fill(pages_.get(), count_ * pattern.page, seed + 100, stop);
  }
  void step(WriteBudget& budget) override {
    const auto begin = Clock::now();
    std::size_t written = 0;
    if (first_) {
      for (unsigned i = 0; i < pattern_.pages_a_batch && budget.take(pattern_.page); ++i, written += pattern_.page) write_at(first_.get(), buffer_.fresh(), pattern_.page, written);
      sync_data(first_.get());
    }
    std::uint64_t pages = 0;
    for (; pages < pattern_.pages_a_batch && budget.take(pattern_.page); ++pages, written += pattern_.page) {
      write_at(pages_.get(), buffer_.fresh(), pattern_.page, random_() % count_ * pattern_.page);
    }
    sync_data(pages_.get());
    if (written != 0) done(written, Clock::now() - begin, pages);
  }

 private:
  engine::WritePattern pattern_;
  os::UniqueFd pages_, first_;
  Buffer buffer_;
  std::mt19937_64 random_;
  std::uint64_t count_;
};

}  // namespace

void ProbeWriter::done(std::size_t bytes, std::chrono::nanoseconds took, std::uint64_t units) {
  bytes_ += bytes;
  units_ += units;
  const std::lock_guard lock(mutex_);
  all_.add(took);
  since_.add(took);
}

plan::Latencies ProbeWriter::latencies() {
  const std::lock_guard lock(mutex_);
  return all_;
}

plan::Latencies ProbeWriter::recent() {
  const std::lock_guard lock(mutex_);
  auto out = since_;
  since_ = {};
  return out;
}

void ProbeWriter::restart() {
  const std::lock_guard lock(mutex_);
  all_ = since_ = {};
  bytes_ = units_ = 0;
}

std::unique_ptr<ProbeWriter> make_commits(const std::string& directory, const engine::WritePattern& pattern, std::uint64_t space, std::stop_token stop) {
  return std::make_unique<Commits>(directory, pattern, space, stop);
}
std::unique_ptr<ProbeWriter> make_extend(const std::string& directory, std::uint64_t space) { return std::make_unique<Extend>(directory, space); }
std::unique_ptr<ProbeWriter> make_checkpoint(const std::string& directory, const engine::WritePattern& pattern, std::uint64_t space, unsigned seed,
                                             std::stop_token stop) {
  return std::make_unique<Checkpoint>(directory, pattern, space, seed, stop);
}

}  // namespace flytt::task
