// SPDX-License-Identifier: MIT
#include <flytt/engine/mysql_family/catalog.hpp>

#include <algorithm>
#include <array>

#include <flytt/base/error.hpp>
#include <flytt/base/text.hpp>
#include <flytt/engine/mysql_family/catalog_reading.hpp>
#include <flytt/engine/mysql_family/computed_values.hpp>
#include <flytt/engine/mysql_family/definition_rewrite.hpp>
#include <flytt/engine/mysql_family/privileges.hpp>
#include <flytt/engine/mysql_family/replication.hpp>
#include <flytt/engine/mysql_family/snapshot.hpp>

namespace flytt::engine::mysql_family {
namespace {

using value::Database;
using value::ObjectKind;

constexpr std::array<std::string_view, 7> kSystemDatabases{"mysql", "information_schema", "performance_schema", "sys",
                                                           "flytt", "ndbinfo", "#mysql50#lost+found"};

/// Says in the server's own words why a database of the scope is not to be seen.
[[noreturn]] void no_such_database(Connection& c, const std::string& name) {
  try {
    c.query("SHOW TABLES FROM " + quote_name(name));
  } catch (const base::Error& e) {
    if (e.facts().native == 1044) throw e.within("reading the catalog");
  }
  throw base::Error(base::Exit::unavailable, "database " + base::quote_for_message(name) + " does not exist",
                    {.endpoint = c.endpoint(), .connection_usable = true});
}

/// `alike`: databases of users that are told from the server's own only by the case of their letters.
std::vector<Database> databases_of(Connection& c, FamilyServer& server, const value::Scope& scope, std::vector<std::string>& alike) {
  const Result r = c.query(base::concat("SELECT SCHEMA_NAME, DEFAULT_CHARACTER_SET_NAME, DEFAULT_COLLATION_NAME, ", server.caps().database_comment ? "SCHEMA_COMMENT" : "''",
                                        " FROM information_schema.SCHEMATA ORDER BY SCHEMA_NAME"));
  std::vector<Database> out;
  for (const auto& row : r.rows) {
    Database d{row[0].value_or(""), row[1].value_or(""), row[2].value_or(""), row[3].value_or("")};
    const bool named = std::find(scope.databases.begin(), scope.databases.end(), d.name) != scope.databases.end();
    if ((scope.all_databases && !is_system_database(d.name)) || named) out.push_back(std::move(d));
    else if (scope.all_databases && std::find(kSystemDatabases.begin(), kSystemDatabases.end(), d.name) == kSystemDatabases.end()) alike.push_back(d.name);
  }
  if (scope.all_databases) return out;
  for (const auto& name : scope.databases) {
    if (is_system_database(name))
      throw base::Error(base::Exit::refused, "database " + base::quote_for_message(name) + " belongs to the server and is not copied");
    if (std::none_of(out.begin(), out.end(), [&](const Database& d) { return d.name == name; })) no_such_database(c, name);
  }
  return out;
}

enum class Listing : bool { for_filters, always };

/// Views and sequences are listed, too: --table chooses them as it does tables.
value::Names read_names(Connection& c, const value::Scope& scope, Listing listing = Listing::for_filters) {
  value::Names out;
  const Result databases = c.query("SELECT SCHEMA_NAME FROM information_schema.SCHEMATA ORDER BY SCHEMA_NAME");
  for (const auto& row : databases.rows) out.databases.push_back(row[0].value_or(""));
  if (listing == Listing::for_filters && scope.whole_databases()) return out;
  for (const auto& database : out.databases) {
    const bool named = std::find(scope.databases.begin(), scope.databases.end(), database) != scope.databases.end();
    if (is_system_database(database) || (!scope.all_databases && !named)) continue;
    const Result r = c.query("SELECT TABLE_NAME, TABLE_TYPE FROM information_schema.TABLES WHERE TABLE_SCHEMA = " + quote_text(database) + " ORDER BY TABLE_NAME");
    for (const auto& row : r.rows) {
      const std::string type = row[1].value_or("");
      const bool rows = type == "BASE TABLE" || type == "SYSTEM VERSIONED";
      out.listed.push_back({{database, row[0].value_or("")}, rows ? "table" : base::lower(type), true, true, rows});
    }
  }
  return out;
}

value::SchemaObject database_object(const Database& d) {
  value::SchemaObject out;
  out.kind = ObjectKind::database;
  out.schema = out.name = d.name;
  out.statement = base::concat("CREATE DATABASE IF NOT EXISTS ", quote_name(d.name), " DEFAULT CHARACTER SET ", d.charset, " COLLATE ", d.collation,
                               d.comment.empty() ? std::string() : " COMMENT " + quote_text(d.comment));
  return out;
}

void add_identities(Reading& r) {
  const auto identities = read_identities(r.c, r.server, r.out.tables);
  for (auto& table : r.out.tables)
    if (const auto at = identities.find(table.name); at != identities.end()) table.identity = at->second;
}

/// Their changes are in no row of the copy, and their commit is all that a server which follows from here would see of them.
void warn_of_prepared(Reading& r) {
  const auto prepared = prepared_transactions(r.c);
  if (prepared.empty()) return;
  std::vector<std::string> shown;
  for (const auto& xid : prepared) shown.push_back(base::quote_for_message(xid));
  r.warn(base::concat("XA transactions are prepared and neither committed nor rolled back: ", base::join(shown, ", "),
                      "; a server that follows from this copy stops when they are (XA RECOVER lists them)"));
}

/// Of all objects that stand for themselves; tables are noted where their whole text is at hand, routines where their type is.
void add_proofs(Reading& r) {
  for (const auto& o : r.out.objects) {
    switch (o.kind) {
      case ObjectKind::foreign_key:
      case ObjectKind::sequence:
      case ObjectKind::sequence_value:
        r.out.definitions.push_back(value::definition_of(o, o.statement, {}));
        break;
      case ObjectKind::view:
      case ObjectKind::trigger:
      case ObjectKind::event:
        r.out.definitions.push_back(value::definition_of(o, with_definer(o.statement, {}), o.definer));
        break;
      default: break;
    }
  }
}

class FamilyCatalog final : public Catalog {
 public:
  explicit FamilyCatalog(FamilyServer& server) : server_(server) {}

  Contents contents(const value::Scope& scope) override {
    return read_contents(session(), server_, scope, NonTransactional::refuse, SmallTables::split);
  }

  value::Names names(const value::Scope& scope) override { return read_names(session(), scope); }

  std::optional<std::vector<NumberState>> numbers(const value::Scope& scope) override {
    std::vector<NumberState> out;
    for (const auto& one : read_names(session(), scope, Listing::always).listed) {
      if (one.kind != "sequence" || !scope.covers(one.name)) continue;
      const Result r = session().query("SELECT next_not_cached_value, increment FROM " + server_.dialect().table(one.name));
      out.push_back({one.name, base::parse_i64(r.text("next_not_cached_value")).value_or(0), false, !r.text("increment").starts_with("-")});
    }
    return out;
  }

  std::vector<Finding> missing_privileges(const value::Scope& scope) override {
    return missing_dump_privileges(session(), server_, scope);
  }

  std::vector<Finding> missing_to_compare(const value::Scope& scope) override {
    // As for a copy, without what only its snapshot needs.
    static constexpr std::array<std::string_view, 6> kNeeded{"PROCESS ", "SELECT ", "SHOW ", "SHOW_ROUTINE ", "TRIGGER ", "EVENT "};
    auto missing = missing_privileges(scope);
    std::erase_if(missing, [&](const Finding& f) {
      return std::none_of(kNeeded.begin(), kNeeded.end(), [&](auto privilege) { return f.object.starts_with(privilege); }) ||
             (scope.data_only && !f.object.starts_with("PROCESS ") && !f.object.starts_with("SELECT "));
    });
    return missing;
  }

  std::vector<Finding> missing_to_follow(const value::Scope& scope, const std::string& slot) override {
    if (!slot.empty()) refuse_slot(server_, slot);
    return following_findings(session(), server_, scope);
  }

  std::string comparable(const value::SchemaObject& object) override {
    if (object.kind == ObjectKind::table) return comparable_table(object.statement);
    return object.kind == ObjectKind::sequence_value ? std::string() : object.statement;
  }

  std::vector<std::string> computed_digests(const value::Table& table) override { return mysql_family::computed_digests(session(), table, {}); }

  std::uint64_t count_rows(const value::Table& table, const std::string& condition) override {
    return session().number(base::concat("SELECT COUNT(*) FROM ", server_.dialect().table(table.name),
                                         condition.empty() ? "" : base::concat(" WHERE (", condition, ")")));
  }

 private:
  Connection& session() {
    if (!session_) session_ = server_.connect();
    return *session_;
  }

  FamilyServer& server_;
  std::unique_ptr<Connection> session_;
};

}  // namespace

std::vector<std::string> prepared_transactions(Connection& c) {
  std::vector<std::string> out;
  try {
    const Result r = c.query("XA RECOVER");
    for (std::size_t i = 0; i < r.rows.size(); ++i) out.push_back(r.text("data", i));
  } catch (const base::Error& e) {
    if (!e.facts().connection_usable) throw;  // MySQL wants XA_RECOVER_ADMIN for it
  }
  return out;
}

bool is_system_database(std::string_view name) noexcept {
  return std::any_of(kSystemDatabases.begin(), kSystemDatabases.end(), [&](auto own) { return base::equal_ignoring_case(own, name); });
}

Contents read_contents(Connection& c, FamilyServer& server, const value::Scope& scope, NonTransactional non_transactional, SmallTables small) {
  Reading r{c, server, scope, non_transactional, small, {}};
  if (!server.caps().gtid_domains) c.execute("/*!80000 SET SESSION information_schema_stats_expiry = 0 */");
  std::vector<std::string> alike;
  r.out.databases = databases_of(c, server, scope, alike);
  for (auto& name : alike) r.leave_out("database", "named like one of the server's own", std::move(name));
  warn_of_prepared(r);
  for (const Database& d : r.out.databases) {
    const auto listed = list_tables(r, d.name);
    read_tables(r, d.name, listed);
    if (scope.data_only) {  // the numbers that the rows were given are data
      read_sequences(r, listed);
      std::erase_if(r.out.objects, [](const auto& object) { return object.kind == ObjectKind::sequence; });
      continue;
    }
    r.out.objects.push_back(database_object(d));
    read_sequences(r, listed);
    read_views(r, d.name);
    read_triggers(r, d.name);
    if (scope.chooses_tables()) continue;
    read_routines(r, d.name, [](const auto&) { return true; });
    read_events(r, d.name);
  }
  std::stable_sort(r.out.tables.begin(), r.out.tables.end(), [](const auto& a, const auto& b) { return a.bytes_estimate > b.bytes_estimate; });
  add_identities(r);
  leave_out_views_of_what_is_left_out(r);
  if (!scope.data_only) read_definitions(r);
  if (!scope.data_only && scope.chooses_tables()) read_called(r);
  add_proofs(r);
  if (scope.users) read_accounts(r);
  std::stable_sort(r.out.objects.begin(), r.out.objects.end(), [](const auto& a, const auto& b) { return a.kind < b.kind; });
  return std::move(r.out);
}

std::unique_ptr<Catalog> make_catalog(FamilyServer& server) { return std::make_unique<FamilyCatalog>(server); }

}  // namespace flytt::engine::mysql_family
