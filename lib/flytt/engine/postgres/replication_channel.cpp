// Subscriptions. There is no receiver without an applier here, so until the caller has proved whom the channel reached, the
// tables that it writes are locked: the worker connects, is seen on the source, and waits before its first row.
// Source: https://www.postgresql.org/docs/current/sql-createsubscription.html, .../view-pg-stat-subscription.html
// SPDX-License-Identifier: MIT
#include <flytt/engine/postgres/replication.hpp>

#include <flytt/base/text.hpp>
#include <flytt/engine/postgres/replication_conninfo.hpp>

namespace flytt::engine::postgres {

using base::concat;
using base::Error;
using base::Exit;
using std::chrono::milliseconds;

namespace {

constexpr milliseconds kWorkerEnds{5'000};
constexpr milliseconds kWorkerPoll{20};
constexpr std::size_t kTablesHeld = 200;
constexpr std::string_view kLockNotAvailable = "55P03";

/// Why a subscription does not run, as far as the catalog tells.
std::string why_stopped(const Result& r) {
  if (r.number("unready") != 0) return concat(r.text("unready"), " of its tables are not in the state 'ready': changes of theirs would be left out");
  if (r.yes("subenabled") || r.number("errors") == 0) return {};
  return concat("the subscription was disabled after an error (", r.text("errors"), " so far); the target's log has its text");
}

}  // namespace

const std::string& PgReplication::slot() const {
  const auto at = copy_.copied_from.settings.find("slot");
  if (at == copy_.copied_from.settings.end() || at->second.empty())
    throw Error(Exit::refused, "the copy was taken without a slot, so the source has kept nothing to follow from", {.hint = "Take it again with dump-stream --slot NAME."});
  return at->second;
}

ChannelStatus PgReplication::standby_status() {
  const Result r = session().query(
      "SELECT w.status, w.sender_host, w.sender_port, w.flushed_lsn, pg_catalog.pg_last_wal_replay_lsn() AS replayed, pg_catalog.pg_get_wal_replay_pause_state() AS pause"
      " FROM (SELECT 1) AS one LEFT JOIN pg_catalog.pg_stat_wal_receiver w ON true");
  ChannelStatus s;
  s.exists = true;
  s.receiving = r.text("status") == "streaming";
  s.connecting = !s.receiving;
  s.applying = r.text("pause") == "not paused";
  s.received = r.text("flushed_lsn");
  s.applied = r.text("replayed");
  s.drained = s.received == s.applied;
  if (!r.text("sender_host").empty()) s.source_address = concat(r.text("sender_host"), ":", r.text("sender_port"));
  s.source_server_id = server_.identity().server_id;  // a standby has its source's
  s.source_uuid = server_.identity().uuid;
  if (!s.applying) s.error = "replay is paused on the standby";
  s.filters = "a physical standby";
  return s;
}

ChannelStatus PgReplication::channel(const std::string& channel) {
  if (standby()) return standby_status();
  ChannelStatus s;
  const Result r = session().query(
      concat("SELECT s.subenabled, s.subslotname, pg_catalog.array_to_string(s.subpublications, ', ') AS publications, st.pid, st.received_lsn, st.latest_end_lsn,"
             " pg_catalog.obj_description(s.oid, 'pg_subscription') AS note,"
             " (SELECT pg_catalog.count(*) FROM pg_catalog.pg_subscription_rel x WHERE x.srsubid = s.oid) AS tables,"
             " (SELECT pg_catalog.count(*) FROM pg_catalog.pg_subscription_rel x WHERE x.srsubid = s.oid AND x.srsubstate <> 'r') AS unready,"
             " a.wait_event = 'LogicalApplyMain' AS idle, ",
             server_.caps().shared_statistics ? "(SELECT x.apply_error_count FROM pg_catalog.pg_stat_subscription_stats x WHERE x.subid = s.oid)" : "0", " AS errors"
             " FROM pg_catalog.pg_subscription s JOIN pg_catalog.pg_database d ON d.oid = s.subdbid"
             " LEFT JOIN pg_catalog.pg_stat_subscription st ON st.subid = s.oid AND st.relid IS NULL LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = st.pid"
             " WHERE d.datname = pg_catalog.current_database() AND s.subname = $1"),
      {channel});
  if (r.empty()) return s;
  const auto note = parse_note(r.text("note"));
  s.exists = true;
  s.receiving = !r.text("pid").empty() && !r.text("received_lsn").empty();
  s.connecting = r.yes("subenabled") && !s.receiving;
  s.applying = r.yes("subenabled") && r.number("unready") == 0;
  s.drained = r.text("pid").empty() || r.yes("idle");
  s.source_address = note.address;
  s.source_uuid = note.source_uuid;
  s.source_server_id = note.source_id;
  s.received = r.text("received_lsn");
  s.applied = r.text("latest_end_lsn");
  s.error = why_stopped(r);
  s.filters = concat(r.text("tables"), " tables of publication ", r.text("publications"));
  return s;
}

/// Statement logs would show the password; so would the list of sessions and some extensions' statistics.
void PgReplication::quiet_session() {
  Connection& c = session();
  const Result r = c.query(
      "SELECT name FROM pg_catalog.pg_settings WHERE name IN ('log_statement', 'log_min_duration_statement', 'log_min_duration_sample', 'log_min_error_statement',"
      " 'log_duration', 'log_transaction_sample_rate', 'track_activities', 'pg_stat_statements.track', 'pgaudit.log', 'debug_print_parse', 'debug_print_plan', 'debug_print_rewritten')");
  for (const auto& row : r.rows) {
    const std::string name = row[0].value_or("");
    const std::string quiet = name.starts_with("log_min_duration") ? "-1" : name == "log_min_error_statement" ? "panic" : name == "log_transaction_sample_rate" ? "0"
                              : name.starts_with("debug_") || name == "log_duration" || name == "track_activities" ? "off" : "none";
    try {
      c.query("SELECT pg_catalog.set_config($1, $2, false)", {name, quiet});
    } catch (const Error& e) {
      if (e.code() != Exit::privilege) throw;
    }
  }
  const Result loud = c.query("SELECT 1 FROM pg_catalog.pg_settings WHERE (name = 'log_statement' AND setting <> 'none') OR (name = 'log_min_duration_statement' AND setting <> '-1')");
  if (!loud.empty())
    throw Error(Exit::refused, concat(c.endpoint(), ": statements are logged, and the log would show the channel's password"),
                {.hint = "Turn log_statement and log_min_duration_statement off, let a superuser do it, or give --channel-password-file."});
}

void PgReplication::start_channel(const ChannelRequest& r) {
  Connection& c = session();
  const std::string name = quote_name(r.channel);
  if (r.position != copy_.position)
    throw Error(Exit::refused, concat("a subscription begins where its slot stands, at ", copy_.position.display(), ", and not at ", r.position.display()), {.hint = "Leave --position out."});
  if (r.password_file.empty()) quiet_session();
  const auto& self = server_.identity();
  const auto sql = [&](const std::string& password) { return create_subscription(r, conninfo(r, self, password), slot(), copy_.copied_from.setting("publication"), server_.caps()); };
  c.execute("BEGIN");
  try {
    c.execute_secret(sql(r.password), sql("***"));
    c.execute(concat("COMMENT ON SUBSCRIPTION ", name, " IS ", quote_text(subscription_note(r))));
    prove_publication(r);
    c.execute("COMMIT");
  } catch (const Error& e) {
    session_.reset();
    if (e.facts().sqlstate.starts_with("08"))
      throw Error(Exit::unavailable, concat("the target does not reach the source at ", r.source_host, ":", r.source_port, ": ", e.message()),
                  {.hint = "Check --source-address, the account " + r.user + ", its password, pg_hba.conf and the firewall, seen from the target's host."});
    throw e.within("while making the subscription " + r.channel);
  }
  session_.reset();  // its logging is off
  try {
    hold_tables(r.channel);
    enable(r.channel);
  } catch (const Error& e) {
    drop_channel(r.channel);
    throw e.within("starting the channel, which was removed again");
  }
}

/// A server without this publication is another one. One that has it is proved by the source, which must see the worker.
void PgReplication::prove_publication(const ChannelRequest& r) {
  const auto tables = session().number(concat("SELECT pg_catalog.count(*) FROM pg_catalog.pg_subscription_rel x JOIN pg_catalog.pg_subscription s ON s.oid = x.srsubid"
                                              " JOIN pg_catalog.pg_database d ON d.oid = s.subdbid WHERE d.datname = pg_catalog.current_database() AND s.subname = ", quote_text(r.channel)));
  if (tables == 0)
    throw Error(Exit::refused, concat("the target reached another server at ", r.source_host, ":", r.source_port, ": it publishes no table as ", copy_.copied_from.setting("publication")),
                {.hint = "Give the source's address as the target sees it: --source-address HOST:PORT."});
}

void PgReplication::hold_tables(const std::string& channel) {
  hold_ = server_.connect();
  hold_->execute("BEGIN; SET LOCAL lock_timeout = '5s'");
  const Result r = hold_->query("SELECT n.nspname, c.relname FROM pg_catalog.pg_subscription_rel x JOIN pg_catalog.pg_subscription s ON s.oid = x.srsubid"
                                " JOIN pg_catalog.pg_database d ON d.oid = s.subdbid JOIN pg_catalog.pg_class c ON c.oid = x.srrelid"
                                " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE d.datname = pg_catalog.current_database() AND s.subname = $1 ORDER BY c.oid",
                                {channel});
  for (std::size_t at = 0; at < r.rows.size();) {
    std::string list;
    for (const std::size_t end = std::min(r.rows.size(), at + kTablesHeld); at < end; ++at)
      list += concat(list.empty() ? "" : ", ", "ONLY ", quote_table(r.text("nspname", at), r.text("relname", at)));
    hold_->execute("LOCK TABLE " + list + " IN EXCLUSIVE MODE");
  }
}

/// While the tables are held: a trigger on this very statement that writes into one of them would wait for us, and we for it.
void PgReplication::enable(const std::string& channel) {
  Connection& c = session();
  const bool quiet = superuser();
  if (quiet) c.execute("SET session_replication_role = replica");
  try {
    c.execute(concat("ALTER SUBSCRIPTION ", quote_name(channel), " ENABLE"));
  } catch (const Error& e) {
    session_.reset();  // its role in replication is not the usual one
    if (e.facts().sqlstate != kLockNotAvailable) throw;
    throw e.within("an event trigger on the target writes into a table that is held until the source is proved")
        .with_hint("Disable the event trigger (ALTER EVENT TRIGGER … DISABLE) while the channel is started; see pg_event_trigger.");
  }
  if (quiet) c.execute("RESET session_replication_role");
}

void PgReplication::resume_channel(const std::string& channel) {
  enable(channel);
  hold_.reset();
}

void PgReplication::stop_channel(const std::string& channel) {
  hold_.reset();
  if (!this->channel(channel).exists) return;
  session().execute(concat("ALTER SUBSCRIPTION ", quote_name(channel), " DISABLE"));
  auto& clock = server_.context().clock;
  for (const auto end = clock.now() + kWorkerEnds; clock.now() < end; clock.sleep_for(kWorkerPoll, {}))
    if (session().number(concat("SELECT pg_catalog.count(*) FROM pg_catalog.pg_stat_subscription st JOIN pg_catalog.pg_subscription s ON s.oid = st.subid"
                                " JOIN pg_catalog.pg_database d ON d.oid = s.subdbid WHERE st.pid IS NOT NULL AND d.datname = pg_catalog.current_database() AND s.subname = ",
                                quote_text(channel))) == 0)
      return;
  throw Error(Exit::unavailable, concat(session().endpoint(), ": the worker of subscription ", channel, " does not end"));
}

/// The source's slot is not dropped by this connection, which could hang: forget_follower() on the source does that. The server
/// ends the worker of what is dropped at once, which a disabled one notices within a second only.
void PgReplication::drop_channel(const std::string& channel) {
  hold_.reset();
  if (!this->channel(channel).exists) return;
  for (const auto& sql : drop_statements(channel)) session().execute(sql);
}

Script PgReplication::drop_statements(const std::string& channel) const {
  const std::string name = quote_name(channel);
  return {concat("ALTER SUBSCRIPTION ", name, " DISABLE"), concat("ALTER SUBSCRIPTION ", name, " SET (slot_name = NONE)"), concat("DROP SUBSCRIPTION ", name)};
}

bool PgReplication::serves(const value::ServerIdentity& replica) {
  if (replica.settings.count("standby") != 0 && replica.settings.at("standby") == "on")
    return session().number("SELECT pg_catalog.count(*) FROM pg_catalog.pg_stat_replication WHERE state = 'streaming'") != 0;
  return !session().query("SELECT 1 FROM pg_catalog.pg_stat_replication r JOIN pg_catalog.pg_replication_slots s ON s.active_pid = r.pid"
                          " WHERE s.database = pg_catalog.current_database() AND r.application_name = $1", {follower_mark(replica)}).empty();
}

void PgReplication::forget_follower(Forget how_much) {
  const auto at = copy_.copied_from.settings.find("slot");
  if (at == copy_.copied_from.settings.end()) return;
  Connection& c = session();
  // Its worker has just been stopped: the connection ends within moments. Another follower's is left alone, and said.
  c.query("SELECT pg_catalog.pg_terminate_backend(s.active_pid, 5000) FROM pg_catalog.pg_replication_slots s JOIN pg_catalog.pg_stat_replication r ON r.pid = s.active_pid"
          " WHERE s.slot_name = $1 AND s.database = pg_catalog.current_database() AND r.application_name = $2", {at->second, follower_mark(copy_.follower)});
  c.query("SELECT pg_catalog.pg_drop_replication_slot(slot_name) FROM pg_catalog.pg_replication_slots WHERE slot_name = $1 AND database = pg_catalog.current_database()", {at->second});
  // Without its publication the catalog would count as written, and a switchover that goes on later must see that nothing was.
  if (how_much == Forget::everything) c.execute("DROP PUBLICATION IF EXISTS " + quote_name(copy_.copied_from.setting("publication")));
}

Script PgReplication::describe_start(const ChannelRequest& r) {
  const std::string name = quote_name(r.channel);
  return {create_subscription(r, conninfo(r, server_.identity(), "***"), slot(), copy_.copied_from.setting("publication"), server_.caps()),
          concat("COMMENT ON SUBSCRIPTION ", name, " IS ", quote_text(subscription_note(r))), concat("ALTER SUBSCRIPTION ", name, " ENABLE")};
}

Script PgReplication::describe_promote(const std::string& channel) {
  Script out = drop_statements(channel);
  if (const std::string kept = stored_fence(); !kept.empty())
    for (const auto& sql : opening_statements(read_fence(), parse_fence(kept), roles_here())) out.push_back(sql);
  return out;
}

}  // namespace flytt::engine::postgres
