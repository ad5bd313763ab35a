// What stands in the way of this server's following: all of it at once, with remedies.
// Source: https://www.postgresql.org/docs/current/logical-replication-config.html, .../logical-replication-security.html
// SPDX-License-Identifier: MIT
#include <flytt/engine/postgres/replication.hpp>

#include <algorithm>

#include <flytt/base/text.hpp>
#include <flytt/engine/postgres/catalog.hpp>
#include <flytt/engine/postgres/replication_findings.hpp>

namespace flytt::engine::postgres {

using base::concat;

namespace {

void room_findings(Gathering& g, const Capabilities& caps, bool begun) {
  if (begun) return;
  const auto workers = g.session().number("SELECT pg_catalog.count(*) FROM pg_catalog.pg_stat_subscription WHERE pid IS NOT NULL");
  if (workers >= g.number("max_logical_replication_workers"))
    g.block("workers-used", "max_logical_replication_workers", concat("all ", workers, " workers of subscriptions on the target are in use"), "Raise max_logical_replication_workers and restart the target.");
  const auto processes = g.session().number("SELECT pg_catalog.count(*) FROM pg_catalog.pg_stat_activity WHERE backend_type LIKE '%worker%' AND backend_type NOT LIKE 'autovacuum%'");
  if (processes >= g.number("max_worker_processes"))
    g.block("workers-used", "max_worker_processes", concat("all ", processes, " background workers of the target are in use"), "Raise max_worker_processes and restart the target.");
  const std::string limit = caps.origin_limit ? "max_active_replication_origins" : "max_replication_slots";
  const auto origins = g.session().number("SELECT pg_catalog.count(*) FROM pg_catalog.pg_replication_origin");
  if (origins >= g.number(limit)) g.block("origins-used", limit, concat("all ", origins, " replication origins of the target are in use"), concat("Raise ", limit, " and restart the target."));
}

/// A load may have relaxed what a server must keep that acknowledges writes.
void durability_findings(Gathering& g) {
  for (const char* name : {"fsync", "full_page_writes", "autovacuum"})
    if (g.setting(name) != "on") g.block("durability", name, concat(name, " is off on the target"), concat("load-stream --restore-settings, or ALTER SYSTEM SET ", name, " = on and reload."));
  const Result sync = g.session().query("SELECT reset_val FROM pg_catalog.pg_settings WHERE name = 'synchronous_commit'");
  if (sync.text("reset_val") == "off")
    g.block("durability", "synchronous_commit", "the target acknowledges commits before they are on its disk", "load-stream --restore-settings, or ALTER SYSTEM SET synchronous_commit = on and reload.");
}

/// A subscription writes as the owner of the table, and stops at the first row that a policy might hide from him.
void row_security_findings(Gathering& g, const value::Scope& scope) {
  std::vector<std::string> forced, owners;
  const Result r = g.session().query(concat("SELECT n.nspname, c.relname, r.rolname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
                                            " JOIN pg_catalog.pg_roles r ON r.oid = c.relowner WHERE c.relkind IN ('r', 'p') AND c.relrowsecurity AND c.relforcerowsecurity"
                                            " AND NOT r.rolsuper AND NOT r.rolbypassrls AND ", user_namespace(), " ORDER BY 1, 2"));
  for (std::size_t i = 0; i < r.rows.size(); ++i) {
    const value::TableName name{r.text("nspname", i), r.text("relname", i)};
    if (!in_scope(scope, name)) continue;
    forced.push_back(name.display());
    if (const auto owner = quote_name(r.text("rolname", i)); std::find(owners.begin(), owners.end(), owner) == owners.end()) owners.push_back(owner);
  }
  if (!forced.empty())
    g.block("row-security", forced.front(), concat("tables with FORCE ROW LEVEL SECURITY, at whose first change the channel would stop, since it writes them as their owner: ", first_few(forced)),
            concat("On the target, until the switchover is done: ALTER ROLE ", base::join(owners, " BYPASSRLS; ALTER ROLE "), " BYPASSRLS"));
}

void target_table_findings(Gathering& g, const value::Scope& scope) {
  std::vector<std::string> bare;
  for (const auto& relation : read_relations(g.session(), scope))
    if (!relation.unlogged && relation.replica_identity != "f" &&
        !g.session().scalar(concat("SELECT 1 FROM pg_catalog.pg_index WHERE indrelid = ", relation.oid, " AND (indisreplident OR indisprimary)")))
      bare.push_back(relation.table.name.display());
  if (!bare.empty()) g.block("replica-identity", bare.front(), concat("tables in which the target could not find the rows to change: ", first_few(bare)), "Give them the primary key or replica identity that they have on the source.");
  g.named(false, "triggers-fire", concat("SELECT pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname) || ' ' || t.tgname FROM pg_catalog.pg_trigger t"
                                         " JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE NOT t.tgisinternal AND t.tgenabled IN ('A', 'R') AND ", user_namespace(), " ORDER BY 1"),
          "triggers that fire for replicated rows too: ", "What they write is written twice, unless they were made for it: ALTER TABLE … ENABLE TRIGGER.");
}

void privilege_findings(Gathering& g, const Capabilities& caps) {
  const Result r = g.session().query(concat("SELECT current_user AS me, rolsuper, ", caps.grant_subscriptions ? "pg_catalog.pg_has_role('pg_create_subscription', 'USAGE')" : "false",
                                            " AS may, pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE') AS makes FROM pg_catalog.pg_roles WHERE rolname = current_user"));
  if (r.yes("rolsuper")) return;
  const std::string me = r.text("me");
  if (!caps.grant_subscriptions) return g.block("privilege-subscription", me, "only a superuser may make subscriptions on this release", "Run replica-ctl with a superuser on the target.");
  if (!r.yes("may")) g.block("privilege-subscription", me, concat("the role ", me, " may not make subscriptions"), concat("GRANT pg_create_subscription TO ", quote_name(me)));
  if (!r.yes("makes")) g.block("privilege-create", me, concat("the role ", me, " may create nothing in the database"), concat("GRANT CREATE ON DATABASE … TO ", quote_name(me)));
}

}  // namespace

std::vector<Finding> PgReplication::target_findings(const value::ServerIdentity& source, const value::Scope& scope) {
  const auto& self = server_.identity();
  Gathering g(session());
  if (!source.uuid.empty() && source.uuid == self.uuid && source.setting("started") == self.setting("started")) {
    g.block("same-server", self.uuid, "source and target are the same database", "Check the two URLs.");
    return g.take();
  }
  if (source.product != self.product) {
    g.block("product", self.product, concat("this release follows only within one product: ", source.display(), " to ", self.display()), "Use two servers of the same product.");
    return g.take();
  }
  if (self.version_number / 10000 < source.version_number / 10000)
    g.block("version", self.version, concat("the target is older than the source: ", self.version, " after ", source.version), "A follower must not be older.");
  if (standby()) g.block("standby", "target", "the target is a standby: it cannot be written", "Name a primary.");
  if (const auto a = source.setting("server_encoding"), b = self.setting("server_encoding"); a != b)
    g.warn("server_encoding", b, concat("the database is encoded in ", a, " on the source and in ", b, " on the target"), "A character that the target lacks stops the channel.");
  room_findings(g, server_.caps(), copy_.begun);
  durability_findings(g);
  target_table_findings(g, scope);
  if (server_.caps().applies_as_owner) row_security_findings(g, scope);
  privilege_findings(g, server_.caps());
  g.may_fence();
  g.no_prepared_transactions();
  for (const auto& [name, version] : copy_.copied_from.settings) {
    if (!name.starts_with("extension ")) continue;
    if (g.session().query("SELECT 1 FROM pg_catalog.pg_extension WHERE extname = $1", {name.substr(10)}).empty())
      g.block("extension-missing", name.substr(10), concat("the target lacks the ", name, " (", version, ")"), concat("CREATE EXTENSION ", quote_name(name.substr(10))));
  }
  g.named(false, "other-subscription", "SELECT s.subname FROM pg_catalog.pg_subscription s JOIN pg_catalog.pg_database d ON d.oid = s.subdbid WHERE d.datname = pg_catalog.current_database()"
          " AND COALESCE(s.subslotname::text, '') <> $1 ORDER BY 1", "others are followed by this database too: ", "What they write is no part of the copy: disable them.", {copy_.copied_from.setting("slot")});
  const auto note = copy_.begun ? std::string("SELECT srrelid::pg_catalog.regclass::text FROM pg_catalog.pg_subscription_rel WHERE srsubstate <> 'r' ORDER BY 1") : std::string();
  if (!note.empty()) g.named(true, "not-ready", note, "tables whose changes the subscription leaves out, since it is still to copy them: ", "It was refreshed with copy_data: start over with a copy of its own.");
  return g.take();
}

}  // namespace flytt::engine::postgres
