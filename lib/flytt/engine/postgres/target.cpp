// SPDX-License-Identifier: MIT
#include <flytt/engine/postgres/target.hpp>

#include <flytt/base/text.hpp>
#include <flytt/engine/postgres/catalog.hpp>
#include <flytt/engine/postgres/ledger.hpp>
#include <flytt/engine/postgres/preflight.hpp>
#include <flytt/engine/postgres/schema_writer.hpp>
#include <flytt/engine/postgres/writer.hpp>

namespace flytt::engine::postgres {
namespace {

using value::ObjectKind;
using value::SchemaObject;

class PgTarget final : public Target {
 public:
  explicit PgTarget(PgServer& server) : server_(server) {}

  std::vector<Finding> preflight(const value::Manifest& manifest, const LoadRequest& request) override {
    if (server_.endpoint().database.empty())
      throw base::Error(base::Exit::usage, "the URL of the target names no database",
                        {.hint = "Name one: " + server_.endpoint().display() + "/" + (manifest.databases.empty() ? "shop" : manifest.databases[0].name) +
                                 ". It is created when it is not there."});
    const bool known = ledger().find(manifest.uuid).has_value();
    return preflight_findings(server_, manifest, request, known);
  }

  /// With whole databases: one object that stands for all there is. With tables alone: those tables.
  std::vector<SchemaObject> existing(const value::Manifest& manifest) override {
    if (server_.database_missing()) return {};
    const auto c = server_.connect();
    c->execute("SET lock_timeout = '10s'");  // sizes are asked for, and another load may hold a table
    if (manifest.scope.data_only) return tables(*c, manifest.scope);
    const auto present = what_is_there(*c, manifest.scope);
    if (present.empty()) return {};
    SchemaObject all;
    all.kind = ObjectKind::definitions;
    all.schema = manifest.source.settings.count("database") != 0 ? manifest.source.settings.at("database") : server_.database();
    all.name = "archive";
    if (!manifest.scope.include_tables.empty())
      for (const auto& table : tables(*c, manifest.scope))
        all.attributes += (all.attributes.empty() ? "" : ", ") + quote_table(table.schema, table.name);
    return {all};
  }

  Ledger& ledger() override {
    if (!ledger_) ledger_ = make_ledger(server_);
    return *ledger_;
  }
  std::unique_ptr<BulkWriter> writer() override { return make_writer(server_); }
  bool whole_tables() const override { return true; }
  std::unique_ptr<SchemaWriter> schema_writer(const LoadRequest& request) override { return make_schema_writer(server_, request); }

 private:
  static std::vector<SchemaObject> tables(Connection& c, const value::Scope& scope) {
    std::vector<SchemaObject> out;
    for (const auto& relation : read_relations(c, scope)) {
      SchemaObject& object = out.emplace_back();
      object.kind = ObjectKind::table;
      object.schema = relation.table.name.schema;
      object.name = relation.table.name.table;
    }
    return out;
  }

  PgServer& server_;
  std::unique_ptr<Ledger> ledger_;
};

}  // namespace

std::unique_ptr<Target> make_target(PgServer& server) { return std::make_unique<PgTarget>(server); }

}  // namespace flytt::engine::postgres
