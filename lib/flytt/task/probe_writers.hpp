// The parts of a restore as writers: commits to a log, a file that grows, a checkpoint of pages.
// Layer: task (5).  Thread rule: a writer belongs to one thread; its numbers may be read from any.
// SPDX-License-Identifier: MIT
#pragma once

#include <flytt/engine/write_pattern.hpp>
#include <flytt/os/fd.hpp>
#include <flytt/plan/latency.hpp>

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>

namespace flytt::task {

/// What all writers may write together: bytes and space. Asked before each write.
class WriteBudget {
 public:
  explicit WriteBudget(std::uint64_t bytes) : left_(static_cast<std::int64_t>(bytes)), limited_(bytes != 0) {}
  /// False when it is used up.
  bool take(std::size_t bytes) noexcept {
    written_ += bytes;
    if (!limited_) return true;
    return left_.fetch_sub(static_cast<std::int64_t>(bytes)) >= static_cast<std::int64_t>(bytes);
  }
  bool empty() const noexcept { return limited_ && left_ <= 0; }
  std::uint64_t written() const noexcept { return written_; }

 private:
  std::atomic<std::int64_t> left_;
  std::atomic<std::uint64_t> written_{0};
  bool limited_;
};

/// One kind of work, done step by step.
class ProbeWriter {
 public:
  virtual ~ProbeWriter() = default;
  /// One unit: a commit, a piece of a file, a batch of pages, with its sync. Throws: Exit::io; 74 names what was written.
  virtual void step(WriteBudget& budget) = 0;

  std::uint64_t bytes() const noexcept { return bytes_; }
  std::uint64_t units() const noexcept { return units_; }
  /// All so far.
  plan::Latencies latencies();
  /// Those since the last call of this.
  plan::Latencies recent();
  /// Forgets what was counted.
  void restart();

 protected:
  void done(std::size_t bytes, std::chrono::nanoseconds took, std::uint64_t units = 1);

 private:
  std::atomic<std::uint64_t> bytes_{0}, units_{0};
  std::mutex mutex_;
  plan::Latencies all_, since_;
};

/// Files without names in `directory`, filled as far as they have to be. `space` bounds what each may take.
/// Throws: Exit::io, Exit::privilege, Exit::partial; Exit::temporary when stop is requested meanwhile.
std::unique_ptr<ProbeWriter> make_commits(const std::string& directory, const engine::WritePattern& pattern, std::uint64_t space, std::stop_token stop);
std::unique_ptr<ProbeWriter> make_extend(const std::string& directory, std::uint64_t space);
std::unique_ptr<ProbeWriter> make_checkpoint(const std::string& directory, const engine::WritePattern& pattern, std::uint64_t space, unsigned seed,
                                             std::stop_token stop);

}  // namespace flytt::task
