// A snapshot alone is not enough: TRUNCATE and rewriting ALTERs empty a table for every older snapshot, without an error. So
// all tables are locked ACCESS SHARE in every session, and then what the snapshot says of their files is compared with what
// they are now: any difference starts over. A slot's snapshot always precedes the locks, and is proved in the same way.
// SPDX-License-Identifier: MIT
#include <flytt/engine/postgres/snapshot.hpp>

#include <mutex>
#include <set>

#include <flytt/base/text.hpp>
#include <flytt/engine/postgres/archive.hpp>
#include <flytt/engine/postgres/catalog.hpp>
#include <flytt/engine/postgres/catalog_objects.hpp>
#include <flytt/engine/postgres/large_objects.hpp>
#include <flytt/engine/postgres/page_reader.hpp>
#include <flytt/engine/postgres/preflight_owners.hpp>
#include <flytt/engine/postgres/roles.hpp>
#include <flytt/engine/postgres/selection_needs.hpp>
#include <flytt/engine/postgres/slot.hpp>

namespace flytt::engine::postgres {
namespace {

using base::concat;
using base::Error;
using base::Exit;
using Sessions = std::vector<std::unique_ptr<Connection>>;

constexpr int kAttempts = 5;
constexpr std::size_t kTablesALock = 200;

class PgSnapshot final : public Snapshot {
 public:
  PgSnapshot(PgServer& server, const SnapshotRequest& request) : server_(server), request_(request) { take(); }

  const value::Position& position() const noexcept override { return position_; }
  const Contents& contents() const noexcept override { return contents_; }
  BulkReader& reader(unsigned worker) override { return *readers_.at(worker); }
  unsigned jobs() const noexcept override { return static_cast<unsigned>(readers_.size()); }
  std::map<std::string, std::string> facts() const override { return facts_; }
  std::vector<Waiter> waiters() override;
  void prove() override;
  void close() override;

 private:
  void take();
  bool attempt();
  std::string begin_all();
  std::vector<Relation> read_tables();
  void lock_all();
  std::string first_difference();
  void fill_contents(const std::string& snapshot);
  Connection& keeper() { return *sessions_.back(); }  ///< exports the snapshot and outlives the workers

  PgServer& server_;
  SnapshotRequest request_;
  value::Scope scope_;                  ///< the request's, with the partitions that there are in the snapshot
  value::Position position_;
  Contents contents_;
  std::map<std::string, std::string> facts_;
  std::vector<Relation> relations_;
  std::string changed_;                 ///< what made the last attempt start over
  std::unique_ptr<Slot> slot_;          ///< removed again unless the copy ends well
  std::unique_ptr<Connection> watch_;   ///< for waiters(), from another thread
  std::mutex watch_mutex_;
  Sessions sessions_;
  std::vector<std::unique_ptr<BulkReader>> readers_;
};

void PgSnapshot::take() {
  refuse_other_databases(server_, request_.scope);
  watch_ = server_.connect();
  for (int i = 0; i < kAttempts; ++i) {
    if (attempt()) return;
    slot_.reset();  // its snapshot is of the past for good
    server_.context().log.warn(changed_ + " was changed while the snapshot was taken: starting over");
  }
  throw Error(Exit::unavailable, changed_ + " is changed again and again while the snapshot is taken",
              {.endpoint = server_.endpoint().display(), .hint = "Stop schema changes for the length of the copy."});
}

bool PgSnapshot::attempt() {
  readers_.clear();
  sessions_.clear();
  contents_ = {};
  if (!request_.slot.empty()) slot_ = make_slot(server_, request_.slot, with_partitions(*watch_, request_.scope));
  for (unsigned i = 0; i < std::max(1U, request_.jobs) + 1; ++i) sessions_.push_back(server_.connect());
  const std::string snapshot = begin_all();
  scope_ = with_partitions(keeper(), request_.scope);
  relations_ = read_tables();
  lock_all();
  changed_ = first_difference();
  if (!changed_.empty()) return false;
  fill_contents(snapshot);
  if (slot_) slot_->release_snapshot();  // the importers hold it now
  for (std::size_t i = 0; i + 1 < sessions_.size(); ++i) readers_.push_back(make_dump_reader(*sessions_[i]));
  return true;
}

/// Starts the transactions; the name of the snapshot that all of them have.
std::string PgSnapshot::begin_all() {
  Connection& first = keeper();
  const bool standby = server_.identity().settings.at("standby") == "on";
  // The position is read before there is a snapshot: what it leaves out the snapshot has, never the other way round.
  if (!slot_) position_.lsn = first.scalar(standby ? "SELECT pg_catalog.pg_last_wal_replay_lsn()" : "SELECT pg_catalog.pg_current_wal_lsn()").value_or("");
  first.execute("BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY");
  std::string snapshot;
  if (slot_) {
    first.execute("SET TRANSACTION SNAPSHOT " + quote_text(slot_->snapshot()));
    position_.lsn = slot_->consistent_point();
    snapshot = slot_->snapshot();
  } else {
    snapshot = first.scalar("SELECT pg_catalog.pg_export_snapshot()").value_or("");
  }
  for (std::size_t i = 0; i + 1 < sessions_.size(); ++i) {
    sessions_[i]->execute("BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY");
    sessions_[i]->execute("SET TRANSACTION SNAPSHOT " + quote_text(snapshot));
  }
  // Sizes are asked under a lock, and locks come next: whoever holds a table for himself is named, not waited for without end.
  for (auto& session : sessions_) session->execute("SET LOCAL lock_timeout = '10s'");
  // Rows leave as they are stored: no conversion, no byte that another encoding lacks.
  for (std::size_t i = 0; i + 1 < sessions_.size(); ++i) sessions_[i]->use_server_encoding();
  return snapshot;
}

std::vector<Relation> PgSnapshot::read_tables() {
  try {
    return read_relations(keeper(), scope_);
  } catch (const Error& e) {
    throw e.within("while reading the list of tables");
  }
}

/// In every session, since a worker that came for its lock later would queue behind an ALTER that waits for ours. The lock
/// conflicts with nothing but what would replace the table, so nobody waits for it who would not wait anyway.
void PgSnapshot::lock_all() {
  for (auto& session : sessions_) {
    for (std::size_t at = 0; at < relations_.size();) {
      std::string list;
      for (const std::size_t end = std::min(relations_.size(), at + kTablesALock); at < end; ++at)
        list += concat(list.empty() ? "" : ", ", "ONLY ", quote_table(relations_[at].table.name.schema, relations_[at].table.name.table));
      try {
        session->execute("LOCK TABLE " + list + " IN ACCESS SHARE MODE");
      } catch (const Error& e) {
        if (e.facts().sqlstate == "42P01") {  // dropped since the snapshot: the session is lost, the comparison would be too
          changed_ = "a table";
          throw e.within("while locking the tables").with_hint("A table was dropped or renamed while the snapshot was taken: run the copy again.");
        }
        throw e.within("while locking the tables against being replaced");
      }
    }
    session->execute("SET LOCAL lock_timeout = 0");
  }
}

/// What the snapshot says of each table's file, against what it is now. The left side is read from the catalog's rows, which
/// the snapshot filters; the right side comes from the server's caches, which it does not.
std::string PgSnapshot::first_difference() {
  const Result r = keeper().query(
      "SELECT c.oid, COALESCE(pg_catalog.to_regclass(pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname))::pg_catalog.oid, 0) AS now,"
      " c.relfilenode AS file, COALESCE(pg_catalog.pg_relation_filenode(c.oid), 0) AS file_now"
      " FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'r'");
  std::map<std::uint32_t, bool> same;
  for (std::size_t i = 0; i < r.rows.size(); ++i)
    same[static_cast<std::uint32_t>(r.number("oid", i))] = r.text("oid", i) == r.text("now", i) && r.text("file", i) == r.text("file_now", i);
  for (const auto& relation : relations_)
    if (const auto at = same.find(relation.oid); at == same.end() || !at->second) return "table " + relation.table.name.display();
  return {};
}

void PgSnapshot::fill_contents(const std::string& snapshot) {
  contents_.scope = scope_;
  contents_.databases.push_back(read_database(keeper(), server_));
  contents_.schemas = read_schemas(keeper(), scope_, relations_);
  for (const auto& relation : relations_) contents_.tables.push_back(relation.table);
  if (auto objects = large_object_table(keeper(), scope_)) contents_.tables.push_back(*std::move(objects));
  read_obstacles(keeper(), server_, scope_, contents_);
  contents_.left_out = left_out_of(keeper(), server_, scope_);
  contents_.definitions = proofs_of(read_objects(keeper(), server_, scope_));
  contents_.objects = archive_objects(keeper(), server_, scope_, relations_, snapshot);
  for (const auto& [name, version] : read_extensions(keeper())) facts_["extension " + name] = version;
  if (has_money(keeper())) facts_[std::string(kMoneyFact)] = money_locale(keeper());
  for (const auto& table : tables_with_extension_rows(keeper())) facts_[concat(kExtensionRows, table)] = "left behind";
  facts_[std::string(kLargeObjectsFact)] = large_objects_mark(keeper());
  for (const auto& [object, type] : needs_of(keeper(), scope_, relations_)) facts_[object] = type;
  if (scope_.chooses_tables())
    for (auto& text : keys_without_parents(keeper(), relations_)) contents_.warnings.push_back(std::move(text));
  for (const auto& role : roles_in_use(keeper())) facts_["role " + role] = "in use";
  facts_.merge(owner_facts(keeper()));
  const Result db = keeper().query(concat("SELECT datctype, ", server_.caps().locale_provider ? "datlocprovider" : "'c'", " AS provider, ",
                                          server_.caps().builtin_locale ? "datlocale" : server_.caps().locale_provider ? "daticulocale" : "NULL",
                                          " AS locale, ", server_.caps().locale_rules ? "daticurules" : "NULL", " AS rules, pg_catalog.pg_postmaster_start_time()::text AS started FROM pg_catalog.pg_database"
                                          " WHERE datname = pg_catalog.current_database()"));
  facts_["database ctype"] = db.text("datctype");
  facts_["database provider"] = db.text("provider");
  facts_["database locale"] = db.text("locale");
  if (db.get("rules")) facts_["database rules"] = db.text("rules");
  facts_["started"] = db.text("started");
  if (slot_) facts_["slot"] = facts_["publication"] = slot_->name();
}

std::vector<Waiter> PgSnapshot::waiters() {
  const std::lock_guard lock(watch_mutex_);
  if (!watch_) return {};
  std::string ours;
  for (const auto& session : sessions_) ours += concat(ours.empty() ? "" : ",", session->id());
  const Result r = watch_->query(
      concat("SELECT pid, usename, pg_catalog.host(client_addr) AS host, pg_catalog.left(query, 120) AS query,"
             " EXTRACT(epoch FROM pg_catalog.clock_timestamp() - COALESCE(query_start, pg_catalog.clock_timestamp()))::bigint AS seconds"
             " FROM pg_catalog.pg_stat_activity WHERE wait_event_type = 'Lock' AND pg_catalog.pg_blocking_pids(pid) && ARRAY[", ours, "]::int[]"));
  std::vector<Waiter> out;
  for (std::size_t i = 0; i < r.rows.size(); ++i)
    out.push_back({concat(r.text("usename", i), "@", r.get("host", i).value_or("local"), ", process ", r.text("pid", i)),
                   without_values(r.text("query", i)), static_cast<double>(r.number("seconds", i))});
  return out;
}

void PgSnapshot::prove() {
  const auto require = [this](Connection& c, std::string_view what) {
    if (!c.alive())
      throw Error(Exit::unavailable, concat(what, " lost its connection, and with it the snapshot"),
                  {.endpoint = server_.endpoint().display(), .hint = "Start the copy again."});
  };
  for (std::size_t i = 0; i + 1 < sessions_.size(); ++i) require(*sessions_[i], "a worker");
  require(keeper(), "the session that holds the locks");
  if (const auto changed = first_difference(); !changed.empty())
    throw Error(Exit::unavailable, changed + " was replaced, rebuilt or dropped during the copy",
                {.endpoint = server_.endpoint().display(), .hint = "Start the copy again, without schema changes beside it."});
  if (slot_) slot_->prove();
}

void PgSnapshot::close() {
  readers_.clear();
  for (auto& session : sessions_) session->execute("COMMIT");
  if (slot_) slot_->keep();
  const std::lock_guard lock(watch_mutex_);
  sessions_.clear();
  watch_.reset();
}

}  // namespace

std::unique_ptr<Snapshot> take_snapshot(PgServer& server, const SnapshotRequest& request) {
  return std::make_unique<PgSnapshot>(server, request);
}

}  // namespace flytt::engine::postgres
