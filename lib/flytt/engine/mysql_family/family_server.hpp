// A server of the family: what MariaDB and MySQL have in common, composed with the few parts in which they differ.
// Layer: engine/mysql_family (3).  Who uses it: the parts of this folder, mariadb/ and mysql/.
// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <mutex>
#include <optional>

#include <flytt/engine/engine.hpp>
#include <flytt/engine/mysql_family/capabilities.hpp>
#include <flytt/engine/mysql_family/connection.hpp>

namespace flytt::engine::mysql_family {

class Variant;

/// What identity and capabilities a product has: the parts in which the products differ. See mariadb/ and mysql/.
class FamilyServer final : public Server {
 public:
  FamilyServer(Endpoint endpoint, const base::Context& ctx);
  ~FamilyServer() override;

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
  const Variant& variant();
  std::unique_ptr<Connection> connect() { return connector_.connect(); }

 private:
  void discover();

  Connector connector_;
  std::once_flag once_;
  value::ServerIdentity identity_;
  Capabilities caps_;
  const Variant* variant_ = nullptr;
};

}  // namespace flytt::engine::mysql_family
