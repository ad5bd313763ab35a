// A PostgreSQL server, seen through one of its databases.
// Layer: engine/postgres (3).  Who uses it: the parts of this folder, the registry.
// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <mutex>

#include <flytt/engine/engine.hpp>
#include <flytt/engine/postgres/capabilities.hpp>
#include <flytt/engine/postgres/connection.hpp>

namespace flytt::engine::postgres {

class PgServer final : public Server {
 public:
  PgServer(Endpoint endpoint, const base::Context& ctx);
  ~PgServer() override;

  const value::ServerIdentity& identity() override;
  const Endpoint& endpoint() const noexcept override { return connector_.endpoint(); }
  const Dialect& dialect() const noexcept override;
  std::unique_ptr<Catalog> catalog() override;
  std::unique_ptr<Snapshot> snapshot(const SnapshotRequest& request) override;
  std::unique_ptr<BulkReader> reader() override;
  std::unique_ptr<Target> target() override;
  std::unique_ptr<Replication> replication() override;
  std::unique_ptr<Tuning> tuning() override;
  std::unique_ptr<Storage> storage() override;
  void cancel_all() noexcept override { connector_.cancel_all(); }

  Connector& connector() noexcept { return connector_; }
  const base::Context& context() const noexcept { return connector_.context(); }
  /// Connects on first use.
  const Capabilities& caps();
  /// True when the database that the URL names is not there (yet).
  bool database_missing();
  /// The database of the URL, or what libpq takes in its place.
  const std::string& database();
  /// Throws, where there is no such database and a near name is: Exit::usage.
  std::unique_ptr<Connection> connect();

 private:
  void discover();

  Connector connector_;
  std::once_flag once_;
  value::ServerIdentity identity_;
  Capabilities caps_;
  std::string database_;
  bool missing_ = false;
};

}  // namespace flytt::engine::postgres
