// The fence of one database: nobody but us and those who cannot write may connect, and whoever was connected is sent away.
// What it changed stays in the database's own settings as well as in the journal, so that either can put it back.
// Source: https://www.postgresql.org/docs/current/ddl-priv.html, .../sql-alterdatabase.html. default_transaction_read_only
// alone is no fence: any session may turn it off. It is set beside, for the roles that may still connect.
// SPDX-License-Identifier: MIT
#include <flytt/engine/postgres/replication.hpp>

#include <algorithm>

#include <flytt/base/text.hpp>

namespace flytt::engine::postgres {

using base::concat;
using base::Error;
using base::Exit;
using std::chrono::milliseconds;

namespace {

constexpr std::string_view kKept = "flytt.fence";  // a setting of our own, of the database
constexpr milliseconds kFencePoll{3};

/// Value of one setting of the database (`role` empty) or of a role in it.
std::optional<std::string> setting(Connection& c, const std::string& role, std::string_view name) {
  const Result r = c.query("SELECT pg_catalog.substr(x.entry, pg_catalog.length($2) + 2) AS value FROM pg_catalog.pg_db_role_setting s"
                           " JOIN pg_catalog.pg_database d ON d.oid = s.setdatabase LEFT JOIN pg_catalog.pg_roles r ON r.oid = s.setrole"
                           " CROSS JOIN LATERAL pg_catalog.unnest(s.setconfig) AS x(entry)"
                           " WHERE d.datname = pg_catalog.current_database() AND COALESCE(r.rolname, '') = $1 AND pg_catalog.starts_with(x.entry, $2 || '=')",
                           {role, std::string(name)});
  return r.get("value");
}

void run_all(Connection& c, const std::vector<std::string>& statements) {
  c.execute("BEGIN");
  try {
    for (const auto& sql : statements) c.execute(sql);
    c.execute("COMMIT");
  } catch (const Error&) {
    if (c.alive()) c.execute("ROLLBACK");
    throw;
  }
}

}  // namespace

Fence PgReplication::read_fence() {
  Connection& c = session();
  Fence out;
  out.database = server_.database();
  out.role = c.scalar("SELECT current_user").value_or("");
  const Result r = c.query("SELECT COALESCE(r.rolname, '') AS grantee, a.privilege_type, a.is_grantable FROM pg_catalog.pg_database d"
                           " CROSS JOIN LATERAL pg_catalog.aclexplode(COALESCE(d.datacl, pg_catalog.acldefault('d', d.datdba))) a"
                           " LEFT JOIN pg_catalog.pg_roles r ON r.oid = a.grantee WHERE d.datname = pg_catalog.current_database()"
                           " AND (a.grantee = 0 OR r.oid IS NOT NULL) ORDER BY 1, 2, 3");
  for (std::size_t i = 0; i < r.rows.size(); ++i) out.grants.push_back({r.text("grantee", i), r.text("privilege_type", i), r.yes("is_grantable", i)});
  out.read_only = setting(c, "", "default_transaction_read_only");
  out.role_read_only = setting(c, out.role, "default_transaction_read_only");
  return out;
}

std::string PgReplication::stored_fence() { return setting(session(), "", kKept).value_or(""); }

std::vector<std::string> PgReplication::roles_here() {
  std::vector<std::string> out;
  for (const auto& row : session().query("SELECT rolname FROM pg_catalog.pg_roles").rows) out.push_back(row[0].value_or(""));
  return out;
}

/// The database as it is, with those whom a fence would let in.
Fence PgReplication::fence_now() {
  Fence out = read_fence();
  out.let_in = readers();
  out.let_in.push_back(out.role);
  // What a channel logs in with must go on reading.
  for (const auto& row : session().query("SELECT rolname FROM pg_catalog.pg_roles WHERE rolreplication AND rolcanlogin AND NOT rolsuper"
                                         " AND pg_catalog.has_database_privilege(oid, pg_catalog.current_database(), 'CONNECT')").rows)
    if (std::find(out.let_in.begin(), out.let_in.end(), row[0].value_or("")) == out.let_in.end()) out.let_in.push_back(row[0].value_or(""));
  return out;
}

std::string PgReplication::fence_settings() {
  const std::string kept = stored_fence();
  return kept.empty() ? fence_json(fence_now()) : kept;
}

void PgReplication::fence(milliseconds within) {
  Connection& c = session();
  auto& clock = server_.context().clock;
  const auto end = clock.now() + within;
  const std::string database = "DATABASE " + quote_name(server_.database());
  c.execute(concat("SET lock_timeout = ", std::max<long long>(1, within.count())));
  const Fence before = fence_now();
  const bool stands = fence_state().fenced;
  auto statements = closing_statements(before);
  if (superuser() && stored_fence().empty()) statements.insert(statements.begin(), concat("ALTER ", database, " SET ", kKept, " = ", quote_text(fence_json(before))));
  run_all(c, statements);
  try {
    send_away(end, within);
  } catch (const Error&) {
    if (!stands) put_back(before);
    throw;
  }
  if (const auto state = fence_state(); !state.fenced)
    throw Error(Exit::refused, concat(c.endpoint(), ": the fence was set but does not read back as set: ", state.evidence));
}

/// Whoever came in before the door was closed. Who starts later is let in or not by the new rights.
void PgReplication::send_away(std::chrono::steady_clock::time_point end, milliseconds within) {
  auto& clock = server_.context().clock;
  Connection& c = session();
  for (auto before = starting_sessions(); !before.empty();) {
    std::set<std::string> still;
    for (const auto& pid : starting_sessions())
      if (before.contains(pid)) still.insert(pid);
    before = std::move(still);
    if (before.empty()) break;
    if (clock.now() >= end)
      throw Error(Exit::timeout, concat(c.endpoint(), ": sessions still start after ", within.count(), " ms"),
                  {.endpoint = c.endpoint(), .hint = "Try again later.", .connection_usable = true});
    clock.sleep_for(kFencePoll, {});
  }
  end_sessions();
  const Result prepared = c.query("SELECT gid FROM pg_catalog.pg_prepared_xacts WHERE database = pg_catalog.current_database() ORDER BY 1");
  if (!prepared.empty())
    throw Error(Exit::timeout, concat(c.endpoint(), ": the prepared transaction ", base::quote_for_message(prepared.text("gid")), " could be committed at any time"),
                {.endpoint = c.endpoint(), .hint = "COMMIT PREPARED or ROLLBACK PREPARED it.", .connection_usable = true});
}

FenceState PgReplication::fence_state() {
  const Fence now = read_fence();
  FenceState s;
  std::vector<std::string> may_connect;
  for (const auto& g : now.grants)
    if (g.privilege == "CONNECT") may_connect.push_back(g.grantee.empty() ? "PUBLIC" : g.grantee);
  const bool read_only = now.read_only == "on";
  const bool open = std::find(may_connect.begin(), may_connect.end(), "PUBLIC") != may_connect.end();
  // Roles that can still write: superusers, whom nothing holds, and those who may connect by a way that the fence has not closed.
  s.fenced = read_only && !open;
  s.refuses_writes = read_only && open;
  s.evidence = concat("default_transaction_read_only=", now.read_only.value_or("not set"), ", CONNECT is granted to ", may_connect.empty() ? "nobody" : base::join(may_connect, ", "));
  if (!s.fenced) return s;
  s.can_still_write = login_roles(true);
  for (const auto& o : other_sessions()) s.sessions.push_back(concat(o.user, " from ", o.from, ", process ", o.pid));
  return s;
}

void PgReplication::put_back(const Fence& before) {
  auto statements = opening_statements(read_fence(), before, roles_here());
  if (!stored_fence().empty()) statements.push_back(concat("ALTER DATABASE ", quote_name(server_.database()), " RESET ", kKept));
  run_all(session(), statements);
}

void PgReplication::unfence(const std::string& previous) {
  const std::string kept = previous.empty() ? stored_fence() : previous;
  if (!kept.empty()) {
    put_back(parse_fence(kept));
  } else {  // nobody knows how it was: as a database is made
    Fence fresh = read_fence();
    fresh.read_only.reset();
    fresh.role_read_only.reset();
    fresh.grants.push_back({"", "CONNECT", false});
    put_back(fresh);
  }
  if (kept.empty() || parse_fence(kept).read_only != "on")
    if (const auto state = fence_state(); state.fenced) throw Error(Exit::unavailable, concat(session().endpoint(), ": the fence was lifted but reads back as set: ", state.evidence));
}

void PgReplication::open_writes(const std::string& settings_of_predecessor) {
  Connection& c = session();
  // First a commit of our own, on the disk: with it everything that was applied before is there too.
  c.execute("CREATE SCHEMA IF NOT EXISTS flytt");
  c.execute("CREATE TABLE IF NOT EXISTS flytt.opened (id int PRIMARY KEY, at timestamptz NOT NULL)");
  c.execute("INSERT INTO flytt.opened VALUES (1, pg_catalog.clock_timestamp()) ON CONFLICT (id) DO UPDATE SET at = EXCLUDED.at");
  if (const std::string own = stored_fence(); !own.empty()) {
    put_back(parse_fence(own));
  } else if (fence_state().fenced) {
    Fence before = settings_of_predecessor.empty() ? read_fence() : parse_fence(settings_of_predecessor);
    before.read_only.reset();
    if (settings_of_predecessor.empty()) before.grants.push_back({"", "CONNECT", false});
    before.role_read_only.reset();
    before.role = read_fence().role;
    before.let_in.clear();
    put_back(before);
  }
  if (const auto state = fence_state(); state.fenced) throw Error(Exit::unavailable, concat(c.endpoint(), ": it stays closed: ", state.evidence));
}

Script PgReplication::describe_fence() {
  Script out = closing_statements(fence_now());
  out.push_back("SELECT pg_terminate_backend(pid) for every other session of the database");
  return out;
}

}  // namespace flytt::engine::postgres
