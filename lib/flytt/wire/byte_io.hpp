// Where a stream goes to and comes from: a descriptor, or memory in tests.
// Layer: wire (3).  Thread rule: one thread at a time an object.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <stop_token>
#include <string>
#include <string_view>

#include <flytt/os/fd.hpp>

namespace flytt::wire {

class ByteSink {
 public:
  virtual ~ByteSink() = default;
  /// All of it. Throws: Exit::io for a closed pipe, a full disk and the like.
  virtual void write(std::string_view bytes) = 0;
  /// Reports what the kernel had kept back. Throws: Exit::io.
  virtual void close() = 0;
};

class ByteSource {
 public:
  virtual ~ByteSource() = default;
  /// Reads until `size` bytes are there or the source ends; returns how many. Throws: Exit::io.
  virtual std::size_t read(char* into, std::size_t size) = 0;
};

/// Writes to a descriptor it owns. A pipe is widened to 1 MiB where the kernel lets us.
class FdSink final : public ByteSink {
 public:
  /// A stop requested while a full pipe is waited for ends the wait with Exit::temporary.
  explicit FdSink(os::UniqueFd fd, std::stop_token stop = {});
  void write(std::string_view bytes) override;
  void close() override;

 private:
  os::UniqueFd fd_;
  std::stop_token stop_;
};

/// Reads from a descriptor it owns.
class FdSource final : public ByteSource {
 public:
  /// A stop requested while input is waited for ends the wait with Exit::temporary.
  explicit FdSource(os::UniqueFd fd, std::stop_token stop = {});
  std::size_t read(char* into, std::size_t size) override;

 private:
  os::UniqueFd fd_;
  std::stop_token stop_;
};

/// Keeps all of it.
class MemorySink final : public ByteSink {
 public:
  void write(std::string_view bytes) override { bytes_.append(bytes); }
  void close() override {}
  const std::string& bytes() const noexcept { return bytes_; }

 private:
  std::string bytes_;
};

/// Reads bytes it does not own.
class MemorySource final : public ByteSource {
 public:
  explicit MemorySource(std::string_view bytes) noexcept : bytes_(bytes) {}
  std::size_t read(char* into, std::size_t size) override;

 private:
  std::string_view bytes_;
};

}  // namespace flytt::wire
