// Asks a server once who it is, and hands out the parts.
// SPDX-License-Identifier: MIT
#include <flytt/engine/postgres/pg_server.hpp>

#include <flytt/base/text.hpp>
#include <flytt/engine/postgres/catalog.hpp>
#include <flytt/engine/postgres/replication.hpp>
#include <flytt/engine/postgres/row_reader.hpp>
#include <flytt/engine/postgres/snapshot.hpp>
#include <flytt/engine/postgres/storage.hpp>
#include <flytt/engine/postgres/target.hpp>
#include <flytt/engine/postgres/tuning.hpp>

namespace flytt::engine::postgres {
namespace {

using base::Error;
using base::Exit;

/// Settings that a copy or a subscription depends on, as far as this role may see them.
constexpr std::string_view kSettingsQuery =
    "SELECT name, setting FROM pg_catalog.pg_settings WHERE name IN ('server_encoding','lc_collate','lc_ctype','wal_level','port',"
    "'max_replication_slots','max_wal_senders','max_logical_replication_workers','max_worker_processes','max_locks_per_transaction',"
    "'max_connections','block_size','data_checksums','fsync','full_page_writes','synchronous_commit','autovacuum','in_hot_standby',"
    "'max_slot_wal_keep_size','lc_monetary','cluster_name')";

class PgDialect final : public Dialect {
 public:
  std::string name(std::string_view identifier) const override { return quote_name(identifier); }
  std::string text(std::string_view value) const override { return quote_text(value); }
};

/// A database that every server has, to ask about one that is not there.
constexpr std::string_view kMaintenance = "postgres";

}  // namespace

PgServer::PgServer(Endpoint endpoint, const base::Context& ctx) : connector_(std::move(endpoint), ctx) {}
PgServer::~PgServer() = default;

void PgServer::discover() {
  // Whoever answers is not known yet, and no task watches over us: a stop ends what is asked here. One that came before does
  // not, since what is put back after a stop may begin with this.
  const auto& stop = connector_.context().stop;
  const std::stop_callback on_stop(stop.stop_requested() ? std::stop_token() : stop, [this] { cancel_all(); });
  std::unique_ptr<Connection> c;
  try {
    c = connector_.connect();
  } catch (const Error& e) {
    if (e.facts().sqlstate != "3D000" || connector_.endpoint().database.empty()) throw;
    c = connector_.connect(Mode::ordinary, std::string(kMaintenance));
    missing_ = true;
  }
  const Result r = c->query(
      "SELECT pg_catalog.current_setting('server_version') AS version, pg_catalog.current_setting('server_version_num') AS number,"
      " (SELECT system_identifier FROM pg_catalog.pg_control_system()) AS system, pg_catalog.current_database() AS db,"
      " pg_catalog.pg_is_in_recovery() AS standby, pg_catalog.version() AS long,"
      " pg_catalog.pg_postmaster_start_time()::text AS started");
  const auto number = static_cast<std::uint32_t>(r.number("number"));
  caps_ = capabilities_of(number);
  if (!caps_.supported)
    throw Error(Exit::unavailable, base::concat(c->endpoint(), ": PostgreSQL ", r.text("version"), " is older than 14"),
                {.endpoint = c->endpoint(), .hint = "Upgrade it first, or use pg_dump."});
  database_ = missing_ ? connector_.endpoint().database : r.text("db");
  identity_.engine = "postgres";
  identity_.product = "PostgreSQL";
  const std::string version = r.text("version");
  identity_.version = version.substr(0, version.find(' '));
  identity_.version_number = number;
  identity_.uuid = r.text("system") + "/" + database_;
  identity_.hostname = endpoint().host.empty() ? "localhost" : endpoint().host;
  identity_.server_id = base::parse_u64(r.text("system")).value_or(0);
  const Result settings = c->query(kSettingsQuery);
  for (const auto& row : settings.rows) identity_.settings[row[0].value_or("")] = row[1].value_or("");
  identity_.settings["started"] = r.text("started");  // tells a server from its clone, which has the same system identifier
  identity_.settings["standby"] = r.yes("standby") ? "on" : "off";
  identity_.settings["database"] = database_;
}

std::unique_ptr<Connection> PgServer::connect() try {
  return connector_.connect();
} catch (const Error& e) {
  if (e.facts().sqlstate != "3D000" || connector_.endpoint().database.empty()) throw;
  std::vector<std::string> names;
  try {
    const auto c = connector_.connect(Mode::ordinary, std::string(kMaintenance));
    for (const auto& row : c->query("SELECT datname FROM pg_catalog.pg_database WHERE datallowconn AND NOT datistemplate ORDER BY 1").rows) names.push_back(row[0].value_or(""));
  } catch (const Error&) {
    throw e;  // whoever may not look there is told the first thing
  }
  const auto meant = base::nearest(connector_.endpoint().database, names);
  if (!meant) throw;
  auto facts = e.facts();
  facts.hint = base::concat("Did you mean ", *meant, "?");
  throw Error(base::Exit::usage, e.message(), std::move(facts));
}

const value::ServerIdentity& PgServer::identity() {
  std::call_once(once_, [this] { discover(); });
  return identity_;
}
const Capabilities& PgServer::caps() {
  identity();
  return caps_;
}
bool PgServer::database_missing() {
  identity();
  return missing_;
}
const std::string& PgServer::database() {
  identity();
  return database_;
}

const Dialect& PgServer::dialect() const noexcept {
  static const PgDialect dialect;
  return dialect;
}

std::unique_ptr<Catalog> PgServer::catalog() { return make_catalog(*this); }
std::unique_ptr<Snapshot> PgServer::snapshot(const SnapshotRequest& request) { return take_snapshot(*this, request); }
std::unique_ptr<BulkReader> PgServer::reader() { return make_row_reader(*this); }
std::unique_ptr<Target> PgServer::target() { return make_target(*this); }
std::unique_ptr<Replication> PgServer::replication() { return make_replication(*this); }
std::unique_ptr<Tuning> PgServer::tuning() { return make_tuning(*this); }
std::unique_ptr<Storage> PgServer::storage() { return make_storage(*this); }

}  // namespace flytt::engine::postgres
