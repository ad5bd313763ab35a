// A small database in memory behind the engine contract: enough to copy one into another, and to fail wherever a test wants.
// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <flytt/engine/engine.hpp>

namespace fake_engine {

using namespace flytt;

/// What the server holds: it stays when connections go.
struct Store {
  std::mutex mutex;
  std::map<std::string, std::map<std::uint32_t, std::string>> rows;  ///< by "schema.table": id and row image
  std::vector<value::SchemaObject> objects;
  std::vector<engine::LedgerCopy> ledger;
  std::vector<std::pair<std::string, std::string>> remarks;
  std::vector<engine::Setting> changed;   ///< settings that are not as they were

  // What a source says.
  std::vector<value::Table> tables;
  std::vector<engine::Finding> refusals;
  std::vector<std::string> warnings;
  std::vector<engine::Finding> missing_privileges;
  std::vector<engine::Waiter> waiters;
  std::uint64_t miscount = 0;             ///< what COUNT says too much
  // What a target says.
  std::vector<engine::Finding> findings;
  std::map<std::string, std::uint64_t> orphans;  ///< by foreign key's name
  bool whole_tables = false;              ///< it keeps them better
  std::set<std::string> not_whole;        ///< tables of which it refuses that

  /// Called before each step ("read shop.orders", "commit 17", "commit table shop.orders", "create view shop.v", "done view shop.v"); may throw.
  std::function<void(const std::string&)> hook;
  std::function<void()> on_waiters;  ///< called before it is said who waits; no step, since a dump that cannot see them goes on
  std::atomic<int> cancelled{0};

  void step(const std::string& what) {
    if (hook) hook(what);
  }
  /// Adds a table "shop.NAME" of `count` rows to a source, with its object.
  void add_table(const std::string& name, std::uint32_t count, bool key = true, std::size_t note_size = 20);
  bool has(const std::string& display) const;
};

/// Throws like a server that was killed.
[[noreturn]] void lose_connection();
/// Throws like a deadlock.
[[noreturn]] void deadlock();

/// Many Servers may share a Store, as connections do.
class Server final : public engine::Server {
 public:
  explicit Server(Store& store);
  const value::ServerIdentity& identity() override { return identity_; }
  const engine::Endpoint& endpoint() const noexcept override { return endpoint_; }
  const engine::Dialect& dialect() const noexcept override;
  std::unique_ptr<engine::Catalog> catalog() override;
  std::unique_ptr<engine::Snapshot> snapshot(const engine::SnapshotRequest& request) override;
  std::unique_ptr<engine::BulkReader> reader() override;
  std::unique_ptr<engine::Target> target() override;
  std::unique_ptr<engine::Replication> replication() override;
  std::unique_ptr<engine::Tuning> tuning() override;
  void cancel_all() noexcept override { ++store_.cancelled; }

 private:
  Store& store_;
  value::ServerIdentity identity_;
  engine::Endpoint endpoint_;
};

}  // namespace fake_engine
