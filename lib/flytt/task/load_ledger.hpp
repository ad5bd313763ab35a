// The ledger as a load sees it: what is in already, and steps noted by several workers.
// Layer: task (5).  Thread rule: every member from any thread.
// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <mutex>
#include <string>
#include <string_view>

#include <flytt/engine/target.hpp>

namespace flytt::task {

class LoadLedger {
 public:
  /// `ledger` outlives it. `before`: what the ledger held when this run began; empty for a new copy.
  LoadLedger(engine::Ledger& ledger, std::string uuid, engine::LedgerCopy before)
      : ledger_(ledger), uuid_(std::move(uuid)), before_(std::move(before)) {}

  const std::string& uuid() const noexcept { return uuid_; }
  bool was_done(const std::string& phase) const { return before_.done.contains(phase); }
  bool was_begun(const std::string& phase) const { return before_.intents.contains(phase); }
  /// Another step than `phase` that begins so was done.
  bool was_done_otherwise(std::string_view beginning, std::string_view phase) const {
    return std::any_of(before_.done.begin(), before_.done.end(), [&](const std::string& d) { return d.starts_with(beginning) && d != phase; });
  }
  bool has_chunk(std::uint32_t chunk) const { return before_.chunks.contains(chunk); }
  std::size_t chunks_before() const noexcept { return before_.chunks.size(); }

  void intend(const std::string& phase) {
    const std::lock_guard lock(mutex_);
    ledger_.intend(uuid_, phase);
  }
  void done(const std::string& phase, const std::string& remark = {}) {
    const std::lock_guard lock(mutex_);
    ledger_.done(uuid_, phase, remark);
  }
  /// The copy as the ledger has it now.
  engine::LedgerCopy now() {
    const std::lock_guard lock(mutex_);
    auto copy = ledger_.find(uuid_);
    if (!copy) throw base::Error(base::Exit::unavailable, "the ledger of copy " + uuid_ + " is gone");
    return *std::move(copy);
  }
  void finish() {
    const std::lock_guard lock(mutex_);
    ledger_.finish(uuid_);
  }

 private:
  engine::Ledger& ledger_;
  const std::string uuid_;
  const engine::LedgerCopy before_;
  std::mutex mutex_;
};

}  // namespace flytt::task
