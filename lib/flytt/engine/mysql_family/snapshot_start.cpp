// Starting N snapshots at one position.
// MariaDB shows each snapshot's own binary log position: equal positions are equal views, and no lock is taken. Where that
// cannot be trusted or does not come about, commits are stopped for the blink in which the snapshots start: with BACKUP STAGE
// (MariaDB), which does not queue behind statements, or with read locks on the tables in scope (MySQL), behind which no reader queues.
// SPDX-License-Identifier: MIT
#include <flytt/engine/mysql_family/snapshot_start.hpp>

#include <chrono>

#include <flytt/base/text.hpp>
#include <flytt/engine/mysql_family/catalog.hpp>
#include <flytt/engine/mysql_family/variant.hpp>

namespace flytt::engine::mysql_family {
namespace {

using base::Error;
using base::Exit;
using std::chrono::steady_clock;

constexpr auto kAgreeFor = std::chrono::seconds(5);
constexpr auto kLockFor = std::chrono::seconds(60);
constexpr auto kPatience = std::chrono::seconds(10);  ///< with a transaction that is open for long
constexpr unsigned kLongSeconds = 1;

void start_all(Sessions& sessions) {
  for (auto& s : sessions) s->execute("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY");
}

/// File and offset of the session's own snapshot; unknown when there is none.
value::Position snapshot_position(Connection& c) {
  const Result r = c.query("SHOW STATUS LIKE 'binlog_snapshot_%'");
  value::Position p;
  for (const auto& row : r.rows) {
    const std::string name = base::lower(row[0].value_or(""));
    if (name == "binlog_snapshot_file") p.file = row[1].value_or("");
    if (name == "binlog_snapshot_position") p.offset = base::parse_u64(row[1].value_or("")).value_or(0);
  }
  return p;
}

/// The server finds it by reading its log up to there, under the session's max_allowed_packet: behind an event that is larger (a row is
/// logged whole, whatever sent it) it answers with nothing, and where the log has GTIDs that is no answer. False then.
bool add_gtid(Connection& c, value::Position& p) {
  if (p.file.empty() || !p.gtid.empty()) return true;
  p.gtid = c.scalar("SELECT BINLOG_GTID_POS(" + quote_text(p.file) + ", " + std::to_string(p.offset) + ")").value_or("");
  return !p.gtid.empty() || c.scalar("SELECT @@GLOBAL.gtid_binlog_pos").value_or("").empty();
}

/// The position that all sessions show, if they agree.
std::optional<value::Position> common_position(Sessions& sessions) {
  const value::Position first = snapshot_position(*sessions.front());
  for (std::size_t i = 1; i < sessions.size(); ++i)
    if (snapshot_position(*sessions[i]) != first) return std::nullopt;
  return first;
}

std::optional<value::Position> agree(FamilyServer& server, Sessions& sessions) {
  const auto until = steady_clock::now() + kAgreeFor;
  while (steady_clock::now() < until) {
    server.context().check_stop();
    start_all(sessions);
    if (auto p = common_position(sessions)) return p;
    for (auto& s : sessions) s->execute("ROLLBACK");
  }
  return std::nullopt;
}

/// True when commits exist that this server's binary log does not show: a replica that does not log what it applies.
bool log_hides_commits(FamilyServer& server, Connection& c) {
  const auto& settings = server.identity().settings;
  const auto logged = settings.find("log_slave_updates");
  if (logged == settings.end() || logged->second == "ON") return false;
  return !c.query("SHOW ALL SLAVES STATUS").empty();
}

value::Position under_backup_stage(FamilyServer& server, Sessions& sessions) {
  const auto brake = server.connect();
  try {
    brake->execute("SET SESSION lock_wait_timeout=10");
    brake->execute("BACKUP STAGE START");
    brake->execute("BACKUP STAGE BLOCK_COMMIT");
    start_all(sessions);
  } catch (const Error& e) {
    if (e.code() == Exit::privilege)
      throw e.within("while stopping commits for a common snapshot").with_hint("Grant RELOAD, or use --jobs 1.");
    throw e.within("while stopping commits for a common snapshot");
  }
  auto p = common_position(sessions);
  const value::Position end = server.variant().log_end(*brake);
  brake->execute("BACKUP STAGE END");
  if (!p) throw Error(Exit::bug, "sessions started under BACKUP STAGE BLOCK_COMMIT show different positions");
  if (p->file == end.file && p->offset == end.offset) p->gtid = end.gtid;
  return *p;
}

/// Who has written for so long that a read lock on the tables would wait for it, and later writers for both; empty when nobody does.
std::string long_writer(Connection& c) {
  const Result r = c.query(
      "SELECT trx_mysql_thread_id AS ID, USER, HOST, LEFT(INFO, 80) AS INFO,"
      " TIMESTAMPDIFF(SECOND, CONVERT_TZ(trx_started, 'SYSTEM', '+00:00'), UTC_TIMESTAMP()) AS TIME"
      " FROM information_schema.INNODB_TRX LEFT JOIN information_schema.PROCESSLIST ON PROCESSLIST.ID = trx_mysql_thread_id"
      " WHERE trx_rows_modified > 0 OR trx_rows_locked > 0 HAVING TIME >= " + std::to_string(kLongSeconds) + " ORDER BY TIME DESC LIMIT 1");
  if (r.empty()) return {};
  if (r.text("ID") == "0") {  // of no session
    const auto prepared = prepared_transactions(c);
    return base::concat("an XA transaction is prepared since ", r.text("TIME"), " s and neither committed nor rolled back",
                        prepared.empty() ? "" : ": " + base::quote_for_message(prepared.front()), " (XA RECOVER lists them)");
  }
  const std::string statement = r.text("INFO");
  return base::concat("connection ", r.text("ID"), " of ", r.text("USER"), "@", r.text("HOST"), " has an open transaction since ", r.text("TIME"),
                      " s", statement.empty() ? " and runs no statement" : ": " + without_values(statement));
}

/// "LOCK TABLES `a`.`b` READ, …"; empty when there is no table.
std::string lock_statement(FamilyServer& server, const std::vector<value::Table>& tables) {
  std::string list;
  for (const auto& t : tables) list += (list.empty() ? "LOCK TABLES " : ", ") + server.dialect().table(t.name) + " READ";
  return list;
}

bool locked(Connection& c, const std::string& statement) {
  constexpr int kLockWaitTimeout = 1205;
  try {
    c.execute(statement);
  } catch (const Error& e) {
    if (e.facts().native == kLockWaitTimeout) return false;
    throw e.within("while stopping writes for a common snapshot");
  }
  return true;
}

/// Readers pass a read lock on the tables, however long they take. FLUSH TABLES WITH READ LOCK would wait for them, and when it
/// gives up, others go on waiting for the flush until the last of them is through.
value::Position under_table_locks(FamilyServer& server, Sessions& sessions, const std::vector<value::Table>& tables) {
  const std::string statement = lock_statement(server, tables);
  const auto brake = server.connect();
  brake->execute("SET SESSION lock_wait_timeout=1");
  const auto begun = steady_clock::now();
  auto next = begun + kPatience;
  while (!statement.empty()) {
    const std::string who = long_writer(*brake);
    if (who.empty() || steady_clock::now() >= next) {
      if (locked(*brake, statement)) break;
      next = steady_clock::now() + kPatience;
    }
    if (steady_clock::now() - begun >= kLockFor)
      throw Error(Exit::unavailable, "no read lock on the tables: " + (who.empty() ? "somebody writes all the time" : who),
                  {.endpoint = brake->endpoint(), .hint = "Run the copy when no long transaction writes to these tables, or end that one."});
    server.context().clock.sleep_for(std::chrono::milliseconds(200), server.context().stop);
    server.context().check_stop();
  }
  start_all(sessions);
  const value::Position p = server.variant().log_end(*brake);
  brake->execute("UNLOCK TABLES");
  return p;
}

}  // namespace

value::Position start_together(FamilyServer& server, Sessions& sessions, const std::vector<value::Table>& tables) {
  const Capabilities& caps = server.caps();
  if (!caps.backup_stage) return under_table_locks(server, sessions, tables);
  Connection& first = *sessions.front();
  const bool logs = caps.binlog_snapshot_status && server.identity().settings.at("log_bin") == "ON";
  if (!logs && sessions.size() == 1) {
    start_all(sessions);
    return {};
  }
  std::optional<value::Position> p;
  if (logs && !log_hides_commits(server, first)) p = agree(server, sessions);
  if (!p) p = under_backup_stage(server, sessions);
  if (add_gtid(first, *p)) return *p;
  for (auto& s : sessions) s->execute("ROLLBACK");
  p = under_backup_stage(server, sessions);
  if (!add_gtid(first, *p))
    throw Error(Exit::unavailable, base::concat("the server does not say the GTID of its position ", p->file, ":", p->offset, ": its binary log holds an event larger than max_allowed_packet"),
                {.endpoint = first.endpoint(), .hint = "Begin a new log file (FLUSH BINARY LOGS) and take the copy again."});
  return *p;
}

}  // namespace flytt::engine::mysql_family
