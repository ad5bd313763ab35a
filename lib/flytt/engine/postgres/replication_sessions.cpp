// Who else is connected to the database, and who of them may write.
// SPDX-License-Identifier: MIT
#include <flytt/engine/postgres/replication.hpp>

#include <algorithm>

#include <flytt/base/text.hpp>
#include <flytt/engine/postgres/catalog.hpp>

namespace flytt::engine::postgres {

using base::concat;
using base::Error;
using base::Exit;
using std::chrono::milliseconds;

namespace {

constexpr milliseconds kGoneWithin{1'000};
constexpr milliseconds kGonePoll{3};

/// SQL that is true for a role (alias r) that some privilege lets write in this database, or make something here. A function
/// that runs as its owner may write whatever its caller may not.
std::string writes() {
  return concat(
      "(r.rolsuper OR pg_catalog.pg_has_role(r.oid, d.datdba, 'USAGE') OR pg_catalog.has_database_privilege(r.oid, d.oid, 'CREATE')"
      " OR EXISTS (SELECT 1 FROM pg_catalog.pg_namespace n WHERE ", user_namespace(), " AND pg_catalog.has_schema_privilege(r.oid, n.oid, 'CREATE'))"
      " OR EXISTS (SELECT 1 FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r','p','v','f') AND ", user_namespace(),
      " AND (pg_catalog.has_table_privilege(r.oid, c.oid, 'INSERT, UPDATE, DELETE, TRUNCATE') OR pg_catalog.has_any_column_privilege(r.oid, c.oid, 'INSERT, UPDATE')))"
      " OR EXISTS (SELECT 1 FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace WHERE p.prosecdef AND ", user_namespace(),
      " AND NOT ", of_extension("pg_proc", "p.oid"), " AND pg_catalog.has_function_privilege(r.oid, p.oid, 'EXECUTE')))");
}

}  // namespace

/// Roles that can log in to this database, other than ours: those that may write, or those that may not.
std::vector<std::string> PgReplication::login_roles(bool only_writers) {
  const Result r = session().query(concat("SELECT r.rolname FROM pg_catalog.pg_roles r CROSS JOIN pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database()"
                                          " AND r.rolcanlogin AND r.rolname <> current_user AND (r.rolsuper OR pg_catalog.has_database_privilege(r.oid, d.oid, 'CONNECT')) AND ",
                                          only_writers ? "" : "NOT ", writes(), " ORDER BY 1"));
  std::vector<std::string> out;
  for (const auto& row : r.rows) out.push_back(row[0].value_or(""));
  return out;
}

const std::vector<std::string>& PgReplication::readers() {
  if (!readers_) readers_ = login_roles(false);
  return *readers_;
}

/// True for sessions (alias a) that this program, or another flytt tool of the same role, has open.
std::string PgReplication::own_session_condition() {
  std::string own;
  for (const auto* c : {&session_, &lock_, &hold_})
    if (*c) own += concat(own.empty() ? "" : ",", (*c)->id());
  return concat("(a.pid IN (", own, ") OR (a.usename = current_user AND a.application_name = 'flytt'))");
}

std::vector<PgReplication::OtherSession> PgReplication::other_sessions() {
  Connection& c = session();
  const Result r = c.query(concat("SELECT a.pid, a.backend_start, a.usename, COALESCE(pg_catalog.host(a.client_addr), 'this host') AS host FROM pg_catalog.pg_stat_activity a"
                                  " WHERE a.datname = pg_catalog.current_database() AND a.backend_type = 'client backend' AND NOT ", own_session_condition(), " ORDER BY a.pid"));
  std::vector<OtherSession> out;
  for (std::size_t i = 0; i < r.rows.size(); ++i) {
    const auto& harmless = readers();
    const std::string user = r.text("usename", i);
    out.push_back({r.text("pid", i), r.text("backend_start", i), user, r.text("host", i), std::find(harmless.begin(), harmless.end(), user) == harmless.end()});
  }
  return out;
}

/// A session that starts holds a lock on its database until it is in the list of sessions.
std::set<std::string> PgReplication::starting_sessions() {
  const Result r = session().query("SELECT DISTINCT l.pid FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_database d ON d.oid = l.objid WHERE l.locktype = 'object'"
                                   " AND l.classid = 'pg_catalog.pg_database'::pg_catalog.regclass AND d.datname = pg_catalog.current_database() AND l.pid <> pg_catalog.pg_backend_pid()"
                                   " AND l.mode = 'RowExclusiveLock' AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_stat_activity a WHERE a.pid = l.pid AND a.backend_type <> 'client backend')");
  std::set<std::string> out;
  for (const auto& row : r.rows) out.insert(row[0].value_or(""));
  return out;
}

/// Ends them and waits until they are gone: what they had not committed is rolled back, and their counts are delivered.
unsigned PgReplication::end_sessions() {
  Connection& c = session();
  const auto others = other_sessions();
  unsigned ended = 0;
  std::string pids;
  for (const auto& s : others) {
    try {
      c.query("SELECT pg_catalog.pg_terminate_backend($1::int)", {s.pid});
      ++ended;
      pids += concat(pids.empty() ? "" : ",", s.pid);
    } catch (const Error& e) {
      if (e.code() != Exit::privilege) throw;  // a superuser's: it is named among those whom the fence does not hold
    }
  }
  auto& clock = server_.context().clock;
  for (const auto end = clock.now() + kGoneWithin; !pids.empty() && clock.now() < end; clock.sleep_for(kGonePoll, {}))
    if (c.number(concat("SELECT pg_catalog.count(*) FROM pg_catalog.pg_stat_activity WHERE pid IN (", pids, ")")) == 0) break;
  return ended;
}

/// Apply workers write here too, but they are no sessions: whoever else wrote had one, now or in between.
std::string PgReplication::local_history() {
  std::string out = concat(session().number("SELECT sessions FROM pg_catalog.pg_stat_database WHERE datname = pg_catalog.current_database()"), " sessions so far");
  for (const auto& s : other_sessions())
    if (s.may_write) out += concat("; ", s.user, " from ", s.from, ", process ", s.pid, ", since ", s.started);
  return out;
}

}  // namespace flytt::engine::postgres
