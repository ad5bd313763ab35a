// SPDX-License-Identifier: MIT
#include <flytt/engine/postgres/schema_writer.hpp>

#include <utility>

#include <flytt/base/text.hpp>
#include <flytt/engine/postgres/archive.hpp>
#include <flytt/engine/postgres/catalog.hpp>
#include <flytt/engine/postgres/event_triggers.hpp>
#include <flytt/engine/postgres/foreign_keys.hpp>
#include <flytt/engine/postgres/index_validity.hpp>
#include <flytt/engine/postgres/properties.hpp>
#include <flytt/engine/postgres/replaceable.hpp>
#include <flytt/engine/postgres/statistics.hpp>

namespace flytt::engine::postgres {
namespace {

using base::concat;
using base::Error;
using value::ObjectKind;
using value::SchemaObject;

constexpr std::string_view kRoleExists = "42710";
constexpr std::string_view kGrantOfObjects = "large objects";  // attributes of a grant
constexpr std::string_view kNotPopulated = "55000";

class PgSchemaWriter final : public SchemaWriter {
 public:
  PgSchemaWriter(PgServer& server, const LoadRequest& request, CopyInHand copy) : server_(server), request_(request), copy_(std::move(copy)) {}

  void create(const SchemaObject& object) override { make(object, Again::no); }
  void recreate(const SchemaObject& object) override { make(object, Again::yes); }

  void drop(const SchemaObject& object) override {
    if (object.kind == ObjectKind::definitions) drop_objects(server_, identities_in(object), Then::commit);
  }

  /// A view that reads another through a function, which no catalog tells.
  bool depends_on_missing(const Error& e) const override { return e.facts().sqlstate == kNotPopulated; }
  /// Whose the database is decides where objects can be given to their owners.
  bool after_rows(const SchemaObject& object) const override { return object.attributes == kGrantOfObjects || (object.kind == ObjectKind::property && object.name != "owner"); }

  /// What the server itself refuses of these; an operator's word or a lost connection is none.
  bool may_stay_behind(const SchemaObject& object, const Error& e) const override {
    const bool optional = object.kind == ObjectKind::refresh || object.kind == ObjectKind::property || object.kind == ObjectKind::sequence_value;
    const std::string& state = e.facts().sqlstate;
    return optional && !state.empty() && !state.starts_with("08") && !state.starts_with("57") && !state.starts_with("53") && !state.starts_with("XX");
  }

  std::vector<std::string> shortfalls(const SchemaObject& object) override {
    if (object.kind != ObjectKind::late_definitions) return {};
    auto out = not_made_;
    out.insert(out.end(), copy_.left_behind.begin(), copy_.left_behind.end());
    const std::string script = Archive(object.statement).script(Section::after_rows, Again::no, request_.code, server_.context().stop);
    for (auto& text : keys_not_valid(session(), script)) out.push_back(std::move(text));
    return out;
  }
  std::uint64_t orphans(const SchemaObject&) override { return 0; }  // the server proves its foreign keys itself

 private:
  void make(const SchemaObject& object, Again again) {
    switch (object.kind) {
      case ObjectKind::definitions:
        if (again == Again::no) note_kept(session(), copy_.uuid);
        make_schemas();
        Archive(object.statement).restore(server_, Section::before_rows, again, request_, server_.context().stop, kept_schemas(session(), copy_.uuid));
        return;
      case ObjectKind::late_definitions: {
        // Without statistics foreign keys are proved, views refreshed and the first queries after the switchover run on guesses. And a
        // table is read for them best before its indexes are built, which leaves it in the server's buffers, page by page.
        analyze(server_, request_.jobs, Analyzed::tables);
        restore_late(object, again);
        prove_indexes_valid(session(), object.attributes);
        return analyze(server_, request_.jobs, Analyzed::with_expressions);
      }
      case ObjectKind::account: return account(object);
      case ObjectKind::grant:
        if (object.attributes == kGrantOfObjects && (request_.skip_definers || !request_.definer.empty())) return;
        [[fallthrough]];
      case ObjectKind::sequence_value: return session().execute_secret(object.statement, "the statement of " + object.display());
      case ObjectKind::refresh: return refresh(object);
      case ObjectKind::property: return property(object);
      default: throw Error(base::Exit::data, "a stream for PostgreSQL has no " + object.display());
    }
  }

  /// Those of tables that were chosen by name: their archive has none.
  void make_schemas() {
    for (const auto& name : copy_.schemas_of_choice)
      if (!session().scalar("SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = " + quote_text(name))) session().execute("CREATE SCHEMA " + quote_name(name));
  }

  /// As a session of the source's database would, as far as the server lets it: releases from 17 on look for names in pg_catalog only.
  void refresh(const SchemaObject& object) {
    const auto look_in = [this](const std::string& path) { session().query("SELECT pg_catalog.set_config('search_path', $1, false)", {path}); };
    look_in(object.attributes);
    try {
      session().execute(object.statement);
    } catch (const Error&) {
      if (session().alive()) look_in("");
      throw;
    }
    look_in("");
    session().execute(concat("ANALYZE ", quote_table(object.schema, object.name)));
  }

  /// Roles that are left away, or that work for administrators and are not here, leave nothing behind.
  void property(const SchemaObject& object) {
    const bool no_owners = request_.skip_definers || !request_.definer.empty();
    if (no_owners && object.name == "owner") return;
    const bool known = object.parent.empty() || !session().query("SELECT 1 FROM pg_catalog.pg_roles WHERE rolname = $1", {object.parent}).empty();
    if (!known && (no_owners || object.attributes == kMayBeMissing)) {
      server_.context().log.info(concat("there is no role ", object.parent, " here: ", object.name, " is left out"));
      return;
    }
    session().execute_secret(property_for(object, server_.database()), "the statement of " + object.display());
  }

  /// pg_restore's jobs know of each other's locks, but not of those that CLUSTER ON and REPLICA IDENTITY USING INDEX take behind an
  /// index: two of a table can wait for each other. One after another they cannot.
  void restore_late(const SchemaObject& object, Again again) {
    const Archive archive(object.statement);
    const auto stop = server_.context().stop;
    Unmade unmade;
    try {
      unmade = archive.restore(server_, Section::after_rows, again, request_, stop);
    } catch (const Error& e) {
      if (request_.jobs == 1 || e.message().find("deadlock detected") == std::string::npos) throw;
      server_.context().log.info("pg_restore's jobs waited for each other; once more, one after another");
      auto alone = request_;
      alone.jobs = 1;
      unmade = archive.restore(server_, Section::after_rows, Again::yes, alone, stop);
    }
    not_made_ = unmade.missing;
    if (unmade.violated.empty() && unmade.indexes.empty()) return;
    if (!request_.definer.empty()) session().execute("SET ROLE " + quote_name(request_.definer));
    for (const auto& index : unmade.indexes) make_index(index);
    if (!unmade.violated.empty())
      for (auto& text : add_not_valid(session(), archive.script(Section::after_rows, Again::no, request_.code, stop), unmade.violated)) not_made_.push_back(std::move(text));
    if (!request_.definer.empty()) session().execute("RESET ROLE");
  }

  /// As its owner made it: with the names found where sessions of this database look. Releases from 17 on look nowhere.
  void make_index(const Complaint& index) {
    session().execute("SELECT pg_catalog.set_config('search_path', reset_val, false) FROM pg_catalog.pg_settings WHERE name = 'search_path'");
    try {
      session().execute(index.statement);
    } catch (const Error& e) {
      if (!session().alive()) throw;
      not_made_.push_back(concat("an index is left out: ", e.message(), "; make it when its function names schemas: ", index.statement));
    }
    session().execute("SELECT pg_catalog.set_config('search_path', '', false)");
  }

  /// A role that is there keeps its password and attributes, as an administrator would want.
  void account(const SchemaObject& object) {
    try {
      session().execute_secret(object.statement, "CREATE ROLE " + quote_name(object.name));
    } catch (const Error& e) {
      if (e.facts().sqlstate != kRoleExists) throw;
      server_.context().log.info("role " + object.name + " is there already and stays as it is");
    }
  }

  Connection& session() {
    if (!session_) {
      session_ = server_.connect();
      // What it commits is on the disk when the ledger's next note is, which waits for it.
      session_->execute("SET synchronous_commit = off");
      keep_event_triggers_quiet(*session_);
    }
    return *session_;
  }

  PgServer& server_;
  const LoadRequest request_;
  const CopyInHand copy_;
  std::unique_ptr<Connection> session_;
  std::vector<std::string> not_made_;  ///< foreign keys, a sentence each
};

}  // namespace

std::unique_ptr<SchemaWriter> make_schema_writer(PgServer& server, const LoadRequest& request, CopyInHand copy) {
  return std::make_unique<PgSchemaWriter>(server, request, std::move(copy));
}

}  // namespace flytt::engine::postgres
