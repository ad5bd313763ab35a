// SPDX-License-Identifier: MIT
#include <flytt/engine/postgres/schema_writer.hpp>

#include <flytt/base/text.hpp>
#include <flytt/engine/postgres/archive.hpp>
#include <flytt/engine/postgres/catalog.hpp>
#include <flytt/engine/postgres/foreign_keys.hpp>
#include <flytt/engine/postgres/index_validity.hpp>
#include <flytt/engine/postgres/properties.hpp>
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

/// Objects of a database that are in no schema. What is built in has a number below 16384.
constexpr std::string_view kDropFirst =
    "SELECT pg_catalog.format('DROP EVENT TRIGGER %I', evtname) FROM pg_catalog.pg_event_trigger WHERE oid >= 16384"
    " UNION ALL SELECT pg_catalog.format('DROP PUBLICATION %I', pubname) FROM pg_catalog.pg_publication"
    " UNION ALL SELECT pg_catalog.format('DROP EXTENSION %I CASCADE', extname) FROM pg_catalog.pg_extension WHERE extname <> 'plpgsql'";
constexpr std::string_view kDropLast =
    "SELECT pg_catalog.format('DROP FOREIGN DATA WRAPPER %I CASCADE', fdwname) FROM pg_catalog.pg_foreign_data_wrapper WHERE oid >= 16384"
    " UNION ALL SELECT pg_catalog.format('DROP ACCESS METHOD %I CASCADE', amname) FROM pg_catalog.pg_am WHERE oid >= 16384"
    " UNION ALL SELECT pg_catalog.format('DROP TRANSFORM FOR %s LANGUAGE %I', pg_catalog.format_type(t.trftype, NULL), l.lanname)"
    " FROM pg_catalog.pg_transform t JOIN pg_catalog.pg_language l ON l.oid = t.trflang WHERE t.oid >= 16384"
    " UNION ALL SELECT pg_catalog.format('DROP CAST (%s AS %s)', pg_catalog.format_type(castsource, NULL), pg_catalog.format_type(casttarget, NULL))"
    " FROM pg_catalog.pg_cast WHERE oid >= 16384"
    " UNION ALL SELECT pg_catalog.format('DROP LANGUAGE %I CASCADE', lanname) FROM pg_catalog.pg_language WHERE oid >= 16384 AND lanname <> 'plpgsql'";

class PgSchemaWriter final : public SchemaWriter {
 public:
  PgSchemaWriter(PgServer& server, const LoadRequest& request) : server_(server), request_(request) {}

  void create(const SchemaObject& object) override { make(object, Again::no); }
  void recreate(const SchemaObject& object) override { make(object, Again::yes); }

  void drop(const SchemaObject& object) override {
    if (object.kind != ObjectKind::definitions) return;
    if (object.attributes.empty()) return drop_everything();
    session().execute("DROP TABLE IF EXISTS " + object.attributes + " CASCADE");
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
    const std::string script = Archive(object.statement).script(Section::after_rows, Again::no, request_.code, server_.context().stop);
    for (auto& text : keys_not_valid(session(), script)) out.push_back(std::move(text));
    return out;
  }
  std::uint64_t orphans(const SchemaObject&) override { return 0; }  // the server proves its foreign keys itself

 private:
  void make(const SchemaObject& object, Again again) {
    switch (object.kind) {
      case ObjectKind::definitions:
        Archive(object.statement).restore(server_, Section::before_rows, again, request_, server_.context().stop);
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
    std::vector<std::string> violated;
    try {
      violated = archive.restore(server_, Section::after_rows, again, request_, stop);
    } catch (const Error& e) {
      if (request_.jobs == 1 || e.message().find("deadlock detected") == std::string::npos) throw;
      server_.context().log.info("pg_restore's jobs waited for each other; once more, one after another");
      auto alone = request_;
      alone.jobs = 1;
      violated = archive.restore(server_, Section::after_rows, Again::yes, alone, stop);
    }
    if (violated.empty()) return;
    if (!request_.definer.empty()) session().execute("SET ROLE " + quote_name(request_.definer));
    not_made_ = add_not_valid(session(), archive.script(Section::after_rows, Again::no, request_.code, stop), violated);
    if (!request_.definer.empty()) session().execute("RESET ROLE");
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

  /// Only ever after a preflight that saw nothing of anybody else's here, or with the user's own --if-exists drop --yes.
  void drop_everything() {
    run_all(session().query(kDropFirst));
    const Result r = session().query(concat("SELECT n.nspname FROM pg_catalog.pg_namespace n WHERE ", user_namespace(), " ORDER BY 1"));
    for (const auto& row : r.rows) {
      const std::string name = quote_name(row[0].value_or(""));
      session().execute("DROP SCHEMA " + name + " CASCADE");
      if (row[0] == "public")
        session().execute(concat("CREATE SCHEMA public", server_.caps().snapshot_option ? " AUTHORIZATION pg_database_owner" : "", "; GRANT ",
                                 server_.caps().snapshot_option ? "USAGE" : "ALL", " ON SCHEMA public TO PUBLIC;"
                                 " COMMENT ON SCHEMA public IS 'standard public schema'"));
    }
    run_all(session().query(kDropLast));
    session().execute("SELECT pg_catalog.lo_unlink(oid) FROM pg_catalog.pg_largeobject_metadata");
  }

  /// Statements that a query wrote.
  void run_all(const Result& statements) {
    for (const auto& row : statements.rows) session().execute(row[0].value_or(""));
  }

  Connection& session() {
    if (!session_) {
      session_ = server_.connect();
      // What it commits is on the disk when the ledger's next note is, which waits for it.
      session_->execute("SET synchronous_commit = off");
    }
    return *session_;
  }

  PgServer& server_;
  const LoadRequest request_;
  std::unique_ptr<Connection> session_;
  std::vector<std::string> not_made_;  ///< foreign keys, a sentence each
};

}  // namespace

std::unique_ptr<SchemaWriter> make_schema_writer(PgServer& server, const LoadRequest& request) {
  return std::make_unique<PgSchemaWriter>(server, request);
}

}  // namespace flytt::engine::postgres
