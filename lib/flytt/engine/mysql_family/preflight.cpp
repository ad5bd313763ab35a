// SPDX-License-Identifier: MIT
#include <flytt/engine/mysql_family/preflight.hpp>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include <flytt/base/text.hpp>
#include <flytt/base/units.hpp>
#include <flytt/engine/mysql_family/catalog.hpp>
#include <flytt/engine/mysql_family/ledger.hpp>
#include <flytt/engine/mysql_family/preflight_positions.hpp>
#include <flytt/engine/mysql_family/privileges.hpp>

namespace flytt::engine::mysql_family {
namespace {

using base::concat;
using value::Manifest;

/// So much more than the source's own figure may a copy take: indexes, and pages that are not full yet.
constexpr double kSpaceFactor = 1.5;

/// A column's type and character set in one spelling: MySQL 8.0.19 and later leave out display widths, "utf8" is utf8mb3.
std::string stored_as(std::string type, const std::string& charset) {
  if (const auto open = type.find('('); open != std::string::npos && type.substr(0, open).ends_with("int"))
    type.erase(open, type.find(')', open) + 1 - open);
  if (type.starts_with("year(")) type.erase(4, 3);
  return charset.empty() ? type : concat(type, " ", charset == "utf8" ? "utf8mb3" : charset);
}

class Preflight {
 public:
  Preflight(Connection& c, FamilyServer& server, const Manifest& m) : c_(c), server_(server), self_(server.identity()), m_(m) {}

  void server_fits();
  void folding();
  void names_and_charsets();
  void limits();
  void writable();
  void definitions();
  void history();
  void partial_revokes(const LoadRequest& request);
  void definers(const LoadRequest& request);
  void what_is_there(const LoadRequest& request, const std::vector<value::SchemaObject>& existing, bool resumed);
  void append(std::vector<Finding> more) { std::move(more.begin(), more.end(), std::back_inserter(out_)); }
  std::vector<Finding> take() { return std::move(out_); }

 private:
  void block(std::string code, std::string object, std::string message, std::string remedy) {
    out_.push_back({true, std::move(code), std::move(object), std::move(message), std::move(remedy)});
  }
  void warn(std::string code, std::string object, std::string message, std::string remedy) {
    out_.push_back({false, std::move(code), std::move(object), std::move(message), std::move(remedy)});
  }
  std::string theirs(const std::string& name) const { return m_.source.setting(name); }
  std::string ours(const std::string& name) const { return self_.setting(name); }

  void primary_keys();
  void packets();
  void space();
  void appendable(const std::vector<value::SchemaObject>& existing);
  void columns_fit(const value::Table& t);

  Connection& c_;
  FamilyServer& server_;
  const value::ServerIdentity& self_;
  const Manifest& m_;
  std::vector<Finding> out_;
};

void Preflight::server_fits() {
  const auto& source = m_.source;
  if (source.product != self_.product || source.engine != self_.engine)
    block("product", self_.product, concat("the copy was taken from ", source.product, " and this is ", self_.product),
          concat("load it into a ", source.product, " server"));
  else if (self_.version_number / 100 < source.version_number / 100)
    block("version-older", self_.version, concat("the copy was taken from version ", source.version, " and this server is older: ", self_.version),
          "load it into a server of the same or a newer version");
  if (!source.uuid.empty() && source.uuid == self_.uuid && theirs("port") == ours("port") && theirs("datadir") == ours("datadir"))
    block("same-server", c_.endpoint(), "this is the server that the copy was taken from", "give the new server's URL");
  for (const value::Database& d : m_.databases)
    if (is_system_database(d.name)) block("system-database", d.name, "the copy holds a database that belongs to the server", "do not load this stream");
}

/// Where the server folds names, two of the stream may be one here, or one of them the server's own.
void Preflight::folding() {
  const std::string here = ours("lower_case_table_names");
  if (here.empty() || here == "0") return;
  std::set<std::string> seen;
  const auto look = [&](const std::string& display, const std::string& schema, const std::string& table) {
    const auto folded = [&](const std::string& name) { return c_.scalar("SELECT LOWER(" + quote_text(name) + ")").value_or(name); };
    const std::string s = folded(schema), t = folded(table);
    if (here == "1" && (s != schema || t != table)) block("name-folds", display, "would have another name here: lower_case_table_names is 1", "do not load this stream");
    else if (!seen.insert(s + '\0' + t).second) block("name-twice", display, "is one with another name of the copy here", "load it into a server that tells them apart");
    else if (is_system_database(s)) block("system-database", display, "belongs to the server here", "do not load this stream");
  };
  for (const value::Database& d : m_.databases) look(d.name, d.name, {});
  for (const value::Table& t : m_.tables) look(t.name.display(), t.name.schema, t.name.table);
}

void Preflight::names_and_charsets() {
  if (theirs("lower_case_table_names") != ours("lower_case_table_names") && !theirs("lower_case_table_names").empty())
    block("lower-case-table-names", "lower_case_table_names",
          concat("is ", theirs("lower_case_table_names"), " on the source and ", ours("lower_case_table_names"), " here: names would not be the same"),
          "set up the target with the source's value (it cannot be changed later)");
  std::set<std::string> charsets, collations;
  const Result known = c_.query("SELECT * FROM information_schema.COLLATION_CHARACTER_SET_APPLICABILITY");
  for (std::size_t i = 0; i < known.rows.size(); ++i) {
    charsets.insert(known.text("CHARACTER_SET_NAME", i));
    collations.insert(known.text("COLLATION_NAME", i));
    collations.insert(known.text("FULL_COLLATION_NAME", i));
  }
  std::set<std::string> missing;
  for (const value::Table& t : m_.tables)
    for (const value::Column& column : t.columns)
      if (!column.charset.empty() && !charsets.contains(column.charset)) missing.insert(column.charset);
  for (const auto& charset : missing)
    block("charset", charset, concat("this server has no character set ", charset), "load into a server that has it");
  for (const value::Database& d : m_.databases)
    if (!d.collation.empty() && !collations.contains(d.collation))
      block("collation", d.collation, concat("this server has no collation ", d.collation, ", the default of ", d.name), "load into a server that has it");
  if (!c_.scalar("SELECT CONVERT_TZ('2000-01-01 00:00:00', 'UTC', 'Europe/Oslo')"))
    warn("time-zone-tables", "mysql.time_zone", "this server knows no time zones by name: events that keep one cannot be created",
         "mysql_tzinfo_to_sql /usr/share/zoneinfo | mysql mysql");
  if (!theirs("system_time_zone").empty() && theirs("system_time_zone") != ours("system_time_zone"))
    warn("system-time-zone", "system_time_zone", concat("is ", theirs("system_time_zone"), " on the source and ", ours("system_time_zone"), " here"),
         "events and functions that use the server's own zone will see another time");
}

void Preflight::primary_keys() {
  const std::string_view name = server_.caps().gtid_domains ? "innodb_force_primary_key" : "sql_require_primary_key";
  const Result r = c_.query(concat("SHOW VARIABLES LIKE '", name, "'"));
  if (r.rows.empty() || r.rows[0][1] != "ON" || m_.scope.data_only) return;
  for (const value::Table& t : m_.tables)
    if (!t.has_key() || (!server_.caps().gtid_domains && t.key.name != "PRIMARY"))
      block("primary-key", t.name.display(), concat("has no primary key, and ", name, " is ON here"), concat("SET GLOBAL ", name, " = OFF for the load"));
}

void Preflight::packets() {
  const auto there = base::parse_u64(theirs("max_allowed_packet")), here = base::parse_u64(ours("max_allowed_packet"));
  if (!there || !here || *here >= *there) return;
  const bool large = std::any_of(m_.tables.begin(), m_.tables.end(), [](const value::Table& t) {
    return std::any_of(t.columns.begin(), t.columns.end(), [](const value::Column& column) {
      return column.type == value::Type::json || column.type == value::Type::geometry || column.native.starts_with("medium") || column.native.starts_with("long");
    });
  });
  if (large)
    block("max-allowed-packet", "max_allowed_packet", concat("is ", *there, " on the source and ", *here, " here, and the copy has columns that may need it"),
          concat("SET GLOBAL max_allowed_packet = ", *there));
}

void Preflight::space() {
  // Only where the server's files are this host's files; a server elsewhere cannot be asked.
  const std::string dir = ours("datadir");
  std::error_code error;
  if (!server_.endpoint().local() || dir.empty() || !std::filesystem::is_directory(dir, error)) return;
  const auto info = std::filesystem::space(dir, error);
  if (error) return;
  double need = 0;
  for (const value::Table& t : m_.tables) need += static_cast<double>(t.bytes_estimate) * kSpaceFactor;
  if (need > static_cast<double>(info.available))
    block("space", dir, concat("has ", base::format_bytes(info.available), " free and the copy takes about ", base::format_bytes(static_cast<std::uint64_t>(need))),
          "free space there, or load fewer tables");
}

void Preflight::limits() {
  primary_keys();
  packets();
  space();
  const std::string page = theirs("innodb_page_size");
  if (!page.empty() && page != ours("innodb_page_size"))
    warn("page-size", "innodb_page_size", concat("is ", page, " on the source and ", ours("innodb_page_size"), " here: long rows or keys may not fit"),
         "set up the target with the source's page size");
  if (!server_.caps().bulk_execute && ours("local_infile") == "OFF")
    warn("local-infile", "local_infile", "is OFF here: it is turned on for the load when the account may, else rows go in by INSERT, more slowly",
         "SET GLOBAL local_infile = ON");
}

void Preflight::writable() {
  const Grants grants = current_grants(c_, server_);
  if (ours("super_read_only") == "ON")
    block("read-only", "super_read_only", "is ON: nobody can write here", "SET GLOBAL super_read_only = OFF");
  else if (!ours("read_only").empty() && ours("read_only") != "OFF" && !grants.global("SUPER") && !grants.global("READ_ONLY ADMIN") && !grants.global("READ ONLY ADMIN") &&
           !grants.global("CONNECTION_ADMIN"))
    block("read-only", "read_only", "is ON, and this account may not write in spite of it", "SET GLOBAL read_only = OFF");
  const bool logs = ours("log_bin") == "ON";
  if (logs && !may_skip_binlog(c_, server_))
    warn("binlog-kept", "sql_log_bin", "the load goes through this server's binary log, since replicas or a cluster read it",
         "load before replicas are attached, if that is not wanted");
}

/// What would make other definitions of the same statements. In a database of another character set, routines and tables that are made
/// later are not what they would be on the source.
void Preflight::definitions() {
  if (m_.scope.data_only) return;
  append(pin_definitions(c_));
  if (m_.scope.chooses_tables()) return;
  for (const value::Database& d : m_.databases) {
    const Result r = c_.query("SELECT DEFAULT_CHARACTER_SET_NAME, DEFAULT_COLLATION_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = " + quote_text(d.name));
    if (r.rows.empty() || d.collation.empty()) continue;
    const std::string charset = r.rows[0][0].value_or(""), collation = r.rows[0][1].value_or("");
    if (stored_as({}, charset) == stored_as({}, d.charset) && collation == d.collation) continue;
    block("database-charset", d.name, concat("database ", d.name, " is there with the default character set ", charset, " and collation ", collation, ", and has ", d.charset, " and ", d.collation, " on the source"),
          concat("ALTER DATABASE ", quote_name(d.name), " CHARACTER SET ", d.charset, " COLLATE ", d.collation));
  }
}

/// Without the setting the server refuses to take a privilege away again in one database, and the account would have it in all.
void Preflight::partial_revokes(const LoadRequest& request) {
  if (m_.scope.users && request.code == Code::loaded && theirs("partial_revokes") == "ON" && ours("partial_revokes") == "OFF")
    block("partial-revokes", "partial_revokes", "is ON on the source and OFF here: what accounts may do everywhere but in some databases cannot be said", "SET PERSIST partial_revokes = ON");
}

void Preflight::history() {
  for (Finding& f : position_findings(c_, server_, m_)) out_.push_back(std::move(f));
}

/// Whoever the objects run as must be there, or using them fails.
void Preflight::definers(const LoadRequest& request) {
  if (m_.definers.empty() || request.code == Code::left_out || request.skip_definers || !request.definer.empty()) return;
  std::set<std::string> there;
  try {
    const Result r = c_.query("SELECT CONCAT(User, '@', Host) FROM mysql.user");
    for (const auto& row : r.rows) there.insert(row[0].value_or(""));
  } catch (const base::Error& e) {
    if (e.code() != base::Exit::privilege) throw;
    return warn("definers-unseen", "mysql.user", concat("whether these accounts are here cannot be seen: ", base::join(m_.definers, ", ")),
                "GRANT SELECT (User, Host) ON mysql.user to this account, or look by hand");
  }
  std::vector<std::string> missing;
  for (const auto& definer : m_.definers)
    if (!there.contains(definer)) missing.push_back(definer);
  if (!missing.empty())
    warn("definer-missing", missing.front(), concat("views, routines, triggers or events run as accounts that are not here: ", base::join(missing, ", ")),
         "create these accounts before anybody uses the copy, or load with --definer or --skip-definers");
}

void Preflight::appendable(const std::vector<value::SchemaObject>& existing) {
  for (const value::Table& t : m_.tables) {
    const bool there = std::any_of(existing.begin(), existing.end(), [&](const auto& o) { return o.schema == t.name.schema && o.name == t.name.table; });
    if (!there) continue;
    columns_fit(t);
    if (c_.scalar(concat("SELECT 1 FROM information_schema.TRIGGERS WHERE EVENT_MANIPULATION = 'INSERT' AND EVENT_OBJECT_SCHEMA = ",
                         quote_text(t.name.schema), " AND EVENT_OBJECT_TABLE = ", quote_text(t.name.table), " LIMIT 1")))
      block("trigger-fires", t.name.display(), "has triggers here that would change the rows, or write others, as they are loaded",
            "drop its INSERT triggers for the length of the load");
  }
}

/// A value of another type or character set would be rounded, or its bytes read as other letters, without a word.
void Preflight::columns_fit(const value::Table& t) {
  constexpr std::string_view kRemedy = "make the tables equal, or use --if-exists drop";
  std::map<std::string, std::string> here;
  const Result r = c_.query(concat("SELECT COLUMN_NAME, COLUMN_TYPE, CHARACTER_SET_NAME FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ",
                                   quote_text(t.name.schema), " AND TABLE_NAME = ", quote_text(t.name.table)));
  for (const auto& row : r.rows) here[row[0].value_or("")] = stored_as(row[1].value_or(""), row[2].value_or(""));
  for (const value::Column& column : t.columns) {
    const auto at = here.find(column.name);
    const std::string theirs = stored_as(column.native, column.charset);
    if (at == here.end())
      block("columns-differ", t.name.display(), concat("has no column ", column.name, " here"), std::string(kRemedy));
    else if (at->second != theirs)
      block("columns-differ", t.name.display(), concat("column ", column.name, " is ", at->second, " here and ", theirs, " in the copy"), std::string(kRemedy));
  }
}

void Preflight::what_is_there(const LoadRequest& request, const std::vector<value::SchemaObject>& existing, bool resumed) {
  if (resumed) return;
  if (m_.scope.data_only || request.if_exists == IfExists::append) return appendable(existing);
  // A copy of whole databases is to be all that they hold. Of a selection, the loader knows what it brings.
  if (request.if_exists != IfExists::fail || !m_.scope.whole_databases()) return;
  for (const auto& object : existing)
    block("target-not-empty", object.schema + "." + object.name, concat(object.display(), " is there already"),
          "use another target, or --if-exists drop --yes to replace it");
}

}  // namespace

std::vector<Finding> preflight_findings(Connection& c, FamilyServer& server, const Manifest& m, const LoadRequest& request,
                                        const std::vector<value::SchemaObject>& existing, bool resumed) {
  Preflight p(c, server, m);
  p.server_fits();
  p.folding();
  p.names_and_charsets();
  p.limits();
  p.writable();
  p.definitions();
  p.history();
  p.partial_revokes(request);
  p.definers(request);
  const bool routines = request.code == Code::loaded && std::any_of(m.definitions.begin(), m.definitions.end(), [](const auto& d) { return d.kind == value::ObjectKind::routine; });
  LoadNeeds needs{.databases = {}, .routines = routines, .users = m.scope.users && request.code == Code::loaded, .schema = !m.scope.data_only, .definers = request.code == Code::loaded && !m.scope.data_only && !request.skip_definers && request.definer.empty()};
  for (const value::Database& d : m.databases) needs.databases.push_back(d.name);
  p.append(missing_load_privileges(c, server, needs));
  p.what_is_there(request, existing, resumed);
  return p.take();
}

}  // namespace flytt::engine::mysql_family
