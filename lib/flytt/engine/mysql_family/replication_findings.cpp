// What stands in the way of following and of switching over: all of it at once, each with its remedy.
// Source: MariaDB documentation and MySQL Reference Manual on each variable named here; research of what other tools check.
// SPDX-License-Identifier: MIT
#include <flytt/engine/mysql_family/replication.hpp>

#include <algorithm>
#include <set>

#include <flytt/base/text.hpp>

namespace flytt::engine::mysql_family {

using base::concat;
using base::Error;
using base::Exit;

namespace {

using Findings = std::vector<Finding>;

bool off(std::string_view value) { return value.empty() || value == "0" || base::equal_ignoring_case(value, "OFF"); }

std::string first_few(const Result& r, std::size_t limit = 5) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < r.rows.size() && i < limit; ++i) names.push_back(r.rows[i][0].value_or(""));
  return base::join(names, ", ") + (r.rows.size() > limit ? concat(" and ", r.rows.size() - limit, " more") : "");
}

/// Runs a query that the account may not be allowed to: what cannot be seen is no finding of its own.
Result ask(Connection& c, const std::string& sql) {
  try {
    return c.query(sql);
  } catch (const Error& e) {
    // 1401 is what XA RECOVER says to an account that may not.
    if (e.code() == Exit::privilege || e.facts().native == 1401) return {};
    throw;
  }
}

/// Global privileges that SHOW GRANTS names and the account lacks.
std::vector<std::string> lacking(Connection& c, const std::vector<std::string>& wanted) {
  const Result grants = c.query("SHOW GRANTS");
  std::set<std::string> has;
  for (const auto& row : grants.rows) {
    const std::string text = row.empty() ? "" : row[0].value_or("");
    const auto on = text.find(" ON *.* ");
    if (text.rfind("GRANT ", 0) != 0 || on == std::string::npos) continue;
    for (const auto part : base::split(std::string_view(text).substr(6, on - 6), ',')) has.insert(std::string(base::trim(part)));
  }
  if (has.count("ALL PRIVILEGES") != 0) return {};
  std::vector<std::string> missing;
  for (const auto& p : wanted)
    if (has.count(p) == 0) missing.push_back(p);
  return missing;
}

void privileges(Connection& c, const std::vector<std::string>& wanted, const std::string& role, Findings& out) {
  const auto missing = lacking(c, wanted);
  if (missing.empty()) return;
  const auto who = c.scalar("SELECT CURRENT_USER()").value_or("this account");
  out.push_back({true, "privilege", who, concat(who, " on the ", role, " lacks ", base::join(missing, ", ")),
                 concat("GRANT ", base::join(missing, ", "), " ON *.* TO ", who, ";")});
}

/// An event keeps its definer when it is enabled, and nobody who is less than an administrator names one as definer.
void event_definers(Connection& c, const value::Scope& scope, Findings& out) {
  if (lacking(c, {"SYSTEM_USER"}).empty()) return;
  const Result events = c.query(concat("SELECT CONCAT(EVENT_SCHEMA, '.', EVENT_NAME) FROM information_schema.EVENTS WHERE ", database_condition(scope, "EVENT_SCHEMA"), " ORDER BY 1"));
  if (events.empty()) return;
  const auto who = c.scalar("SELECT CURRENT_USER()").value_or("this account");
  out.push_back({false, "event-definers", first_few(events), concat(who, " on the target lacks SYSTEM_USER, so a switchover cannot enable events whose definer is an administrator, among these: ", first_few(events)),
                 concat("GRANT SYSTEM_USER ON *.* TO ", who, ";")});
}

void log_findings(const value::ServerIdentity& self, Connection& c, Findings& out) {
  if (off(self.setting("log_bin"))) out.push_back({true, "binlog-off", "log_bin", "the source writes no binary log", "Set log_bin and restart the source."});
  if (self.server_id == 0) out.push_back({true, "server-id-zero", "server_id", "the source has server_id 0", "Give every server a server_id of its own."});
  if (const auto format = self.setting("binlog_format", "ROW"); format != "ROW")
    out.push_back({true, "binlog-format", format, concat("the source's binlog_format is ", format), "SET GLOBAL binlog_format=ROW, then let the applications connect again."});
  if (const auto image = self.setting("binlog_row_image", "FULL"); image != "FULL")
    out.push_back({true, "binlog-row-image", image, concat("the source's binlog_row_image is ", image), "SET GLOBAL binlog_row_image=FULL, then let the applications connect again."});
  const Result expire = c.query("SHOW GLOBAL VARIABLES LIKE 'binlog_expire_logs_seconds'");
  const auto seconds = base::parse_u64(expire.text("Value")).value_or(0);
  if (seconds > 0 && seconds < 86400)
    out.push_back({false, "retention", "binlog_expire_logs_seconds", concat("the source deletes binary logs after ", seconds, " s"),
                   "Raise binlog_expire_logs_seconds until the move is over."});
}

/// What is left out of the log follows nobody.
void log_filter_findings(Connection& c, const Capabilities& caps, Findings& out) {
  const Result binlog = ask(c, caps.binary_log_status ? "SHOW BINARY LOG STATUS" : "SHOW MASTER STATUS");
  if (!binlog.text("Binlog_Do_DB").empty() || !binlog.text("Binlog_Ignore_DB").empty())
    out.push_back({true, "binlog-filter", "binlog_do_db", "the source leaves databases out of its binary log", "Remove binlog_do_db and binlog_ignore_db and restart the source."});
}

void scope_findings(const value::Scope& scope, Findings& out) {
  try {
    scope_filter(scope);
  } catch (const Error& e) {
    out.push_back({true, "scope", scope.display(), e.message(), e.facts().hint});
  }
}

/// A log of statements gives other rows where it is applied (UUID(), LIMIT, another time zone), and its statements pass filters by the
/// database that was in use. What was written since the copy stands in it as it was when it was written.
void format_findings(Connection& c, const Capabilities& caps, const FollowedCopy& copy, Findings& out) {
  constexpr std::string_view kAgain = "SET GLOBAL binlog_format=ROW, let the applications connect again (sessions keep the format that they began with), and take the copy again.";
  const std::string then = copy.copied_from.setting("binlog_format");
  if (!copy.begun && !then.empty() && then != "ROW")
    out.push_back({true, "copied-log", then, concat("the copy was taken while the source's binlog_format was ", then, ": what was written since stands in its log as statements, which may give other rows on the target"), std::string(kAgain)});
  if (caps.gtid_domains) return;  // does not say what its sessions have
  const Result sessions = ask(c, "SELECT DISTINCT CONCAT(t.PROCESSLIST_USER, '@', t.PROCESSLIST_HOST) FROM performance_schema.variables_by_thread v JOIN performance_schema.threads t"
                                 " ON t.THREAD_ID=v.THREAD_ID WHERE v.VARIABLE_NAME='binlog_format' AND v.VARIABLE_VALUE<>'ROW' AND t.PROCESSLIST_USER <> 'event_scheduler' ORDER BY 1");
  if (!sessions.empty())
    out.push_back({!copy.begun, "session-format", first_few(sessions), concat("sessions on the source have another binlog_format than ROW: ", first_few(sessions)), std::string(kAgain)});
}

void table_findings(Connection& c, const value::Scope& scope, Findings& out) {
  const Result keyless = c.query(concat(
      "SELECT CONCAT(t.TABLE_SCHEMA, '.', t.TABLE_NAME) FROM information_schema.TABLES t LEFT JOIN information_schema.STATISTICS s"
      " ON s.TABLE_SCHEMA=t.TABLE_SCHEMA AND s.TABLE_NAME=t.TABLE_NAME AND s.NON_UNIQUE=0 WHERE t.TABLE_TYPE='BASE TABLE' AND s.TABLE_NAME IS NULL AND ",
      database_condition(scope, "t.TABLE_SCHEMA"), " ORDER BY 1"));
  if (!keyless.empty())
    out.push_back({false, "no-unique-key", keyless.rows[0][0].value_or(""), concat("tables without a unique key are followed by scanning: ", first_few(keyless)),
                   "Add a primary key, or expect slow UPDATEs and DELETEs on the target."});
  const Result engines = c.query(concat("SELECT CONCAT(TABLE_SCHEMA, '.', TABLE_NAME) FROM information_schema.TABLES WHERE TABLE_TYPE='BASE TABLE'"
                                        " AND ENGINE IN ('MyISAM','Aria','MEMORY','CSV','ARCHIVE') AND ", database_condition(scope, "TABLE_SCHEMA"), " ORDER BY 1"));
  if (!engines.empty())
    out.push_back({false, "not-transactional", engines.rows[0][0].value_or(""), concat("tables without transactions can differ after a crash: ", first_few(engines)),
                   "ALTER TABLE … ENGINE=InnoDB, or verify them after the switchover."});
}

/// Neither the fence nor the follower's read-only mode can be narrowed to some databases, and the channel's filters are about tables: routines
/// and events come across by the name of their database. One finding a database, since each is accepted by its name.
void others_too(Connection& c, const value::Scope& scope, std::string_view what, Findings& out) {
  if (scope.all_databases || scope.databases.empty()) return;
  const Result others = c.query(concat("SELECT SCHEMA_NAME FROM information_schema.SCHEMATA WHERE NOT (", database_condition(scope, "SCHEMA_NAME"),
                                       ") AND SCHEMA_NAME NOT IN ('mysql','sys','information_schema','performance_schema','flytt') ORDER BY 1"));
  for (const auto& row : others.rows)
    out.push_back({true, "fenced-too", row[0].value_or(""), concat("database ", row[0].value_or(""), what), ""});
}

void activity_findings(Connection& c, Findings& out) {
  if (const Result xa = ask(c, "XA RECOVER"); !xa.empty())
    out.push_back({true, "xa-prepared", "XA", concat(xa.rows.size(), " prepared XA transaction(s) are open on the source"), "Commit or roll them back."});
  const Result old = ask(c, "SELECT CONCAT(p.USER, '@', p.HOST, ' (connection ', p.ID, ')') FROM information_schema.INNODB_TRX t JOIN information_schema.PROCESSLIST p"
                            " ON p.ID=t.trx_mysql_thread_id WHERE t.trx_rows_modified>0 AND t.trx_started < NOW() - INTERVAL 30 SECOND");
  if (!old.empty())
    out.push_back({false, "long-transaction", "", concat("transactions have been writing for more than 30 s: ", first_few(old)), "The fence ends them; let them finish first."});
  if (const Result waits = c.query("SHOW GLOBAL STATUS WHERE Variable_name IN ('Rpl_semi_sync_master_wait_sessions','Rpl_semi_sync_source_wait_sessions') AND Value>0"); !waits.empty())
    out.push_back({true, "semi-sync-wait", "", "commits on the source wait for a semi-synchronous replica that does not answer", "Repair that replica or turn semi-synchronous replication off."});
}

/// Events that cannot be seen on the one server, or not on the other, cannot be what they were after a promotion.
void event_privileges(Connection& c, const value::Scope& scope, std::string_view role, Findings& out) {
  std::vector<std::string> databases = scope.databases;
  if (scope.all_databases)
    for (const auto& row : c.query("SELECT SCHEMA_NAME FROM information_schema.SCHEMATA WHERE " + database_condition(scope, "SCHEMA_NAME")).rows) databases.push_back(row[0].value_or(""));
  for (const auto& database : databases) {
    try {
      c.query(concat("SHOW EVENTS FROM ", quote_name(database), " WHERE FALSE"));
    } catch (const Error& e) {
      if (e.code() != Exit::privilege) {
        if (e.facts().native == 1049) continue;  // the database is not there: the loader's business
        throw;
      }
      const auto who = c.scalar("SELECT CURRENT_USER()").value_or("this account");
      out.push_back({true, "events-unseen", database, concat(who, " on the ", role, " may not see the events of ", database, ", so a switchover cannot make them what they were"),
                     concat("GRANT EVENT ON ", quote_name(database), ".* TO ", who, ";")});
    }
  }
}

}  // namespace

std::vector<Finding> following_findings(Connection& c, FamilyServer& server, const value::Scope& scope) {
  Findings out;
  log_findings(server.identity(), c, out);
  scope_findings(scope, out);
  log_filter_findings(c, server.caps(), out);
  return out;
}

std::vector<Finding> FamilyReplication::source_findings(const value::Scope& scope, const std::string& repl_user) {
  Findings out;
  Connection& c = session();
  const auto& self = server_.identity();
  const auto& caps = server_.caps();
  if (!caps.gtid_domains && !caps.replica_words)
    out.push_back({true, "server-too-old", self.version, concat("this release cannot follow ", self.display()), "Upgrade it to 8.0.23 or later first."});
  log_findings(self, c, out);
  scope_findings(scope, out);
  format_findings(c, caps, copy_, out);
  if (caps.gtid_domains)
    privileges(c, {"PROCESS", "BINLOG MONITOR", "READ_ONLY ADMIN", "CONNECTION ADMIN", "SUPER"}, "source", out);
  else
    privileges(c, {"PROCESS", "REPLICATION CLIENT", "SYSTEM_VARIABLES_ADMIN", "CONNECTION_ADMIN"}, "source", out);
  // Whoever may not see the accounts learns it from the proof of the route.
  if (const Result found = ask(c, "SELECT COUNT(*) AS n FROM mysql.user WHERE User=" + quote_text(repl_user)); !repl_user.empty() && found.text("n") == "0")
    out.push_back({true, "repl-user", repl_user, concat("the source has no account ", repl_user, " for the channel"),
                   "Create it (GRANT REPLICATION SLAVE), or let start make it with --create-repl-user."});
  log_filter_findings(c, caps, out);
  if (!ask(c, caps.replica_words ? "SHOW REPLICA STATUS" : "SHOW ALL SLAVES STATUS").empty())
    out.push_back({false, "source-is-replica", "", "the source follows another server itself", "Stop that before the switchover, or its writes never end."});
  if (!ask(c, "SHOW GLOBAL STATUS WHERE Variable_name='wsrep_cluster_size' AND Value>0").empty())
    out.push_back({false, "cluster", "wsrep", "the source is a member of a Galera cluster: the fence holds this member only", "Fence the other members too."});
  table_findings(c, scope, out);
  others_too(c, scope, " is on the source, too, and a switchover closes the whole server to writes", out);
  event_privileges(c, scope, "source", out);
  activity_findings(c, out);
  if (const auto state = fence_state(); !state.can_still_write.empty())
    out.push_back({false, "writes-through-fence", state.can_still_write.front(), concat("the fence does not hold these accounts: ", base::join(state.can_still_write, ", ")),
                   "Their sessions are ended, but they can come back: take READ_ONLY ADMIN from those that applications use. A write of theirs ends the switchover before COMMIT."});
  return out;
}

namespace {

void equality(const value::ServerIdentity& source, const value::ServerIdentity& self, Findings& out) {
  const auto differ = [&](const std::string& name, bool blocks, const std::string& remedy) {
    const auto a = source.setting(name), b = self.setting(name);
    if (a != b) out.push_back({blocks, name, name, concat(name, " is ", base::quote_for_message(a), " on the source and ", base::quote_for_message(b), " on the target"), remedy});
  };
  differ("lower_case_table_names", true, "It is chosen when a server is initialised: set up the target anew.");
  differ("gtid_mode", true, "Set the same gtid_mode on both.");
  differ("sql_mode", false, "Set it on the target as the applications need it.");
  differ("time_zone", false, "Set it on the target as the applications need it.");
  differ("system_time_zone", false, "It counts where time_zone is SYSTEM.");
  differ("character_set_server", false, "New databases get another character set.");
  differ("collation_server", false, "New databases get another collation.");
  differ("explicit_defaults_for_timestamp", false, "Set it on the target as on the source.");
  const auto number = [&](const value::ServerIdentity& of, const std::string& name) { return base::parse_u64(of.setting(name)).value_or(0); };
  if (number(self, "max_allowed_packet") < number(source, "max_allowed_packet"))
    out.push_back({true, "max_allowed_packet", self.setting("max_allowed_packet"), "the target's max_allowed_packet is smaller than the source's", "Raise it on the target."});
  // A row is logged whole, whatever its statement was: the channel takes what this allows, by default 1 GiB.
  const std::string packet = self.settings.contains("replica_max_allowed_packet") ? "replica_max_allowed_packet" : "slave_max_allowed_packet";
  if (const auto most = number(self, packet); most != 0 && most < std::min<std::uint64_t>(4 * number(source, "max_allowed_packet"), 1U << 30))
    out.push_back({false, packet, self.setting(packet), concat("the target's ", packet, " is ", most, ": the channel stops at a row whose event is larger"), concat("SET GLOBAL ", packet, "=1073741824 on the target.")});
  // 1 is the strongest, then 3 (both MariaDB), 2 and 0.
  if (source.setting("innodb_flush_log_at_trx_commit") == "1" && self.setting("innodb_flush_log_at_trx_commit") != "1")
    out.push_back({true, "durability", "innodb_flush_log_at_trx_commit", "the target may lose commits in a crash that the source would keep",
                   "SET GLOBAL innodb_flush_log_at_trx_commit=1 on the target, or load-stream --restore-settings."});
  if (number(source, "sync_binlog") == 1 && number(self, "sync_binlog") != 1)
    out.push_back({true, "durability", "sync_binlog", "the target syncs its binary log less often than the source", "SET GLOBAL sync_binlog=1 on the target."});
}

}  // namespace

std::vector<Finding> FamilyReplication::target_findings(const value::ServerIdentity& source, const value::Scope& scope) {
  Findings out;
  Connection& c = session();
  const auto& self = server_.identity();
  const auto& caps = server_.caps();
  if (!source.uuid.empty() && source.uuid == self.uuid)
    return {{true, "same-server", self.uuid, "source and target are the same server", "Check the two URLs."}};
  if (source.server_id == self.server_id)
    out.push_back({true, "server-id", std::to_string(self.server_id), concat("source and target both have server_id ", self.server_id), "Give the target another: SET GLOBAL server_id, and in its my.cnf."});
  if (source.product != self.product)
    out.push_back({true, "product", self.product, concat("this release follows only within one product: ", source.display(), " to ", self.display()), "Use two servers of the same product."});
  if (self.version_number / 100 < source.version_number / 100)
    out.push_back({true, "version", self.version, concat("the target is older than the source: ", self.version, " after ", source.version), "A replica must not be older."});
  if (off(self.setting("log_bin"))) out.push_back({false, "target-binlog-off", "log_bin", "the target writes no binary log: nothing can follow it, no way back", "Set log_bin on the target and restart it."});
  if (off(self.setting("log_slave_updates", self.setting("log_replica_updates", "ON"))))
    out.push_back({false, "log-updates-off", "log_slave_updates", "the target does not log what it follows", "Set log_slave_updates on the target and restart it."});
  equality(source, self, out);
  if (caps.gtid_domains)
    privileges(c, {"PROCESS", "BINLOG MONITOR", "REPLICATION SLAVE ADMIN", "SLAVE MONITOR", "READ_ONLY ADMIN", "SUPER"}, "target", out);
  else
    privileges(c, {"PROCESS", "REPLICATION CLIENT", "REPLICATION_SLAVE_ADMIN", "SYSTEM_VARIABLES_ADMIN"}, "target", out);
  if (caps.system_user) event_definers(c, scope, out);
  others_too(c, scope, " is on the target, too: while it follows, the whole server takes no writes, and what the source does to routines and events of a database of that name is done here", out);
  event_privileges(c, scope, "target", out);
  const Result events = c.query(concat("SELECT CONCAT(EVENT_SCHEMA, '.', EVENT_NAME) FROM information_schema.EVENTS WHERE STATUS='ENABLED' AND ",
                                       database_condition(scope, "EVENT_SCHEMA"), " ORDER BY 1"));
  if (!events.empty())
    out.push_back({true, "events-enabled", first_few(events), concat("events would run on the target while it follows: ", first_few(events)), "ALTER EVENT … DISABLE; the switchover enables what the loader noted."});
  for (auto& f : variant().stray_history(c, source, self)) out.push_back(std::move(f));
  return out;
}

}  // namespace flytt::engine::mysql_family
