// SPDX-License-Identifier: MIT
#include <flytt/engine/mysql_family/target.hpp>

#include <flytt/base/error.hpp>
#include <flytt/engine/mysql_family/ledger.hpp>
#include <flytt/engine/mysql_family/preflight.hpp>
#include <flytt/engine/mysql_family/schema_writer.hpp>
#include <flytt/engine/mysql_family/target_existing.hpp>
#include <flytt/engine/mysql_family/writer.hpp>

namespace flytt::engine::mysql_family {
namespace {

class FamilyTarget final : public Target {
 public:
  explicit FamilyTarget(FamilyServer& server) : server_(server) {}

  std::vector<Finding> preflight(const value::Manifest& manifest, const LoadRequest& request) override {
    return preflight_findings(session(), server_, manifest, request, existing(manifest), known(manifest.uuid));
  }

  std::vector<value::SchemaObject> existing(const value::Manifest& manifest) override { return existing_objects(session(), manifest); }

  Ledger& ledger() override {
    if (!ledger_) ledger_ = make_ledger(server_);
    return *ledger_;
  }

  std::unique_ptr<BulkWriter> writer() override { return make_writer(server_); }

  std::unique_ptr<SchemaWriter> schema_writer(const LoadRequest& request) override { return make_schema_writer(server_, request); }

 private:
  /// An account that may not read the ledger cannot have written it; the preflight names the right that is missing.
  bool known(const std::string& uuid) {
    try {
      return ledger().find(uuid).has_value();
    } catch (const base::Error& e) {
      if (e.code() == base::Exit::privilege) return false;
      throw;
    }
  }

  Connection& session() {
    if (!session_) session_ = server_.connect();
    return *session_;
  }

  FamilyServer& server_;
  std::unique_ptr<Connection> session_;
  std::unique_ptr<Ledger> ledger_;
};

}  // namespace

std::unique_ptr<Target> make_target(FamilyServer& server) { return std::make_unique<FamilyTarget>(server); }

}  // namespace flytt::engine::mysql_family
