// The privileges that a dump and a load need: the least set, proved by the accounts that the tests use.
// SPDX-License-Identifier: MIT
#include <algorithm>

#include <flytt/base/text.hpp>
#include <flytt/engine/mysql_family/catalog.hpp>
#include <flytt/engine/mysql_family/ledger.hpp>
#include <flytt/engine/mysql_family/privileges.hpp>

namespace flytt::engine::mysql_family {
namespace {

class Missing {
 public:
  Missing(Connection& c, FamilyServer& server) : grants_(current_grants(c, server)), mariadb_(server.caps().gtid_domains) {
    const std::string account = c.scalar("SELECT CURRENT_USER()").value_or("");
    const auto at = account.rfind('@');
    account_ = account;
    quoted_ = at == std::string::npos ? quote_name(account) : quote_name(account.substr(0, at)) + "@" + quote_name(account.substr(at + 1));
  }

  void global(std::string_view privilege, std::string_view why) {
    if (!grants_.global(privilege)) add(privilege, "*.*", why);
  }
  /// One of several is enough; the first is what is proposed.
  void global_any(const std::vector<std::string_view>& any, std::string_view why) {
    if (std::none_of(any.begin(), any.end(), [&](auto p) { return grants_.global(p); })) add(any.front(), "*.*", why);
  }
  void database(std::string_view privilege, const std::string& name, std::string_view why) {
    if (grants_.database(privilege, name)) return;
    const std::string pattern = grants_.pattern_for(name);
    add(privilege, (pattern.empty() ? escaped(name) : quote_name(pattern)) + ".*", why);
  }
  void table(std::string_view privilege, const value::TableName& t, std::string_view why) {
    if (!grants_.table(privilege, t.schema, t.table)) add(privilege, quote_name(t.schema) + "." + quote_name(t.table), why);
  }

  bool has_table(std::string_view privilege, const value::TableName& t) const { return grants_.table(privilege, t.schema, t.table); }
  bool mariadb() const noexcept { return mariadb_; }
  std::vector<Finding> take() { return std::move(out_); }

 private:
  void add(std::string_view privilege, std::string_view on, std::string_view why) {
    out_.push_back({true, "privilege", base::concat(privilege, " ON ", on), base::concat("the account ", account_, " lacks ", privilege, ", needed ", why),
                    base::concat("GRANT ", privilege, " ON ", on, " TO ", quoted_)});
  }

  /// In GRANT … ON `a_b`.* the name is a pattern: "_" would be any character.
  static std::string escaped(const std::string& name) {
    std::string out;
    for (const char c : name) {
      if (c == '_' || c == '%' || c == '\\') out.push_back('\\');
      out.push_back(c);
    }
    return quote_name(out);
  }

  Grants grants_;
  bool mariadb_;
  std::string account_;
  std::string quoted_;
  std::vector<Finding> out_;
};

std::vector<std::string> databases_in(Connection& c, const value::Scope& scope) {
  if (!scope.all_databases) return scope.databases;
  std::vector<std::string> out;
  const Result r = c.query("SELECT SCHEMA_NAME FROM information_schema.SCHEMATA ORDER BY SCHEMA_NAME");
  for (const auto& row : r.rows)
    if (!is_system_database(row[0].value_or(""))) out.push_back(row[0].value_or(""));
  return out;
}

std::vector<value::TableName> tables_in(Connection& c, const std::string& database, const value::Scope& scope) {
  std::vector<value::TableName> out;
  const Result r = c.query("SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = " + quote_text(database));
  for (const auto& row : r.rows)
    if (value::TableName name{database, row[0].value_or("")}; scope.covers(name)) out.push_back(std::move(name));
  return out;
}

void need_for_database(Missing& m, const std::string& name) {
  m.database("SELECT", name, "to read rows");
  m.database("SHOW VIEW", name, "to read the definitions of views");
  m.database("TRIGGER", name, "to see triggers");
}

void need_for_tables(Missing& m, const std::vector<value::TableName>& tables) {
  for (const auto& table : tables) {
    m.table("SELECT", table, "to read rows");
    m.table("SHOW VIEW", table, "to read the definition, if it is a view");
    m.table("TRIGGER", table, "to see its triggers");
  }
}

/// MariaDB keeps routines in mysql.proc; since 11.3 there is a privilege of its own, a database at a time.
void need_for_routines(Missing& m, FamilyServer& server, const std::vector<std::string>& databases) {
  constexpr std::string_view kWhy = "to read the definitions of routines";
  const value::TableName proc{"mysql", "proc"};
  if (server.identity().version_number < 110300) return m.table("SELECT", proc, kWhy);
  if (m.has_table("SELECT", proc)) return;
  for (const auto& database : databases) m.database("SHOW CREATE ROUTINE", database, kWhy);
}

/// To leave the load out of the binary log; and, where that log is on, to create functions and triggers: SUPER, or the right to turn
/// the guard off for the length of the load (Tuning::load_settings).
void need_for_binlog(Missing& m, Connection& c, const LoadNeeds& needs) {
  constexpr std::string_view kSkip = "to leave the load out of the binary log";
  const bool guarded = c.number("SELECT @@GLOBAL.log_bin AND NOT @@GLOBAL.log_bin_trust_function_creators") == 1;
  if (m.mariadb()) m.global("BINLOG ADMIN", kSkip);
  else if (needs.schema && guarded) m.global_any({"SYSTEM_VARIABLES_ADMIN", "SUPER"}, "to create functions and triggers while the binary log is on");
  else m.global_any({"SESSION_VARIABLES_ADMIN", "SYSTEM_VARIABLES_ADMIN", "BINLOG_ADMIN"}, kSkip);
}

}  // namespace

std::vector<Finding> missing_dump_privileges(Connection& c, FamilyServer& server, const value::Scope& scope) {
  Missing m(c, server);
  const bool whole = scope.whole_databases() && !scope.data_only;
  const bool code = !scope.chooses_tables() && !scope.data_only;
  const auto databases = databases_in(c, scope);
  m.global("PROCESS", "to see InnoDB's table numbers and who waits for a lock");
  if (m.mariadb()) {
    m.global("RELOAD", "for BACKUP STAGE");
    m.global("BINLOG MONITOR", "to read the position in the binary log");
    const auto& settings = server.identity().settings;
    if (const auto logged = settings.find("log_slave_updates"); logged != settings.end() && logged->second != "ON")
      m.global("SLAVE MONITOR", "to see whether this server applies what its binary log does not show");
    if (code) need_for_routines(m, server, databases);
  } else {
    m.global("REPLICATION CLIENT", "to read the position in the binary log");
    m.global("BACKUP_ADMIN", "for LOCK INSTANCE FOR BACKUP");
    if (code) m.global("SHOW_ROUTINE", "to read the definitions of routines");
    for (const auto& database : databases) m.database("LOCK TABLES", database, "to hold off writes while the snapshot starts");
  }
  if (scope.users) m.database("SELECT", "mysql", "to read accounts and grants");
  for (const auto& database : databases) {
    if (whole) need_for_database(m, database);
    else need_for_tables(m, tables_in(c, database, scope));
    if (code) m.database("EVENT", database, "to see events");
  }
  return m.take();
}

std::vector<Finding> missing_load_privileges(Connection& c, FamilyServer& server, const LoadNeeds& needs) {
  Missing m(c, server);
  m.global("PROCESS", "to see whether replicas read this server's binary log");
  need_for_binlog(m, c, needs);
  if (needs.definers && m.mariadb()) m.global("SET USER", "to create objects for their own definers");
  if (needs.definers && !m.mariadb()) {
    m.global_any({"SET_ANY_DEFINER", "SET_USER_ID"}, "to create objects for their own definers");
    const auto version = server.identity().version_number;
    if (version >= 80016) m.global("SYSTEM_USER", "to create objects whose definer is an administrator");
    if (version >= 80200) m.global("ALLOW_NONEXISTENT_DEFINER", "to create objects whose definer has no account here");
  }
  if (needs.users) m.global("CREATE USER", "to create accounts");
  if (needs.routines && m.mariadb()) need_for_routines(m, server, needs.databases);
  else if (needs.routines) m.global("SHOW_ROUTINE", "to read back the routines");
  for (const auto& name : needs.databases) {
    for (const auto privilege : {"CREATE", "DROP", "ALTER", "INDEX", "INSERT", "SELECT", "REFERENCES"})
      m.database(privilege, name, "to create and fill tables");
    for (const auto privilege : {"CREATE VIEW", "SHOW VIEW", "CREATE ROUTINE", "ALTER ROUTINE", "TRIGGER", "EVENT"})
      m.database(privilege, name, "to create views, routines, triggers and events, and to read them back");
  }
  for (const auto privilege : {"CREATE", "SELECT", "INSERT", "UPDATE", "DELETE"})
    m.database(privilege, std::string(kLedgerDatabase), "to note what is loaded");
  return m.take();
}

}  // namespace flytt::engine::mysql_family
