// SPDX-License-Identifier: MIT
#include <flytt/flow/worker_pool.hpp>

namespace flytt::flow {

WorkerPool::WorkerPool(std::size_t threads, Work work, std::stop_token parent, OnFailure on_failure)
    : work_(std::move(work)), on_failure_(std::move(on_failure)), from_parent_(std::move(parent), RequestStop{stop_}) {
  threads_.reserve(threads);
  try {
    for (std::size_t index = 0; index < threads; ++index) {
      threads_.emplace_back([this, index] { run(index); });
    }
  } catch (...) {  // no thread to be had: those that run must not outlive us
    stop();
    wait();
    throw;
  }
}

WorkerPool::~WorkerPool() {
  stop();
  wait();
}

void WorkerPool::run(std::size_t index) noexcept {
  try {
    work_(index, stop_.get_token());
  } catch (...) {
    const auto failure = std::current_exception();
    bool first = false;
    {
      std::lock_guard lock(mutex_);
      first = !failure_;
      if (first) failure_ = failure;
    }
    if (first && on_failure_) on_failure_(failure);
    stop();
  }
}

void WorkerPool::wait() noexcept {
  for (auto& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

void WorkerPool::join() {
  wait();
  if (const auto why = failure()) std::rethrow_exception(why);
}

std::exception_ptr WorkerPool::failure() const {
  std::lock_guard lock(mutex_);
  return failure_;
}

}  // namespace flytt::flow
