// A complete engine that holds nothing: the template for a new one, and proof that the contract can be met.
// Layer: engine/empty (3).  Thread rule: as the contract says.  How to add an engine: engine/ADDING.md.
// SPDX-License-Identifier: MIT
#pragma once

#include <memory>

#include <flytt/engine/engine.hpp>

namespace flytt::engine::empty {

/// A server without databases. Reading finds nothing; whatever would change something is refused.
class EmptyServer final : public Server {
 public:
  explicit EmptyServer(Endpoint endpoint);

  const value::ServerIdentity& identity() override { return identity_; }
  const Endpoint& endpoint() const noexcept override { return endpoint_; }
  const Dialect& dialect() const noexcept override;
  std::unique_ptr<Catalog> catalog() override;
  std::unique_ptr<Snapshot> snapshot(const SnapshotRequest& request) override;
  std::unique_ptr<BulkReader> reader() override;
  std::unique_ptr<Target> target() override;
  std::unique_ptr<Replication> replication() override;
  std::unique_ptr<Tuning> tuning() override;
  std::unique_ptr<Storage> storage() override;
  void cancel_all() noexcept override {}

 private:
  Endpoint endpoint_;
  value::ServerIdentity identity_;
};

}  // namespace flytt::engine::empty
