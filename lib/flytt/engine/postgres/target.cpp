// SPDX-License-Identifier: MIT
#include <flytt/engine/postgres/target.hpp>

#include <optional>
#include <set>
#include <utility>

#include <flytt/base/text.hpp>
#include <flytt/engine/postgres/catalog.hpp>
#include <flytt/engine/postgres/ledger.hpp>
#include <flytt/engine/postgres/preflight.hpp>
#include <flytt/engine/postgres/replaceable.hpp>
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
    asked_ = request.if_exists;
    // Numbers of large objects that were here before are others' where rows are added, and else the copy's.
    replaces_numbers_ = !manifest.scope.data_only;
    auto out = preflight_findings(server_, manifest, request, known);
    if (!known && asked_ == IfExists::drop && !manifest.scope.data_only && !server_.database_missing()) try_to_drop(manifest, out);
    return out;
  }

  /// One object that stands for all that is to be dropped, or that is in the way; with --if-exists drop those besides, which stay. With rows
  /// alone: their tables.
  std::vector<SchemaObject> existing(const value::Manifest& manifest) override {
    copy_.uuid = manifest.uuid;
    copy_.left_behind.clear();
    for (const auto& [fact, unused] : manifest.source.settings)
      if (fact.starts_with(kExtensionRows)) copy_.left_behind.push_back(base::concat("rows that users added to ", fact.substr(kExtensionRows.size()), " are not carried: copy them by hand"));
    if (manifest.scope.chooses_tables()) copy_.schemas_of_choice = manifest.schemas;
    if (server_.database_missing()) return {};
    const auto c = server_.connect();
    c->execute("SET lock_timeout = '10s'");  // sizes are asked for, and another load may hold a table
    if (manifest.scope.data_only) return tables(*c, manifest.scope);
    const std::string database = manifest.source.settings.count("database") != 0 ? manifest.source.settings.at("database") : server_.database();
    if (asked_ && *asked_ != IfExists::drop) {
      if (what_is_there(*c, manifest.scope).empty()) return {};
      return {standing_for({}, database)};
    }
    std::vector<SchemaObject> out;
    std::set<std::string> ours;
    if (asked_) {
      const auto held = held_by(manifest);
      for (const auto& object : droppable(*c)) {
        if (held.contains(object.identity())) ours.insert(object.identity());
        else if (object.kind != ObjectKind::schema && object.kind != ObjectKind::extension && object.kind != ObjectKind::default_grant) out.push_back(alone(object));
      }
      // It is not dropped, but is to be as in a new database.
      if (const std::string schema = Droppable{ObjectKind::schema, {}, "public", {}}.identity(); !ours.empty() && held.contains(schema)) ours.insert(schema);
    } else {
      ours = made_by(*c, manifest.uuid);
    }
    if (!ours.empty()) out.push_back(standing_for(ours, database));
    return out;
  }

  Ledger& ledger() override {
    if (!ledger_) ledger_ = make_ledger(server_);
    return *ledger_;
  }
  std::unique_ptr<BulkWriter> writer() override { return make_writer(server_, replaces_numbers_ ? Numbers::replaced : Numbers::kept); }
  bool whole_tables() const override { return true; }
  std::unique_ptr<SchemaWriter> schema_writer(const LoadRequest& request) override { return make_schema_writer(server_, request, copy_); }

 private:
  /// Everything is tried but the COMMIT, so that what is in the way is told before anything is changed.
  void try_to_drop(const value::Manifest& manifest, std::vector<Finding>& out) {
    try {
      drop_objects(server_, held_by(manifest), Then::rollback);
    } catch (const base::Error& e) {
      if (e.code() != base::Exit::refused) throw;
      out.push_back({true, "others-depend", "database " + server_.database(), e.message(), e.facts().hint});
    }
  }

  /// What is there and was not when the copy made its first object.
  static std::set<std::string> made_by(Connection& c, const std::string& uuid) {
    const auto kept = noted_kept(c, uuid);
    if (!kept) return {};
    std::set<std::string> out = large_objects_there(c);
    for (const auto& object : droppable(c)) out.insert(object.identity());
    for (const auto& identity : *kept) out.erase(identity);
    return out;
  }

  static SchemaObject alone(const Droppable& object) {
    SchemaObject out;
    out.kind = object.kind;
    out.schema = object.schema;
    out.name = object.name;
    return out;
  }

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
  CopyInHand copy_;                     ///< that existing() was asked about
  std::optional<IfExists> asked_;       ///< of a load; nothing when a copy is discarded
  bool replaces_numbers_ = false;
  std::unique_ptr<Ledger> ledger_;
};

}  // namespace

std::unique_ptr<Target> make_target(PgServer& server) { return std::make_unique<PgTarget>(server); }

}  // namespace flytt::engine::postgres
