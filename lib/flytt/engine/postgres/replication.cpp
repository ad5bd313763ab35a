// Positions: where the source's log ends, and how far the target has applied it.
//
// A position is the place of a message that we write into the source's log: every transaction that was acknowledged before it
// has its commit record before it, whatever synchronous_commit says, and a role that may write nothing may write it. The apply
// worker works through what it receives in order, and notes in latest_end_lsn only what the source told it while it had
// nothing in hand: once that has passed the message, everything before it is applied. So the target alone can tell.
// Source: https://www.postgresql.org/docs/current/functions-admin.html, .../monitoring-stats.html
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

constexpr std::string_view kOperatorLock = "7381234906";  // a number of our own for pg_advisory_lock
constexpr milliseconds kLockWait{5'000};
constexpr milliseconds kLockPoll{100};
constexpr milliseconds kPoll{5};
constexpr milliseconds kQuietPoll{20};
constexpr int kQuietRounds = 25;  // sessions that come and go, such as a monitor's

Applied verdict(const ChannelStatus& s, bool reached) {
  if (!s.exists || !s.applying || !s.error.empty()) return Applied::stopped;
  if (reached) return Applied::yes;
  return s.receiving || s.connecting ? Applied::not_yet : Applied::stopped;
}

}  // namespace

std::unique_ptr<Replication> make_replication(PgServer& server) { return std::make_unique<PgReplication>(server); }

Connection& PgReplication::session() {
  if (!session_ || !session_->alive()) {
    session_ = server_.connect();
    // Waiting for a synchronous standby would hang a fence; what we write here must be on this server's disk and no more.
    // And no lock is waited for without end: what holds it may be a session of our own.
    session_->execute("SET synchronous_commit = local; SET lock_timeout = '10s'; SET application_name = 'flytt'");
  }
  return *session_;
}

bool PgReplication::standby() { return session().query("SELECT pg_catalog.pg_is_in_recovery() AS it").yes("it"); }

bool PgReplication::superuser() {
  return session().query("SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user").yes("rolsuper");
}

std::uint64_t PgReplication::rows_written() {
  // Statistics that ANALYZE writes, long values beside them, are not the application's, and shared catalogs are not this database's.
  return session().number(
      "SELECT COALESCE(pg_catalog.sum(t.n_tup_ins + t.n_tup_upd + t.n_tup_del), 0)::bigint FROM pg_catalog.pg_stat_all_tables t"
      " JOIN pg_catalog.pg_class c ON c.oid = t.relid WHERE NOT c.relisshared"
      " AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_class s WHERE s.relnamespace = 'pg_catalog'::pg_catalog.regnamespace"
      " AND s.relname IN ('pg_statistic', 'pg_statistic_ext_data') AND t.relid IN (s.oid, s.reltoastrelid))");
}

value::Position PgReplication::current_position() {
  Connection& c = session();
  value::Position p;
  if (standby()) {
    p.lsn = c.scalar("SELECT pg_catalog.pg_last_wal_replay_lsn()").value_or("");
    return p;
  }
  p.offset = rows_written();  // before the place: what is counted later was written later, or is looked at again
  if (last_position_.known() && c.scalar("SELECT pg_catalog.pg_current_wal_insert_lsn()") == last_insert_) {
    p.lsn = last_position_.lsn;  // nothing at all was logged since
    return p;
  }
  p.lsn = c.scalar("SELECT pg_catalog.pg_logical_emit_message(true, 'flytt', 'position')").value_or("");
  if (p.lsn.empty()) throw Error(Exit::unavailable, concat(c.endpoint(), ": the server did not say where its log ends"));
  last_insert_ = c.scalar("SELECT pg_catalog.pg_current_wal_insert_lsn()").value_or("");
  last_position_ = p;
  return p;
}

/// The log moves without anybody writing: checkpoints, other databases. So the rows that were written here are counted. A
/// session delivers its counts when it ends at the latest, and while a foreign one that may write is there nobody can say.
bool PgReplication::written_since(const value::Position& position) {
  if (standby()) return current_position() != position;
  auto& ctx = server_.context();
  if (!server_.caps().shared_statistics) ctx.clock.sleep_for(milliseconds(600), {});  // counts reach readers only so often
  for (int round = 0; round < kQuietRounds; ++round) {
    const auto others = other_sessions();
    const bool quiet = std::none_of(others.begin(), others.end(), [](const auto& s) { return s.may_write; });
    if (quiet) return rows_written() != position.offset;
    ctx.clock.sleep_for(kQuietPoll, {});
  }
  return true;
}

Applied PgReplication::applied(const std::string& channel, const value::Position& position) {
  if (proved_.known() && proved_ == position) return Applied::yes;  // applied once, applied for good
  const ChannelStatus s = this->channel(channel);
  const bool reached = s.exists && !s.applied.empty() && session().query("SELECT $1::pg_catalog.pg_lsn >= $2::pg_catalog.pg_lsn AS reached", {s.applied, position.lsn}).yes("reached");
  const Applied now = verdict(s, reached);
  if (now == Applied::yes) proved_ = position;
  return now;
}

Applied PgReplication::wait_applied(const std::string& channel, const value::Position& position, milliseconds within) {
  auto& clock = server_.context().clock;
  const auto end = clock.now() + within;
  for (;;) {
    const Applied now = applied(channel, position);
    const auto left = std::chrono::duration_cast<milliseconds>(end - clock.now());
    if (now != Applied::not_yet || left.count() <= 0 || server_.context().stop.stop_requested()) return now;
    clock.sleep_for(std::min(kPoll, left), server_.context().stop);
  }
}

std::optional<std::uint64_t> PgReplication::bytes_behind(const std::string& channel, const value::Position& position) {
  const std::string applied = this->channel(channel).applied;
  if (applied.empty() || position.lsn.empty()) return std::nullopt;
  return base::parse_u64(session().query("SELECT GREATEST(pg_catalog.pg_wal_lsn_diff($1::pg_catalog.pg_lsn, $2::pg_catalog.pg_lsn), 0)::bigint AS bytes",
                                         {position.lsn, applied}).text("bytes"));
}

void PgReplication::lock_operator() {
  if (lock_) return;
  auto c = server_.connect();
  auto& ctx = server_.context();
  // The server ends the session of an operator that was killed within moments; only a living one keeps it longer.
  const auto end = ctx.clock.now() + kLockWait;
  do {
    if (c->query(concat("SELECT pg_catalog.pg_try_advisory_lock(", kOperatorLock, ") AS got")).yes("got")) {
      lock_ = std::move(c);
      return;
    }
    ctx.clock.sleep_for(kLockPoll, ctx.stop);
  } while (ctx.clock.now() < end && !ctx.stop.stop_requested());
  const Result holder = c->query(concat("SELECT l.pid, COALESCE(a.usename::text, 'somebody') AS who, COALESCE(pg_catalog.host(a.client_addr), 'this host') AS host"
                                        " FROM pg_catalog.pg_locks l LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid WHERE l.locktype = 'advisory' AND l.granted"
                                        " AND (l.classid::bigint << 32) + l.objid::bigint = ", kOperatorLock));
  throw Error(Exit::locked, concat(c->endpoint(), ": another replica-ctl works on this database: ", holder.text("who"), " from ", holder.text("host"), ", process ", holder.text("pid")),
              {.hint = "Wait for it; when it is dead: SELECT pg_terminate_backend(" + holder.text("pid") + ")."});
}

}  // namespace flytt::engine::postgres
