// SPDX-License-Identifier: MIT
#include <flytt/engine/mysql_family/head_watch.hpp>

#include <sys/socket.h>

#include <algorithm>
#include <chrono>

#include <flytt/os/tcp.hpp>

namespace flytt::engine::mysql_family {
namespace {

constexpr std::chrono::milliseconds kLook{100};

}  // namespace

HeadWatch::Scope::Scope(HeadWatch& watch, int socket) : watch_(watch), before_(os::received_bytes(socket)) {
  if (!before_) return;  // a socket file: whoever answers there is this host's
  socket_ = os::duplicate(socket);
  const std::lock_guard lock(watch_.mutex_);
  watch_.waiting_.push_back(this);
  if (!watch_.thread_.joinable()) watch_.thread_ = std::jthread([&owner = watch_](std::stop_token ended) { owner.run(ended); });
  watch_.wake_.notify_one();
}

HeadWatch::Scope::~Scope() {
  if (!before_) return;
  const std::lock_guard lock(watch_.mutex_);
  std::erase(watch_.waiting_, this);
}

void HeadWatch::run(const std::stop_token& ended) {
  std::unique_lock lock(mutex_);
  while (wake_.wait(lock, ended, [this] { return !waiting_.empty(); })) {
    // Most answers are there long before that.
    wake_.wait_for(lock, ended, kLook, [this] { return waiting_.empty(); });
    for (Scope* one : waiting_) {
      const auto received = os::received_bytes(one->socket_.get());
      if (!received || *received - *one->before_ <= kMostHeadBytes) continue;
      one->tripped_ = true;
      ::shutdown(one->socket_.get(), SHUT_RDWR);
    }
  }
}

}  // namespace flytt::engine::mysql_family
