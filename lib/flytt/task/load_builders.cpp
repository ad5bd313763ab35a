// Index builds beside the loading of rows.
// SPDX-License-Identifier: MIT
#include <flytt/task/load_builders.hpp>

#include <utility>

namespace flytt::task {

LoadBuilders::LoadBuilders(std::size_t workers, std::size_t beside, Build build, const base::Context& context,
                           flow::WorkerPool::OnFailure on_failure)
    : build_(std::move(build)), beside_(beside) {
  pool_ = std::make_unique<flow::WorkerPool>(
      workers, [this](std::size_t worker, std::stop_token stop) { work(worker, stop); }, context.stop, std::move(on_failure));
}

LoadBuilders::~LoadBuilders() { pool_->stop(); }

void LoadBuilders::add(const value::SchemaObject& object) {
  const std::lock_guard lock(mutex_);
  waiting_.push_back(&object);
  changed_.notify_all();
}

void LoadBuilders::finish() {
  {
    const std::lock_guard lock(mutex_);
    beside_ = static_cast<std::size_t>(-1);
    last_ = true;
    changed_.notify_all();
  }
  pool_->join();
}

void LoadBuilders::work(std::size_t worker, std::stop_token stop) {
  std::unique_lock lock(mutex_);
  for (;;) {
    const bool woken = changed_.wait(lock, stop, [&] { return (!waiting_.empty() && worker < beside_) || (last_ && waiting_.empty()); });
    if (!woken || stop.stop_requested() || waiting_.empty()) return;
    const auto* object = waiting_.front();
    waiting_.pop_front();
    lock.unlock();
    build_(worker, *object);
    lock.lock();
  }
}

}  // namespace flytt::task
