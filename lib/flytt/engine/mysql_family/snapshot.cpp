// A copy's snapshot. A view alone is not enough: a table swapped in by RENAME between view and first read would show the old
// view only part of its rows, without an error. So identities are read first, every table is touched inside the view's
// transaction (its metadata lock then holds it), and everything is read again: any difference starts over.
// SPDX-License-Identifier: MIT
#include <flytt/engine/mysql_family/snapshot.hpp>

#include <map>
#include <mutex>

#include <flytt/base/text.hpp>
#include <flytt/engine/mysql_family/catalog.hpp>
#include <flytt/engine/mysql_family/reader.hpp>
#include <flytt/engine/mysql_family/snapshot_start.hpp>

namespace flytt::engine::mysql_family {
namespace {

using base::Error;
using base::Exit;
using Identities = std::map<value::TableName, std::string>;

constexpr int kAttempts = 5;
constexpr std::string_view kTouchTimeout = "SET SESSION lock_wait_timeout=10";

class FamilySnapshot final : public Snapshot {
 public:
  FamilySnapshot(FamilyServer& server, const SnapshotRequest& request) : server_(server), request_(request) { take(); }

  const value::Position& position() const noexcept override { return position_; }
  const Contents& contents() const noexcept override { return contents_; }
  BulkReader& reader(unsigned worker) override { return *readers_.at(worker); }
  unsigned jobs() const noexcept override { return static_cast<unsigned>(readers_.size()); }
  std::vector<Waiter> waiters() override;
  void prove() override;
  void close() override;

 private:
  void take();
  bool attempt();
  void lock_against_ddl();
  void lock_non_transactional();
  void touch_all();
  std::string first_difference(const Contents& before, const Identities& identities_before) const;
  Connection& keeper() { return *sessions_.back(); }  ///< the session that holds the tables' metadata locks

  FamilyServer& server_;
  SnapshotRequest request_;
  value::Position position_;
  Contents contents_;
  Identities identities_;
  std::string changed_;                    ///< what made the last attempt start over
  std::unique_ptr<Connection> ddl_lock_;   ///< holds LOCK INSTANCE FOR BACKUP
  std::unique_ptr<Connection> table_lock_; ///< holds LOCK TABLES … READ on non-transactional tables
  std::unique_ptr<Connection> watch_;      ///< for waiters(), from another thread
  std::mutex watch_mutex_;
  Sessions sessions_;
  std::vector<std::unique_ptr<BulkReader>> readers_;
};

void FamilySnapshot::take() {
  if (!request_.slot.empty()) refuse_slot(server_, request_.slot);
  watch_ = server_.connect();
  if (server_.caps().instance_backup_lock) lock_against_ddl();
  for (int i = 0; i < kAttempts; ++i) {
    if (attempt()) return;
    server_.context().log.warn(changed_ + " was changed while the snapshot was taken: starting over");
  }
  throw Error(Exit::unavailable, changed_ + " is changed again and again while the snapshot is taken",
              {.endpoint = server_.endpoint().display(), .hint = "Stop schema changes for the length of the copy."});
}

void FamilySnapshot::lock_against_ddl() {
  ddl_lock_ = server_.connect();
  ddl_lock_->execute("SET SESSION lock_wait_timeout=10");
  try {
    ddl_lock_->execute("LOCK INSTANCE FOR BACKUP");
  } catch (const Error& e) {
    throw e.within("while locking the server against schema changes");
  }
}

void FamilySnapshot::lock_non_transactional() {
  std::string list;
  for (const auto& t : contents_.tables)
    if (!t.transactional) list += (list.empty() ? "" : ", ") + server_.dialect().table(t.name) + " READ";
  if (list.empty()) return;
  table_lock_ = server_.connect();
  table_lock_->execute(kTouchTimeout);
  table_lock_->execute("LOCK TABLES " + list);
}

bool FamilySnapshot::attempt() {
  readers_.clear();
  sessions_.clear();
  table_lock_.reset();
  const auto policy = request_.lock_tables ? NonTransactional::under_lock : NonTransactional::refuse;
  for (unsigned i = 0; i < std::max(1U, request_.jobs) + 1; ++i) {
    sessions_.push_back(server_.connect());
    // Under READ COMMITTED the server would quietly ignore WITH CONSISTENT SNAPSHOT.
    sessions_.back()->execute("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ");
  }
  contents_ = read_contents(keeper(), server_, request_.scope, policy);
  if (request_.lock_tables) lock_non_transactional();
  const Identities before = read_identities(keeper(), server_, contents_.tables);
  position_ = start_together(server_, sessions_, contents_.tables);
  touch_all();
  Contents again = read_contents(keeper(), server_, request_.scope, policy);
  std::swap(again, contents_);
  identities_ = read_identities(keeper(), server_, contents_.tables);
  changed_ = first_difference(again, before);
  if (!changed_.empty()) return false;
  const auto scanned = scan_values(keeper(), server_, contents_.tables, request_.scope);
  contents_.refusals.insert(contents_.refusals.end(), scanned.begin(), scanned.end());
  for (std::size_t i = 0; i + 1 < sessions_.size(); ++i) readers_.push_back(make_reader(server_, *sessions_[i]));
  return true;
}

void FamilySnapshot::touch_all() {
  keeper().execute(kTouchTimeout);
  for (const auto& t : contents_.tables) {
    try {
      keeper().execute("SELECT 1 FROM " + server_.dialect().table(t.name) + " LIMIT 0");
    } catch (const Error& e) {
      // Dropped since the list was read: the comparison that follows finds it.
      if (e.facts().native == 1146 || e.facts().native == 1412) continue;
      throw e.within("while taking hold of " + t.name.display());
    }
  }
}

std::string FamilySnapshot::first_difference(const Contents& before, const Identities& identities_before) const {
  for (const auto& [name, identity] : identities_before) {
    const auto now = identities_.find(name);
    if (now == identities_.end() || now->second != identity) return "table " + name.display();
  }
  for (const auto& [name, identity] : identities_)
    if (identities_before.find(name) == identities_before.end()) return "table " + name.display();
  const auto statements = [](const Contents& c) {
    std::map<std::string, std::string> out;
    for (const auto& o : c.objects)
      if (o.kind != value::ObjectKind::sequence_value && o.kind != value::ObjectKind::table) out[o.display()] = o.statement;
    return out;
  };
  const auto a = statements(before), b = statements(contents_);
  for (const auto& [name, text] : a)
    if (const auto found = b.find(name); found == b.end() || found->second != text) return name;
  for (const auto& [name, text] : b)
    if (a.find(name) == a.end()) return name;
  return {};
}

std::vector<Waiter> FamilySnapshot::waiters() {
  const std::lock_guard lock(watch_mutex_);
  if (!watch_) return {};
  const Result r = watch_->query(
      "SELECT ID, USER, HOST, TIME, LEFT(INFO, 120) AS INFO FROM information_schema.PROCESSLIST"
      " WHERE STATE LIKE 'Waiting for%metadata lock' OR STATE LIKE 'Waiting for backup lock%'");
  std::vector<Waiter> out;
  for (std::size_t i = 0; i < r.rows.size(); ++i)
    out.push_back({r.text("USER", i) + "@" + r.text("HOST", i) + ", connection " + r.text("ID", i),
                   without_values(r.text("INFO", i)), static_cast<double>(base::parse_u64(r.text("TIME", i)).value_or(0))});
  return out;
}

void FamilySnapshot::prove() {
  const std::lock_guard lock(watch_mutex_);
  const auto now = read_identities(*watch_, server_, contents_.tables);
  for (const auto& [name, identity] : identities_) {
    const auto found = now.find(name);
    if (found == now.end() || found->second != identity)
      throw Error(Exit::unavailable, "table " + name.display() + " was replaced, rebuilt or dropped during the copy",
                  {.endpoint = server_.endpoint().display(), .hint = "Start the copy again, without schema changes beside it."});
  }
  const auto require = [this](Connection& c, std::string_view what) {
    if (!c.alive())
      throw Error(Exit::unavailable, base::concat(what, " lost its connection, and with it the snapshot"),
                  {.endpoint = server_.endpoint().display(), .hint = "Start the copy again."});
  };
  for (auto& s : sessions_) require(*s, "a worker");
  if (ddl_lock_) require(*ddl_lock_, "the session that holds off schema changes");
  if (table_lock_) require(*table_lock_, "the session that locks non-transactional tables");
}

void FamilySnapshot::close() {
  readers_.clear();
  for (auto& s : sessions_) s->execute("ROLLBACK");
  sessions_.clear();
  table_lock_.reset();
  ddl_lock_.reset();
  const std::lock_guard lock(watch_mutex_);
  watch_.reset();
}

}  // namespace

void refuse_slot(FamilyServer& server, const std::string& slot) {
  throw Error(Exit::usage, "--slot " + slot + ": " + server.identity().product + " has no replication slots",
              {.hint = "Leave --slot out: the copy's binary log position is recorded anyway; --to-follow asks for what following needs."});
}

std::unique_ptr<Snapshot> take_snapshot(FamilyServer& server, const SnapshotRequest& request) {
  return std::make_unique<FamilySnapshot>(server, request);
}

}  // namespace flytt::engine::mysql_family
