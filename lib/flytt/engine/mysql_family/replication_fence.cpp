// The fence: application writes stop, provably, or nothing was changed.
// Source: MariaDB documentation, "read_only"; MySQL Reference Manual, "super_read_only": SET waits for statements and commits
// that are under way, and while it waits it holds up new ones. So the wait is short, and a SET that did not make it is killed.
// SPDX-License-Identifier: MIT
#include <flytt/engine/mysql_family/replication.hpp>

#include <algorithm>
#include <condition_variable>
#include <thread>

#include <flytt/base/text.hpp>
#include <flytt/codec/json.hpp>

namespace flytt::engine::mysql_family {

using base::concat;
using base::Error;
using base::Exit;
using std::chrono::milliseconds;

namespace {

/// Stands in the statement, so that a later process finds one that is still waiting in the server.
constexpr std::string_view kMarker = " /* flytt fence */";

/// read_only is 0, 1, OFF, ON, or since MariaDB 12.0.1 another word that means on.
bool is_on(std::string_view value) { return !(value.empty() || value == "0" || base::equal_ignoring_case(value, "OFF")); }

/// What a server was told to come back with after a restart, as it was before a fence; runtime values come after it. Without a word on
/// that (a fence that no journal knows) it is told nothing any more.
void put_back_persisted(Connection& c, const std::string& variable, const codec::JsonValue& was) {
  const auto values = was.find("persisted_values");
  const bool disabled = variable == "event_scheduler" && c.scalar("SELECT @@GLOBAL.event_scheduler") == "DISABLED";
  if (values && values->has(variable) && !disabled) c.execute(concat("SET PERSIST ", variable, "=", is_on(values->get_string(variable)) ? "ON" : "OFF"));
  else c.execute("RESET PERSIST IF EXISTS " + variable);
}

/// Kills a statement that takes too long, from a side connection.
class Deadline {
 public:
  Deadline(Connector& connector, std::uint64_t id, milliseconds within)
      : thread_([this, &connector, id, within](std::stop_token stop) {
          std::unique_lock lock(mutex_);
          wake_.wait_for(lock, stop, within, [] { return false; });
          if (!stop.stop_requested()) connector.kill_query(id);
        }) {}

 private:
  std::mutex mutex_;
  std::condition_variable_any wake_;
  std::jthread thread_;
};

}  // namespace

std::vector<std::string> FamilyReplication::fence_statements() {
  const auto& caps = server_.caps();
  // Events of privileged definers write through read_only; those that a restart would turn on are held, too.
  std::vector<std::string> out;
  const std::string events = session().scalar("SELECT @@GLOBAL.event_scheduler").value_or("");
  if (events == "ON" || (events == "OFF" && caps.set_persist)) out.push_back(caps.set_persist ? "SET PERSIST event_scheduler=OFF" : "SET GLOBAL event_scheduler=OFF");
  out.push_back(close_statement());
  return out;
}

std::string FamilyReplication::close_statement() {
  const auto& caps = server_.caps();
  if (caps.super_read_only && caps.set_persist) return concat("SET PERSIST super_read_only=ON", kMarker);
  if (caps.super_read_only) return concat("SET GLOBAL super_read_only=1", kMarker);
  if (caps.read_only_words) return concat("SET GLOBAL read_only=NO_LOCK_NO_ADMIN", kMarker);
  return concat("SET GLOBAL read_only=1", kMarker);
}

std::string FamilyReplication::fence_settings() {
  Connection& c = session();
  std::string out;
  codec::JsonWriter w(out);
  w.object().member("read_only", c.scalar("SELECT @@GLOBAL.read_only").value_or("0"));
  w.member("event_scheduler", c.scalar("SELECT @@GLOBAL.event_scheduler").value_or("OFF"));
  if (server_.caps().super_read_only) w.member("super_read_only", c.scalar("SELECT @@GLOBAL.super_read_only").value_or("0"));
  if (server_.caps().set_persist) {
    const Result persisted = c.query("SELECT VARIABLE_NAME, VARIABLE_VALUE FROM performance_schema.persisted_variables WHERE VARIABLE_NAME IN ('super_read_only', 'event_scheduler') ORDER BY 1");
    w.key("persisted_values").object();
    for (const auto& row : persisted.rows) w.member(row[0].value_or(""), row[1].value_or(""));
    w.end();
  }
  w.end();
  return out;
}

void FamilyReplication::fence(milliseconds within) {
  Connection& c = session();
  kill_pending_fences();
  c.execute(concat("SET SESSION lock_wait_timeout=", std::max<long long>(1, (within.count() + 999) / 1000)));
  try {
    const Deadline deadline(server_.connector(), c.id(), within);
    for (const auto& sql : fence_statements()) c.execute(sql);
  } catch (const Error& e) {
    kill_pending_fences();
    // 1205 lock wait, 1317 and 1969 interrupted: somebody was in the way. Everything else is what it says.
    const int n = e.facts().native;
    if (n != 1205 && n != 1317 && n != 1969 && n != 3024) throw;
    throw Error(Exit::timeout, concat(c.endpoint(), ": writes could not be stopped within ", within.count(), " ms; in the way: ", who_holds_up()),
                {.endpoint = c.endpoint(), .hint = "End that statement or transaction, or try again later.", .connection_usable = true});
  }
  if (!fence_state().fenced) throw Error(Exit::refused, concat(c.endpoint(), ": the fence was set but does not read back as set"));
}

void FamilyReplication::kill_pending_fences() {
  const Result r = session().query("SELECT ID, INFO FROM information_schema.PROCESSLIST WHERE INFO LIKE 'SET %/* flytt fence */%'");
  for (std::size_t i = 0; i < r.rows.size(); ++i) {
    if (mine(r.text("ID", i))) continue;
    try {
      session().execute("KILL " + r.text("ID", i));
    } catch (const Error& e) {
      if (e.facts().native != 1094) throw;  // it has ended meanwhile
    }
  }
}

/// Those that wait themselves, maybe for us, come last.
std::string FamilyReplication::who_holds_up() {
  const Result r = session().query(
      "SELECT p.ID AS id, p.USER AS user, p.HOST AS host, p.TIME AS time, COALESCE(LEFT(p.INFO, 60), p.COMMAND) AS what,"
      " t.trx_id IS NOT NULL AS in_trx FROM information_schema.PROCESSLIST p"
      " LEFT JOIN information_schema.INNODB_TRX t ON t.trx_mysql_thread_id=p.ID"
      " WHERE p.ID<>CONNECTION_ID() AND p.COMMAND NOT LIKE 'Binlog Dump%' AND p.COMMAND<>'Daemon'"
      " AND (t.trx_id IS NOT NULL OR p.COMMAND='Query') ORDER BY COALESCE(p.STATE, '') LIKE 'Waiting for %', p.TIME DESC LIMIT 3");
  std::vector<std::string> out;
  for (std::size_t i = 0; i < r.rows.size(); ++i)
    out.push_back(concat(r.text("user", i), "@", r.text("host", i), ", connection ", r.text("id", i), ", for ", r.text("time", i), " s: ",
                         without_values(r.text("what", i))));
  return out.empty() ? who_may_hold_locks() : base::join(out, "; ");
}

/// LOCK TABLES is no transaction, and a MariaDB server does not say who holds one: whoever does has a session, and is idle.
std::string FamilyReplication::who_may_hold_locks() {
  constexpr std::size_t kMost = 3;
  const Result idle = other_sessions();
  std::vector<std::string> out;
  for (std::size_t i = 0; i < idle.rows.size() && i < kMost; ++i)
    out.push_back(concat(idle.text("user", i), "@", idle.text("host", i), ", connection ", idle.text("id", i)));
  if (idle.rows.size() > kMost) out.push_back(concat(idle.rows.size() - kMost, " more"));
  return out.empty() ? "nobody any more" : concat("a session that is idle and may hold LOCK TABLES: ", base::join(out, "; "));
}

FenceState FamilyReplication::fence_state() {
  Connection& c = session();
  const auto& caps = server_.caps();
  FenceState s;
  const std::string variable = caps.super_read_only ? "super_read_only" : "read_only";
  const std::string value = c.scalar("SELECT @@GLOBAL." + variable).value_or("");
  const std::string events = c.scalar("SELECT @@GLOBAL.event_scheduler").value_or("");
  s.fenced = is_on(value) && events != "ON";
  const std::string plain = c.scalar("SELECT @@GLOBAL.read_only").value_or("");
  s.refuses_writes = !s.fenced && (is_on(value) || is_on(plain));
  s.evidence = concat(caps.super_read_only && is_on(plain) && !is_on(value) ? "read_only=1, " : "", variable, "=", value, ", event_scheduler=", events);
  if (!caps.super_read_only && !(caps.read_only_words && base::equal_ignoring_case(value, "NO_LOCK_NO_ADMIN"))) {
    const Result r = c.query(
        concat("SELECT DISTINCT GRANTEE FROM information_schema.USER_PRIVILEGES WHERE PRIVILEGE_TYPE IN ('READ_ONLY ADMIN', 'READ ONLY ADMIN'",
               caps.connection_admin && server_.identity().version_number >= 101100 ? "" : ", 'SUPER'", ") ORDER BY 1"));
    const std::string me = c.scalar("SELECT CURRENT_USER()").value_or("");
    const auto at = me.rfind('@');
    const std::string grantee = concat("'", me.substr(0, at), "'@'", at == std::string::npos ? "" : me.substr(at + 1), "'");
    for (const auto& row : r.rows)
      if (row[0] != grantee) s.can_still_write.push_back(row[0].value_or(""));
  }
  const Result others = other_sessions();
  for (std::size_t i = 0; i < others.rows.size(); ++i)
    s.sessions.push_back(concat(others.text("user", i), "@", others.text("host", i), ", connection ", others.text("id", i)));
  return s;
}

void FamilyReplication::unfence(const std::string& previous) {
  const auto was = codec::JsonValue::parse(previous.empty() ? "{}" : previous);
  Connection& c = session();
  kill_pending_fences();
  const std::string read_only = is_on(was.get_string("read_only", "0")) ? "1" : "0";
  if (server_.caps().set_persist)
    for (const std::string variable : {"super_read_only", "event_scheduler"}) put_back_persisted(c, variable, was);
  if (server_.caps().super_read_only)
    c.execute(concat("SET GLOBAL super_read_only=", is_on(was.get_string("super_read_only", "0")) ? "1" : "0"));
  c.execute("SET GLOBAL read_only=" + read_only);
  const std::string events = was.get_string("event_scheduler", "");
  if ((events == "ON" || events == "OFF") && c.scalar("SELECT @@GLOBAL.event_scheduler") != events) c.execute("SET GLOBAL event_scheduler=" + events);
  if (is_on(c.scalar("SELECT @@GLOBAL.read_only").value_or("")) != (read_only == "1"))
    throw Error(Exit::unavailable, concat(c.endpoint(), ": read_only does not read back as ", read_only));
}

std::string FamilyReplication::fence_configuration() {
  const auto& caps = server_.caps();
  if (caps.set_persist && session().scalar("SELECT @@GLOBAL.persisted_globals_load") == "1") return {};
  return concat(caps.super_read_only ? "super_read_only" : "read_only", "=", caps.read_only_words ? "NO_LOCK_NO_ADMIN" : "ON",
                session().scalar("SELECT @@GLOBAL.event_scheduler") == "DISABLED" ? "" : "\nevent_scheduler=OFF");
}

bool FamilyReplication::mine(const std::string& id) const {
  return (session_ && id == std::to_string(session_->id())) || (lock_ && id == std::to_string(lock_->id()));
}

Result FamilyReplication::other_sessions() {
  Result all = session().query(
      "SELECT ID AS id, USER AS user, HOST AS host FROM information_schema.PROCESSLIST WHERE COMMAND NOT LIKE 'Binlog Dump%'"
      " AND COMMAND NOT IN ('Daemon', 'Killed') AND COMMAND NOT LIKE 'Slave\\_%'"
      " AND USER NOT IN ('system user', 'event_scheduler', 'unauthenticated user') ORDER BY ID");
  all.rows.erase_if([&](const auto& row) { return mine(row[0].value_or("")); });
  return all;
}

unsigned FamilyReplication::end_sessions() {
  const Result others = other_sessions();
  unsigned ended = 0;
  for (std::size_t i = 0; i < others.rows.size(); ++i) {
    try {
      session().execute("KILL " + others.text("id", i));
      ++ended;
    } catch (const Error& e) {
      // 1094: it has ended meanwhile. 1095: a system account, which super_read_only holds all the same.
      if (e.facts().native != 1094 && !(e.facts().native == 1095 && server_.caps().super_read_only)) throw;
    }
  }
  return ended;
}

void FamilyReplication::open_writes(const std::string& settings_of_predecessor) {
  Connection& c = session();
  if (server_.caps().set_persist)
    for (const char* variable : {"super_read_only", "event_scheduler"}) c.execute(concat("RESET PERSIST IF EXISTS ", variable));
  if (server_.caps().super_read_only) c.execute("SET GLOBAL super_read_only=0");
  c.execute("SET GLOBAL read_only=0");
  if (is_on(c.scalar("SELECT @@GLOBAL.read_only").value_or(""))) throw Error(Exit::unavailable, concat(c.endpoint(), ": read_only stays on"));
  c.execute("CREATE DATABASE IF NOT EXISTS flytt");
  c.execute("CREATE TABLE IF NOT EXISTS flytt.opened (id INT NOT NULL PRIMARY KEY, at TIMESTAMP(6) NOT NULL) ENGINE=InnoDB");
  c.execute("REPLACE INTO flytt.opened VALUES (1, CURRENT_TIMESTAMP(6))");
  const auto was = codec::JsonValue::parse(settings_of_predecessor.empty() ? "{}" : settings_of_predecessor);
  if (was.get_string("event_scheduler", "OFF") == "ON") c.execute("SET GLOBAL event_scheduler=ON");
}

Script FamilyReplication::describe_fence() {
  Script out = fence_statements();
  out.push_back("KILL every other session");
  return out;
}

}  // namespace flytt::engine::mysql_family
