// The workers that build indexes: a few of them while rows are still loaded, all of them afterwards.
// Layer: task (5).  Thread rule: made, finished and ended by one thread; add() from any.
// SPDX-License-Identifier: MIT
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>

#include <flytt/base/context.hpp>
#include <flytt/flow/worker_pool.hpp>
#include <flytt/value/schema.hpp>

namespace flytt::task {

class LoadBuilders {
 public:
  /// Makes one object in the thread of this worker.
  using Build = std::function<void(std::size_t worker, const value::SchemaObject& object)>;

  /// `beside`: how many of them, the first ones, work before finish(): the others need no session before. `on_failure` is told the first failure, in the thread that failed.
  LoadBuilders(std::size_t workers, std::size_t beside, Build build, const base::Context& context, flow::WorkerPool::OnFailure on_failure);
  /// Stops; what is being built is waited for, so its statement should have been cancelled.
  ~LoadBuilders();

  /// One more to build; it outlives this object.
  void add(const value::SchemaObject& object);
  /// All workers from now on; waits until everything is built. Throws: what a worker failed with.
  void finish();

 private:
  void work(std::size_t worker, std::stop_token stop);

  Build build_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<const value::SchemaObject*> waiting_;
  std::size_t beside_;
  bool last_ = false;
  std::unique_ptr<flow::WorkerPool> pool_;  // last: it uses all else
};

}  // namespace flytt::task
