// SPDX-License-Identifier: MIT
#include <flytt/engine/postgres/preflight.hpp>

#include <algorithm>
#include <filesystem>
#include <iterator>

#include <flytt/base/text.hpp>
#include <flytt/base/units.hpp>
#include <flytt/engine/postgres/catalog.hpp>
#include <flytt/engine/postgres/catalog_objects.hpp>
#include <flytt/engine/postgres/event_triggers.hpp>
#include <flytt/engine/postgres/preflight_owners.hpp>
#include <flytt/engine/postgres/programs.hpp>
#include <flytt/engine/postgres/selection_needs.hpp>

namespace flytt::engine::postgres {
namespace {

using base::concat;
using value::Manifest;

/// So much more than the source's tables may a copy take: indexes.
constexpr double kSpaceFactor = 1.6;

class Preflight {
 public:
  Preflight(Connection& c, PgServer& server, const Manifest& m, const LoadRequest& request)
      : c_(c), server_(server), self_(server.identity()), m_(m), request_(request), role_(c.scalar("SELECT current_user").value_or("")),
        super_(c.query("SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user").yes("rolsuper")) {}

  void server_fits();
  void database_fits();
  void locale_is_here();
  void extensions();
  void owners();
  void space();
  void is_empty();
  void triggers_stay_quiet();
  void money_means_the_same();
  void append(std::vector<Finding> more) { std::move(more.begin(), more.end(), std::back_inserter(out_)); }
  void event_triggers_stay_quiet();
  void selection_is_complete();
  void default_privileges();
  std::vector<Finding> take() { return std::move(out_); }

 private:
  void block(std::string code, std::string object, std::string message, std::string remedy) {
    out_.push_back({true, std::move(code), std::move(object), std::move(message), std::move(remedy)});
  }
  void warn(std::string code, std::string object, std::string message, std::string remedy) {
    out_.push_back({false, std::move(code), std::move(object), std::move(message), std::move(remedy)});
  }
  std::string theirs(const std::string& name) const {
    const auto at = m_.source.settings.find(name);
    return at == m_.source.settings.end() ? std::string() : at->second;
  }
  /// Names that follow `prefix` in the source's facts, each with its value.
  std::vector<std::pair<std::string, std::string>> facts(const std::string& prefix) const {
    std::vector<std::pair<std::string, std::string>> out;
    for (const auto& [name, value] : m_.source.settings)
      if (name.starts_with(prefix)) out.emplace_back(name.substr(prefix.size()), value);
    return out;
  }

  Connection& c_;
  PgServer& server_;
  const value::ServerIdentity& self_;
  const Manifest& m_;
  const LoadRequest& request_;
  const std::string role_;
  const bool super_;
  std::vector<Finding> out_;
};

void Preflight::server_fits() {
  if (m_.source.engine != self_.engine) {
    block("product", self_.product, concat("the copy was taken from ", m_.source.product, " and this is ", self_.product), "load it into a server of the same product");
    return;
  }
  if (self_.version_number / 10000 < m_.source.version_number / 10000)
    block("version-older", self_.version, concat("the copy was taken from PostgreSQL ", m_.source.version, " and this server is older: ", self_.version),
          "load it into a server of the same or a newer version");
  if (self_.settings.at("standby") == "on") block("standby", "the server", "is a standby and takes no writes", "load into its primary");
  const std::string started = c_.scalar("SELECT pg_catalog.pg_postmaster_start_time()::text").value_or("");
  if (m_.source.uuid == self_.uuid && theirs("started") == started)
    block("same-server", c_.endpoint(), "this is the database that the copy was taken from", "give the new server's URL");
  if (!m_.scope.data_only) newest_program("pg_restore", 14);
}

void Preflight::database_fits() {
  if (server_.database_missing()) {
    locale_is_here();
    if (!super_ && !c_.query("SELECT rolcreatedb FROM pg_catalog.pg_roles WHERE rolname = current_user").yes("rolcreatedb"))
      block("privilege-createdb", "database " + server_.database(), concat("is not there, and the role ", role_, " may not create it"),
            "ALTER ROLE " + quote_name(role_) + " CREATEDB, or create the database");
    return;
  }
  const auto here = read_database(c_, server_);
  if (m_.databases.empty()) return;
  const auto& there = m_.databases.front();
  if (here.charset != there.charset)
    block("encoding", "database " + here.name, concat("has encoding ", here.charset, ", and the source has ", there.charset),
          concat("create it with ENCODING ", quote_text(there.charset), " TEMPLATE template0"));
  if (here.collation != there.collation)
    warn("collation", "database " + here.name, concat("sorts by ", here.collation, ", and the source by ", there.collation),
         concat("create it with LC_COLLATE ", quote_text(there.collation), " TEMPLATE template0"));
  if (!c_.query("SELECT pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE') AS may").yes("may"))
    block("privilege-create", "database " + here.name, concat("the role ", role_, " may not create schemas in it"),
          concat("GRANT CREATE ON DATABASE ", quote_name(here.name), " TO ", quote_name(role_)));
}

/// Tried with a collation that is taken back, since nothing lists what the host's library has.
void Preflight::locale_is_here() {
  if (m_.databases.empty()) return;
  const std::string& collate = m_.databases.front().collation;
  const std::string ctype = theirs("database ctype");
  try {
    c_.execute(concat("BEGIN; CREATE COLLATION pg_temp.flytt_locale (PROVIDER = libc, LC_COLLATE = ", quote_text(collate), ", LC_CTYPE = ", quote_text(ctype.empty() ? collate : ctype), ")"));
  } catch (const base::Error& e) {
    if (e.message().find("could not create locale") != std::string::npos)
      block("locale", "database " + server_.database(), concat("cannot be created as on the source: the locale ", collate, " is not on the target's host"),
            "install it there (Debian: dpkg-reconfigure locales, then restart the server), or create the database yourself with another one");
  }
  c_.execute("ROLLBACK");
}

void Preflight::extensions() {
  for (const auto& [name, version] : facts("extension ")) {
    const Result r = c_.query("SELECT default_version FROM pg_catalog.pg_available_extensions WHERE name = $1", {name});
    if (r.empty())
      block("extension", "extension " + name, "is not installed on the target's host", "install the package that holds it");
    else if (r.text("default_version") != version)
      warn("extension-version", "extension " + name, concat("is ", version, " on the source and would be ", r.text("default_version"), " here"),
           "see the extension's notes on what changed");
  }
}

void Preflight::owners() {
  if (m_.scope.users || m_.scope.data_only || request_.skip_definers || !request_.definer.empty()) return;
  for (const auto& [name, unused] : facts("role ")) {
    const Result r = c_.query("SELECT pg_catalog.pg_has_role(oid, 'MEMBER') AS member FROM pg_catalog.pg_roles WHERE rolname = $1", {name});
    if (r.empty())
      block("role-missing", "role " + name, "owns objects of the copy or is granted something on them, and is not here",
            concat("CREATE ROLE ", quote_name(name), ", dump with --users, or load with --skip-definers or --definer ROLE"));
    else if (!super_ && !r.yes("member") && !m_.source.settings.contains(concat(kOwnerFact, name)))
      warn("privilege-owner", "role " + name, concat("the role ", role_, " is not a member of it and cannot give it what it owns"),
           concat("GRANT ", quote_name(name), " TO ", quote_name(role_)));
  }
}

void Preflight::space() {
  // Only where the server's files are this host's files; a server elsewhere cannot be asked.
  if (!server_.endpoint().local() || !c_.query("SELECT pg_catalog.pg_has_role('pg_read_all_settings', 'MEMBER') AS may").yes("may")) return;
  const std::string dir = c_.scalar("SHOW data_directory").value_or("");
  std::error_code error;
  if (dir.empty() || !std::filesystem::is_directory(dir, error)) return;
  const auto info = std::filesystem::space(dir, error);
  if (error) return;
  double need = 0;
  for (const auto& t : m_.tables) need += static_cast<double>(t.bytes_estimate) * kSpaceFactor;
  if (need > static_cast<double>(info.available))
    block("space", dir, concat("has ", base::format_bytes(info.available), " free and the copy takes about ", base::format_bytes(static_cast<std::uint64_t>(need))),
          "free space there, or load fewer tables");
}

void Preflight::is_empty() {
  if (server_.database_missing() || m_.scope.data_only) return;
  const auto there = what_is_there(c_, m_.scope);
  if (there.empty()) return;
  const std::string object = concat("definitions ", theirs("database"), ".archive");
  if (request_.if_exists == IfExists::append)
    block("append", object, "definitions cannot be added to what is there", "dump with --data-only and create the tables first, or say --if-exists drop");
  if (request_.if_exists == IfExists::fail)
    block("target-not-empty", object, concat("the database ", server_.database(), " holds ", base::join(there, ", ")),
          "load into a database of its own, or say --if-exists drop --yes");
}

/// Tables that are there may have triggers, which fire on every row that is loaded and may change it. A superuser loads as replication
/// does: then only those fire that were made for it. Foreign keys check what comes, and change nothing.
void Preflight::triggers_stay_quiet() {
  if (!m_.scope.data_only || server_.database_missing()) return;
  const Result r = c_.query(concat(
      "SELECT n.nspname, c.relname, pg_catalog.min(t.tgname) FILTER (WHERE NOT t.tgisinternal) AS trigger FROM pg_catalog.pg_trigger t"
      " JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE (t.tgtype & 4) <> 0 AND t.tgenabled IN ",
      super_ ? "('A', 'R')" : "('A', 'O')", " AND ", user_namespace(), " GROUP BY 1, 2 ORDER BY 1, 2"));
  for (std::size_t i = 0; i < r.rows.size(); ++i) {
    const value::TableName name{r.text("nspname", i), r.text("relname", i)};
    if (!in_scope(m_.scope, name)) continue;
    const std::string trigger = r.text("trigger", i), alter = "ALTER TABLE " + quote_table(name.schema, name.table);
    if (!trigger.empty())
      block("triggers", name.display(), concat("has the trigger ", trigger, ", which fires while rows are loaded and may change them"),
            concat(super_ ? "" : "load as a superuser, who can keep ordinary ones quiet, or: ", alter, " DISABLE TRIGGER ", quote_name(trigger), "; and as it was again afterwards"));
    else
      warn("foreign-keys", name.display(), concat("has foreign keys, which are checked while the role ", role_, " loads rows: parents must come first"), "load as a superuser");
  }
}

/// What a load does to definitions is no news to an audit of the source's, and nothing that a rule against changes should stop half-way.
void Preflight::event_triggers_stay_quiet() {
  if (m_.scope.data_only || server_.database_missing()) return;
  for (const auto& name : loud_event_triggers(c_))
    warn("event-trigger", "event trigger " + name, "is there already and fires on what is made here: it may write into tables of the copy, or stop the load",
         concat(super_ ? "" : "load as a superuser, who can keep it quiet, or: ", "ALTER EVENT TRIGGER ", quote_name(name), " DISABLE until the copy is in"));
}

/// What tables that were chosen by name need and do not bring has to be here.
void Preflight::selection_is_complete() {
  if (m_.scope.data_only) return;
  for (const auto& [object, type] : facts(std::string(kNeeds)))
    if (server_.database_missing() || !is_here(c_, type, object.substr(std::min(type.size() + 1, object.size()))))
      block("needs", object, "is what a table of the copy is made with, --table did not bring it, and it is not here", "create it first, or copy without --table");
}

/// They add to what objects are granted when this role makes them; the copy's own come last.
void Preflight::default_privileges() {
  if (m_.scope.data_only || server_.database_missing() || request_.skip_definers) return;
  const std::string& maker = request_.definer.empty() ? role_ : request_.definer;
  const Result r = c_.query(concat("SELECT CASE a.defaclobjtype WHEN 'r' THEN 'tables' WHEN 'S' THEN 'sequences' WHEN 'f' THEN 'routines' WHEN 'T' THEN 'types' ELSE 'schemas' END AS what,"
                            " n.nspname, ", default_grants_name(), " AS name FROM pg_catalog.pg_default_acl a JOIN pg_catalog.pg_roles r ON r.oid = a.defaclrole LEFT JOIN pg_catalog.pg_namespace n ON n.oid = a.defaclnamespace"
                            " WHERE r.rolname = $1 ORDER BY 1, 2"), {maker});
  for (std::size_t i = 0; i < r.rows.size(); ++i) {
    const bool dropped = request_.if_exists == IfExists::drop && std::any_of(m_.definitions.begin(), m_.definitions.end(), [&](const auto& d) {
                           return d.kind == value::ObjectKind::default_grant && d.name == r.text("name", i);
                         });
    if (dropped) continue;
    const std::string where = r.get("nspname", i) ? " IN SCHEMA " + quote_name(r.text("nspname", i)) : "";
    warn("default-privileges", concat("role ", maker), concat("has default privileges here on ", r.text("what", i), where.empty() ? "" : " in schema " + r.text("nspname", i), ", which those of the copy will have too"),
         concat("ALTER DEFAULT PRIVILEGES FOR ROLE ", quote_name(maker), where, " REVOKE … before the load, where they are not meant for it"));
  }
}

/// The bits of an amount mean another one where the currency has other decimal places.
void Preflight::money_means_the_same() {
  const std::string there = theirs(std::string(kMoneyFact));
  if (there.empty()) return;
  const std::string here = money_locale(c_);
  if (here != there)
    block("money", "lc_monetary", concat("is ", here, " here and ", there, " on the source: columns of type money would show other amounts"),
          concat(server_.database_missing() ? "create the database first, then: " : "", "ALTER DATABASE ", quote_name(server_.database()), " SET lc_monetary = ", quote_text(there)));
}

}  // namespace

std::vector<std::string> what_is_there(Connection& c, const value::Scope& scope) {
  constexpr std::size_t kShown = 4;
  const Result r = c.query(concat(
      "SELECT CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'S' THEN 'sequence' WHEN 'f' THEN 'foreign table' ELSE 'table' END"
      " AS kind, n.nspname, c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
      " WHERE c.relkind IN ('r','p','v','m','S','f') AND ", user_namespace(), " AND NOT ", of_extension("pg_class", "c.oid"),
      " UNION ALL SELECT 'function', n.nspname, p.proname FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace WHERE ",
      user_namespace(), " AND NOT ", of_extension("pg_proc", "p.oid"),
      " UNION ALL SELECT 'large object', 'number ' || oid::text, '' FROM pg_catalog.pg_largeobject_metadata"
      " UNION ALL SELECT 'type', n.nspname, t.typname FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace"
      " WHERE t.typtype IN ('e','d','r') AND ", user_namespace(), " AND NOT ", of_extension("pg_type", "t.oid"), " ORDER BY 2, 1, 3"));
  std::vector<std::string> out;
  std::size_t more = 0;
  for (std::size_t i = 0; i < r.rows.size(); ++i) {
    if (!in_scope(scope, {r.text("nspname", i), r.text("relname", i)})) continue;
    if (out.size() < kShown) out.push_back(concat(r.text("kind", i), " ", r.text("nspname", i), ".", r.text("relname", i)));
    else ++more;
  }
  if (more > 0) out.push_back(concat(more, " more"));
  return out;
}

std::vector<Finding> preflight_findings(PgServer& server, const Manifest& manifest, const LoadRequest& request, bool resumed) {
  const auto c = server.connector().connect(Mode::ordinary, server.database_missing() ? "postgres" : "");
  Preflight p(*c, server, manifest, request);
  p.server_fits();
  p.database_fits();
  if (manifest.source.engine != server.identity().engine) return p.take();
  p.extensions();
  p.owners();
  p.append(owner_findings(*c, server, manifest, request));
  p.space();
  if (!resumed) p.is_empty();
  p.triggers_stay_quiet();
  p.money_means_the_same();
  p.event_triggers_stay_quiet();
  p.selection_is_complete();
  p.default_privileges();
  return p.take();
}

}  // namespace flytt::engine::postgres
