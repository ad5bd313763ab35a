// What stands in the way of following this server from the copy's slot, and of closing it: all of it at once, with remedies.
// Source: https://www.postgresql.org/docs/current/logical-replication-config.html, .../view-pg-replication-slots.html
// SPDX-License-Identifier: MIT
#include <flytt/engine/postgres/replication.hpp>

#include <set>

#include <flytt/base/text.hpp>
#include <flytt/engine/postgres/catalog.hpp>
#include <flytt/engine/postgres/large_objects.hpp>
#include <flytt/engine/postgres/replication_conninfo.hpp>
#include <flytt/engine/postgres/replica_identity.hpp>
#include <flytt/engine/postgres/replication_findings.hpp>

namespace flytt::engine::postgres {

using base::concat;
using base::Error;

namespace {

constexpr std::string_view kAgain = "Take the copy again with dump-stream --slot NAME.";

std::string fact(const FollowedCopy& copy, const std::string& name) {
  const auto at = copy.copied_from.settings.find(name);
  return at == copy.copied_from.settings.end() ? std::string() : at->second;
}

void server_findings(Gathering& g) {
  if (g.session().query("SELECT pg_catalog.pg_is_in_recovery() AS it").yes("it"))
    g.block("standby", "source", "the source is a standby: it cannot be closed, and its primary goes on writing", "Name the primary.");
  if (const auto level = g.setting("wal_level"); level != "logical") g.block("wal-level", "wal_level", "wal_level is " + level + " on the source", "ALTER SYSTEM SET wal_level = logical; then restart the server.");
  if (g.setting("track_counts") != "on") g.block("track-counts", "track_counts", "the source counts no written rows, so nobody can say whether a fence holds", "ALTER SYSTEM SET track_counts = on; SELECT pg_reload_conf().");
  const auto senders = g.session().number("SELECT pg_catalog.count(*) FROM pg_catalog.pg_stat_replication");
  if (senders >= g.number("max_wal_senders")) g.block("senders-used", "max_wal_senders", concat("all ", senders, " walsenders of the source are in use"), "Raise max_wal_senders and restart the source.");
  if (const auto keep = g.setting("max_slot_wal_keep_size"); keep != "-1")
    g.warn("slot-wal-limit", "max_slot_wal_keep_size", concat("the source gives up a slot that is ", keep, " MB behind"), "Make sure that the target never is, or set max_slot_wal_keep_size to -1.");
  if (const auto idle = g.setting("idle_replication_slot_timeout"); !idle.empty() && idle != "0")
    g.warn("slot-idle-limit", "idle_replication_slot_timeout", concat("the source gives up a slot that was not used for ", idle, " s"), "Do not leave the channel stopped for so long, or set it to 0.");
}

void slot_findings(Gathering& g, const FollowedCopy& copy) {
  const std::string slot = fact(copy, "slot");
  if (slot.empty()) return g.block("no-slot", "slot", "the copy was taken without a slot, so the source has kept nothing to follow from", std::string(kAgain));
  const Result r = g.session().query(
      "SELECT s.plugin, s.database = pg_catalog.current_database() AS here, s.active, s.wal_status, s.confirmed_flush_lsn, r.application_name,"
      " s.confirmed_flush_lsn > $2::pg_catalog.pg_lsn AS read FROM pg_catalog.pg_replication_slots s LEFT JOIN pg_catalog.pg_stat_replication r ON r.pid = s.active_pid WHERE s.slot_name = $1",
      {slot, copy.position.lsn});
  if (r.empty()) return g.block("slot-missing", slot, concat("the slot ", slot, " is not there any more, and what it kept is lost"), std::string(kAgain));
  if (r.text("plugin") != "pgoutput" || !r.yes("here")) g.block("slot-foreign", slot, concat("the slot ", slot, " is not the copy's: it has another plugin or database"), std::string(kAgain));
  if (r.text("wal_status") == "lost") g.block("slot-lost", slot, concat("the source has given up the slot ", slot), std::string(kAgain));
  if (r.text("wal_status") == "unreserved") g.block("slot-lost", slot, concat("the source is about to give up the slot ", slot), "Raise max_slot_wal_keep_size at once.");
  const bool ours = r.text("application_name") == follower_mark(copy.follower);
  if (r.yes("active") && !ours) g.block("slot-active", slot, concat("somebody else reads the slot ", slot, ": ", base::quote_for_message(r.text("application_name"))), "Stop that reader; if it has read already, take the copy again.");
  if (!copy.begun && r.yes("read"))
    g.block("slot-read", slot, concat("the slot ", slot, " was read up to ", r.text("confirmed_flush_lsn"), ", past the copy's position ", copy.position.lsn), std::string(kAgain));
  g.named(false, "other-slots", "SELECT slot_name FROM pg_catalog.pg_replication_slots WHERE slot_name <> $1 AND (database IS NULL OR database = pg_catalog.current_database()) ORDER BY 1",
          "others follow the source and will not follow the target by themselves: ", "Plan for them before the switchover.", {slot});
}

void publication_findings(Gathering& g, const FollowedCopy& copy, const value::Scope& scope) {
  const std::string name = fact(copy, "publication");
  if (name.empty()) return;
  Connection& c = g.session();
  const Result p = c.query("SELECT pubinsert AND pubupdate AND pubdelete AND pubtruncate AS whole FROM pg_catalog.pg_publication WHERE pubname = $1", {name});
  if (p.empty()) return g.block("publication-missing", name, concat("the publication ", name, " is not there any more"), std::string(kAgain));
  if (!p.yes("whole")) g.block("publication-partial", name, concat("the publication ", name, " leaves out a kind of change"), "ALTER PUBLICATION … SET (publish = 'insert, update, delete, truncate'); and copy again.");
  std::set<std::string> published;
  const Result tables = c.query("SELECT schemaname, tablename FROM pg_catalog.pg_publication_tables WHERE pubname = $1", {name});
  for (std::size_t i = 0; i < tables.rows.size(); ++i) published.insert(quote_table(tables.text("schemaname", i), tables.text("tablename", i)));
  std::vector<std::string> missing;
  for (const auto& relation : read_relations(c, scope))
    if (!relation.unlogged && published.erase(quote_table(relation.table.name.schema, relation.table.name.table)) == 0) missing.push_back(relation.table.name.display());
  if (!missing.empty())
    g.block("publication-misses", missing.front(), concat("tables that the publication ", name, " lacks, so that their changes do not follow: ", first_few(missing)), "They were made since the copy: take it again, or drop them.");
  if (!published.empty())
    g.block("publication-extra", *published.begin(), concat("tables that the publication ", name, " has and the copy has not: ", first_few({published.begin(), published.end()})), "ALTER PUBLICATION … DROP TABLE.");
  if (c.query("SELECT 1 FROM pg_catalog.pg_attribute WHERE attrelid = 'pg_catalog.pg_publication_rel'::pg_catalog.regclass AND attname = 'prqual'").empty()) return;
  g.named(true, "publication-filter", "SELECT x.prrelid::pg_catalog.regclass::text FROM pg_catalog.pg_publication_rel x JOIN pg_catalog.pg_publication p ON p.oid = x.prpubid"
          " WHERE p.pubname = $1 AND (x.prqual IS NOT NULL OR x.prattrs IS NOT NULL) ORDER BY 1", "tables of which the publication carries a part only: ", "ALTER PUBLICATION … SET TABLE without a filter.", {name});
}

void source_table_findings(Gathering& g, const FollowedCopy& copy, const Capabilities& caps, const value::Scope& scope) {
  std::vector<std::string> full;
  const auto relations = read_relations(g.session(), scope);
  const auto unfit = unfit_identities(g.session(), caps, relations);
  for (const auto& relation : relations) {
    const std::string name = relation.table.name.display();
    if (const auto at = unfit.find(relation.oid); at != unfit.end()) g.block("replica-identity", name, concat(name, " ", at->second.message), at->second.remedy);
    else if (!relation.unlogged && relation.replica_identity == "f") full.push_back(name);
  }
  if (!full.empty()) g.warn("replica-identity-full", full.front(), concat("tables whose every change is found by all columns, which is slow: ", first_few(full)), "Add a primary key where they are large.");
  const std::string ns(user_namespace());
  const auto classes = [&](std::string_view condition) { return concat("SELECT pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname) FROM pg_catalog.pg_class c"
                                                                       " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE ", condition, " AND ", ns, " ORDER BY 1"); };
  g.named(false, "unlogged", classes("c.relkind = 'r' AND c.relpersistence = 'u'"), "unlogged tables are copied and not followed: ", "ALTER TABLE … SET LOGGED before the copy, or copy them again by hand.");
  g.named(false, "materialized-view", classes("c.relkind = 'm'"), "materialized views do not follow: ", "REFRESH them on the target after the switchover.");
  g.named(false, "foreign-table", classes("c.relkind = 'f'"), "foreign tables have their rows elsewhere: ", "Make sure that the target reaches those servers.");
  g.named(false, "large-object-columns", concat("SELECT pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname) || '.' || pg_catalog.quote_ident(a.attname) FROM pg_catalog.pg_attribute a"
                                                " JOIN pg_catalog.pg_class c ON c.oid = a.attrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_catalog.pg_type t ON t.oid = a.atttypid"
                                                " WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND a.attnum > 0 AND NOT a.attisdropped AND 26 IN (a.atttypid, t.typbasetype) AND ", ns, " ORDER BY 1"),
          "columns that can hold numbers of large objects, and those that are written while following do not follow: ", "Write none until the switchover is done, or keep them in bytea columns.");
  const std::string then = fact(copy, std::string(kLargeObjectsFact)), now = large_objects_mark(g.session());
  if (!then.empty() && then != now && wants_large_objects(scope))
    g.warn("large-objects-written", "pg_largeobject", concat("large objects were made or removed since the copy, which does not follow: ", then, " then, ", now, " now"),
           "Carry the new ones with their numbers before the switchover (lo_get, lo_from_bytea), or take the copy again.");
  else if (g.session().scalar("SELECT 1 FROM pg_catalog.pg_largeobject_metadata LIMIT 1"))
    g.warn("large-objects", "pg_largeobject", "large objects are copied and not followed: those written since the copy are lost", "Write none until the switchover is done, or move them into a bytea column first.");
}

void role_findings(Gathering& g, const std::string& user) {
  if (user.empty()) return;
  const Result r = g.session().query("SELECT rolcanlogin AND (rolreplication OR rolsuper) AS may, pg_catalog.has_database_privilege(oid, pg_catalog.current_database(), 'CONNECT') AS enters"
                                     " FROM pg_catalog.pg_roles WHERE rolname = $1", {user});
  if (r.empty()) return g.block("repl-user", user, concat("the source has no role ", user, " for the channel"), "CREATE ROLE … LOGIN REPLICATION PASSWORD …, or let start make it with --create-repl-user.");
  if (!r.yes("may")) g.block("repl-user", user, concat("the role ", user, " may not log in to replicate"), concat("ALTER ROLE ", quote_name(user), " LOGIN REPLICATION"));
  if (!r.yes("enters")) g.block("repl-user", user, concat("the role ", user, " may not connect to the database"), "GRANT CONNECT ON DATABASE … TO " + quote_name(user));
}

void activity_findings(Gathering& g) {
  g.no_prepared_transactions();
  g.named(false, "long-transaction", "SELECT usename || ' (process ' || pid || ')' FROM pg_catalog.pg_stat_activity WHERE datname = pg_catalog.current_database() AND backend_type = 'client backend'"
          " AND backend_xid IS NOT NULL AND xact_start < pg_catalog.now() - interval '30 seconds' ORDER BY xact_start", "transactions have been writing for more than 30 s: ", "The fence ends them; let them finish first.");
  g.named(false, "source-is-replica", "SELECT s.subname FROM pg_catalog.pg_subscription s JOIN pg_catalog.pg_database d ON d.oid = s.subdbid WHERE d.datname = pg_catalog.current_database() AND s.subenabled ORDER BY 1",
          "the source follows others itself, by the subscriptions ", "Disable them before the switchover, or its writes never end.");
  g.named(false, "scheduled-jobs", "SELECT extname FROM pg_catalog.pg_extension WHERE extname IN ('pg_cron', 'pgagent', 'timescaledb') ORDER BY 1", "jobs that the source runs by itself are not held by the fence: ", "Stop them before the switchover.");
}

}  // namespace

std::vector<Finding> PgReplication::source_findings(const value::Scope& scope, const std::string& repl_user) {
  Gathering g(session());
  if (!scope.where.empty()) g.block("scope", scope.display(), "a channel cannot be limited to rows by a condition", "Copy these tables without --where to follow them.");
  server_findings(g);
  slot_findings(g, copy_);
  publication_findings(g, copy_, scope);
  source_table_findings(g, copy_, server_.caps(), scope);
  role_findings(g, repl_user);
  activity_findings(g);
  g.may_fence();
  if (const auto through = login_roles(true); !through.empty()) {
    std::vector<std::string> superusers;
    for (const auto& row : session().query("SELECT rolname FROM pg_catalog.pg_roles WHERE rolsuper AND rolcanlogin AND rolname <> current_user ORDER BY 1").rows) superusers.push_back(row[0].value_or(""));
    if (!superusers.empty())
      g.warn("writes-through-fence", superusers.front(), concat("the fence does not hold these superusers: ", first_few(superusers)),
             "Their sessions are ended, but they can come back: take SUPERUSER from those that applications use. A write of theirs ends the switchover before COMMIT.");
  }
  return g.take();
}

}  // namespace flytt::engine::postgres
