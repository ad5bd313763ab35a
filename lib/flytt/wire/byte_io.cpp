// Descriptors as sinks and sources.
// SPDX-License-Identifier: MIT
#include <flytt/wire/byte_io.hpp>

#include <fcntl.h>

#include <cstring>
#include <utility>

namespace flytt::wire {
namespace {

constexpr int kPipeSize = 1 << 20;

/// Fewer, larger wake-ups. It is a wish: other descriptors and small limits refuse it.
void widen(int fd) noexcept { static_cast<void>(::fcntl(fd, F_SETPIPE_SZ, kPipeSize)); }

}  // namespace

FdSink::FdSink(os::UniqueFd fd, std::stop_token stop) : fd_(std::move(fd)), stop_(std::move(stop)) { widen(fd_.get()); }

void FdSink::write(std::string_view bytes) { os::write_full(fd_.get(), bytes, stop_); }

void FdSink::close() {
  if (fd_) os::sync_and_close(fd_);
}

FdSource::FdSource(os::UniqueFd fd, std::stop_token stop) : fd_(std::move(fd)), stop_(std::move(stop)) { widen(fd_.get()); }

std::size_t FdSource::read(char* into, std::size_t size) { return os::read_full(fd_.get(), into, size, stop_); }

std::size_t MemorySource::read(char* into, std::size_t size) {
  const std::size_t n = size < bytes_.size() ? size : bytes_.size();
  std::memcpy(into, bytes_.data(), n);
  bytes_.remove_prefix(n);
  return n;
}

}  // namespace flytt::wire
