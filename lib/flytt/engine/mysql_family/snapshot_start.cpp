// Starting N snapshots at one position.
// MariaDB shows each snapshot's own binary log position: equal positions are equal views, and no lock is taken. Where that
// cannot be trusted or does not come about, commits are stopped for the blink in which the snapshots start: with BACKUP STAGE
// (MariaDB), which does not queue behind statements, or with a global read lock (MySQL), asked for only when nobody is in its way.
// SPDX-License-Identifier: MIT
#include <flytt/engine/mysql_family/snapshot_start.hpp>

#include <chrono>

#include <flytt/base/text.hpp>
#include <flytt/engine/mysql_family/variant.hpp>

namespace flytt::engine::mysql_family {
namespace {

using base::Error;
using base::Exit;
using std::chrono::steady_clock;

constexpr auto kAgreeFor = std::chrono::seconds(5);
constexpr auto kLockFor = std::chrono::seconds(60);
constexpr unsigned kLongStatementSeconds = 1;

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

void add_gtid(Connection& c, value::Position& p) {
  if (p.file.empty()) return;
  p.gtid = c.scalar("SELECT BINLOG_GTID_POS(" + quote_text(p.file) + ", " + std::to_string(p.offset) + ")").value_or("");
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
  brake->execute("BACKUP STAGE END");
  if (!p) throw Error(Exit::bug, "sessions started under BACKUP STAGE BLOCK_COMMIT show different positions");
  return *p;
}

/// Who runs a statement long enough that a global read lock would queue behind it; empty when nobody does.
std::string in_the_way(Connection& c) {
  const Result r = c.query(
      "SELECT ID, USER, HOST, TIME, LEFT(INFO, 80) AS INFO FROM information_schema.PROCESSLIST"
      " WHERE COMMAND IN ('Query','Execute') AND INFO IS NOT NULL AND ID <> CONNECTION_ID() AND TIME >= " +
      std::to_string(kLongStatementSeconds) + " AND USER NOT IN ('system user','event_scheduler') ORDER BY TIME DESC LIMIT 1");
  if (r.empty()) return {};
  return base::concat("connection ", r.text("ID"), " of ", r.text("USER"), "@", r.text("HOST"), ", ", r.text("TIME"),
                      " s: ", without_values(r.text("INFO")));
}

value::Position under_read_lock(FamilyServer& server, Sessions& sessions) {
  const auto brake = server.connect();
  brake->execute("SET SESSION lock_wait_timeout=2");
  const auto until = steady_clock::now() + kLockFor;
  std::string who;
  for (;;) {
    who = in_the_way(*brake);
    if (who.empty()) {
      try {
        brake->execute("FLUSH TABLES WITH READ LOCK");
        break;
      } catch (const Error& e) {
        if (e.facts().native != 1205) throw;
        who = "a lock that was not released within 2 s";
      }
    }
    if (steady_clock::now() >= until)
      throw Error(Exit::unavailable, "no global read lock: " + who,
                  {.endpoint = brake->endpoint(), .hint = "Run the copy when no long statement runs, or end that one."});
    server.context().clock.sleep_for(std::chrono::milliseconds(200), server.context().stop);
    server.context().check_stop();
  }
  start_all(sessions);
  const value::Position p = server.variant().log_end(*brake);
  brake->execute("UNLOCK TABLES");
  return p;
}

}  // namespace

value::Position start_together(FamilyServer& server, Sessions& sessions) {
  const Capabilities& caps = server.caps();
  if (!caps.backup_stage) return under_read_lock(server, sessions);
  Connection& first = *sessions.front();
  const bool logs = caps.binlog_snapshot_status && server.identity().settings.at("log_bin") == "ON";
  if (!logs && sessions.size() == 1) {
    start_all(sessions);
    return {};
  }
  std::optional<value::Position> p;
  if (logs && !log_hides_commits(server, first)) p = agree(server, sessions);
  if (!p) p = under_backup_stage(server, sessions);
  add_gtid(first, *p);
  return *p;
}

}  // namespace flytt::engine::mysql_family
