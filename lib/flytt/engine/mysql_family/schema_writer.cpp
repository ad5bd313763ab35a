// SPDX-License-Identifier: MIT
#include <flytt/engine/mysql_family/schema_writer.hpp>

#include <algorithm>
#include <array>
#include <set>

#include <flytt/base/error.hpp>
#include <flytt/base/text.hpp>
#include <flytt/engine/mysql_family/definition_check.hpp>
#include <flytt/engine/mysql_family/definition_rewrite.hpp>
#include <flytt/engine/mysql_family/ledger.hpp>
#include <flytt/engine/mysql_family/schema_names.hpp>

namespace flytt::engine::mysql_family {
namespace {

using base::Error;
using value::ObjectKind;
using value::SchemaObject;

constexpr std::string_view kLoadMode = "NO_AUTO_VALUE_ON_ZERO,STRICT_ALL_TABLES,ALLOW_INVALID_DATES,NO_ENGINE_SUBSTITUTION";

/// Modes that MySQL 8.0 no longer takes; they say nothing about how a routine runs there.
constexpr std::array<std::string_view, 11> kGoneFromMysql{"NO_AUTO_CREATE_USER", "NO_FIELD_OPTIONS", "NO_KEY_OPTIONS", "NO_TABLE_OPTIONS",
                                                          "DB2", "MAXDB", "MSSQL", "MYSQL323", "MYSQL40", "ORACLE", "POSTGRESQL"};

/// Errors that say: something this object needs is not there (yet), or runs as somebody who is not.
constexpr std::array kDependsOnMissing{1049, 1146, 1305, 1449, 1356, 1824, 1959, 3523, 4091};

/// Errors that say: it is there already. Table, key name, foreign key (three ways), routine, trigger, event.
constexpr std::array kExists{1050, 1061, 1005, 1826, 1022, 1304, 1359, 1537};
constexpr int kLooks = 3;

/// Objects that keep the sql_mode, character set and time zone of their creation. An empty sql_mode is one, too.
bool keeps_settings(ObjectKind kind) {
  return kind == ObjectKind::routine || kind == ObjectKind::trigger || kind == ObjectKind::event || kind == ObjectKind::view;
}

bool lives_in_database(ObjectKind kind) {
  return kind != ObjectKind::database && kind != ObjectKind::account && kind != ObjectKind::grant;
}

class FamilySchemaWriter final : public SchemaWriter {
 public:
  FamilySchemaWriter(FamilyServer& server, LoadRequest request) : server_(server), request_(std::move(request)) {}

  void create(const SchemaObject& object) override { run(object, statement_of(object)); }

  /// The server may still be busy with the statement of a loader that was killed in the middle of it: then the object comes into
  /// being after we looked, and we look again.
  void recreate(const SchemaObject& object) override {
    for (int tries = 1;; ++tries) {
      try {
        return create_missing(object);
      } catch (const Error& e) {
        if (tries == kLooks || std::find(kExists.begin(), kExists.end(), e.facts().native) == kExists.end()) throw;
      }
    }
  }

  void drop(const SchemaObject& object) override {
    Connection& c = session();
    if (object.kind == ObjectKind::database) {
      // Only what nobody else put something into.
      if (database_empty(c, object.name)) c.execute("DROP DATABASE IF EXISTS " + quote_name(object.name));
    } else if (const auto statement = drop_statement(object)) {
      run_drop(c, object, *statement);
    }
  }

  bool depends_on_missing(const Error& error) const override {
    return std::find(kDependsOnMissing.begin(), kDependsOnMissing.end(), error.facts().native) != kDependsOnMissing.end();
  }

  bool wants_index(const Error& error) const override {
    constexpr int kNoSuchKey = 1176, kNoFulltextKey = 1191;
    return error.facts().native == kNoSuchKey || error.facts().native == kNoFulltextKey;
  }

  std::vector<std::string> shortfalls(const SchemaObject& object) override {
    if (!lapsed_.contains(object.display())) return {};
    return {object.display() + ": its time has passed since the source was read, and no server makes such an event; it is kept here, disabled, ON COMPLETION PRESERVE"};
  }

  std::uint64_t orphans(const SchemaObject& object) override {
    const ForeignKeyFacts fk = foreign_key_facts(object);
    if (fk.parent_outside) return 0;
    std::vector<std::string> joins, not_null;
    for (std::size_t i = 0; i < fk.child_columns.size() && i < fk.parent_columns.size(); ++i) {
      joins.push_back("p." + quote_name(fk.parent_columns[i]) + " = c." + quote_name(fk.child_columns[i]));
      not_null.push_back("c." + quote_name(fk.child_columns[i]) + " IS NOT NULL");
    }
    if (not_null.empty()) throw Error(base::Exit::data, object.display() + " does not say which columns it joins");
    if (fk.parent_gone)
      return session().number(base::concat("SELECT COUNT(*) FROM ", qualified_name(object.schema, object.parent), " AS c WHERE ", base::join(not_null, " AND ")));
    return session().number(base::concat("SELECT COUNT(*) FROM ", qualified_name(object.schema, object.parent), " AS c LEFT JOIN ",
                                         qualified_name(fk.parent_schema, fk.parent_table), " AS p ON ", base::join(joins, " AND "), " WHERE ",
                                         base::join(not_null, " AND "), " AND p.", quote_name(fk.parent_columns.front()), " IS NULL"));
  }

 private:
  Connection& session() {
    if (session_) return *session_;
    auto c = server_.connect();
    prepare_load_session(*c, server_);
    try {
      // What the source holds can be created, however strict this server is about row formats.
      c->execute("SET SESSION innodb_strict_mode = 0");
    } catch (const Error& e) {
      if (e.code() != base::Exit::privilege) throw;
    }
    collation_ = c->scalar("SELECT @@SESSION.collation_connection").value_or("utf8mb4_general_ci");
    session_ = std::move(c);
    return *session_;
  }

  void create_missing(const SchemaObject& object) {
    Connection& c = session();
    switch (object.kind) {
      case ObjectKind::table:
        if (!table_exists(c, object.schema, object.name)) create(object);
        return;
      case ObjectKind::index:
        if (const auto missing = missing_index_statement(c, object)) run(object, *missing);
        return;
      case ObjectKind::foreign_key:
        if (!foreign_key_exists(c, object)) create(object);
        return;
      default:
        drop(object);
        create(object);
    }
  }

  /// With another definer it is another statement: what was checked when it was read is checked again.
  std::string statement_of(const SchemaObject& object) const {
    if (!keeps_settings(object.kind) || (!request_.skip_definers && request_.definer.empty())) return object.statement;
    SchemaObject changed = object;
    changed.statement = with_definer(object.statement, request_.skip_definers ? std::string() : request_.definer);
    check_definition(changed, Names::folded);
    return changed.statement;
  }

  void run(const SchemaObject& object, const std::string& statement) {
    Connection& c = session();
    const bool settings = keeps_settings(object.kind);
    try {
      if (lives_in_database(object.kind)) c.execute("USE " + quote_name(object.schema));
      if (settings) c.execute(settings_of(object));
      if (object.kind == ObjectKind::account) c.execute_secret(statement, "CREATE USER");
      else if (object.kind == ObjectKind::table) create_table(c, statement);
      else if (object.kind == ObjectKind::event) create_event(c, object, statement);
      else c.execute(statement);
    } catch (const Error& e) {
      if (settings && e.facts().connection_usable) put_back(c);
      throw e.within("creating " + object.display());
    }
    if (settings) put_back(c);
  }

  /// An ENUM that names a value twice was made outside of strict mode, and only so can it be made again. What else that mode lets pass
  /// would show when the definition is read back.
  void create_table(Connection& c, const std::string& statement) {
    constexpr int kDuplicatedValue = 1291;
    try {
      return c.execute(statement);
    } catch (const Error& e) {
      if (e.facts().native != kDuplicatedValue) throw;
    }
    c.execute("SET SESSION sql_mode = 'NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES,NO_ENGINE_SUBSTITUTION'");
    try {
      c.execute(statement);
    } catch (const Error& e) {
      if (e.facts().connection_usable) put_back(c);
      throw;
    }
    put_back(c);
  }

  /// An event whose time has passed since the source was read is dropped by the server as it is made. The source drops its own when that
  /// has run, or somebody does; a channel that brings the statement must find one.
  void create_event(Connection& c, const SchemaObject& object, const std::string& statement) {
    constexpr std::string_view kDroppedAtOnce = "1588";
    c.execute(statement);
    const Result warnings = c.query("SHOW WARNINGS");
    for (std::size_t i = 0; i < warnings.rows.size(); ++i) {
      if (warnings.text("Code", i) != kDroppedAtOnce) continue;
      c.execute(preserved_event(statement));
      lapsed_.insert(object.display());
      return;
    }
  }

  std::string settings_of(const SchemaObject& object) {
    const std::string charset = object.charset.empty() ? "utf8mb4" : object.charset;
    const std::string collation = object.collation.empty() ? collation_ : object.collation;
    const std::string mode = object.kind == ObjectKind::view ? std::string(kLoadMode) : mode_of(object.sql_mode);
    const std::string zone = object.time_zone.empty() ? "+00:00" : object.time_zone;
    return base::concat("SET SESSION character_set_client = ", quote_text(charset), ", collation_connection = ", quote_text(collation),
                        ", sql_mode = ", quote_text(mode), ", time_zone = ", quote_text(zone));
  }

  std::string mode_of(const std::string& mode) {
    if (server_.caps().gtid_domains) return mode;
    std::vector<std::string> kept;
    for (const auto word : base::split(mode, ','))
      if (std::find(kGoneFromMysql.begin(), kGoneFromMysql.end(), word) == kGoneFromMysql.end()) kept.emplace_back(word);
    return base::join(kept, ",");
  }

  /// MariaDB knows the word PACKAGE only in Oracle mode.
  void run_drop(Connection& c, const SchemaObject& object, const std::string& statement) {
    const bool oracle = statement.starts_with("DROP PACKAGE");
    try {
      if (oracle) c.execute("SET SESSION sql_mode = 'ORACLE'");
      c.execute(statement);
    } catch (const Error& e) {
      if (oracle && e.facts().connection_usable) put_back(c);
      throw e.within("dropping " + object.display());
    }
    if (oracle) put_back(c);
  }

  void put_back(Connection& c) {
    c.execute(base::concat("SET SESSION character_set_client = utf8mb4, collation_connection = ", collation_, ", sql_mode = '", kLoadMode,
                           "', time_zone = '+00:00'"));
  }

  FamilyServer& server_;
  LoadRequest request_;
  std::set<std::string> lapsed_;  ///< events whose time had passed
  std::string collation_;
  std::unique_ptr<Connection> session_;
};

}  // namespace

std::unique_ptr<SchemaWriter> make_schema_writer(FamilyServer& server, const LoadRequest& request) {
  return std::make_unique<FamilySchemaWriter>(server, request);
}

}  // namespace flytt::engine::mysql_family
