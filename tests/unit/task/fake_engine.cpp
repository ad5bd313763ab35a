// A small database in memory.
// SPDX-License-Identifier: MIT
#include "unit/task/fake_engine.hpp"

#include <algorithm>
#include <utility>

#include <flytt/base/bytes.hpp>
#include <flytt/base/text.hpp>
#include <flytt/value/row_image.hpp>

namespace fake_engine {
namespace {

using base::Error;
using base::Exit;
using Rows = std::map<std::uint32_t, std::string>;

std::string key_of(std::uint32_t id) {
  std::string image;
  base::ByteWriter(image).put_u32(id);
  return image;
}

std::uint32_t id_of(const std::string& key) { return base::ByteReader(key).get_u32(); }

class Catalog final : public engine::Catalog {
 public:
  explicit Catalog(Store& store) : store_(store) {}
  engine::Contents contents(const value::Scope&) override {
    const std::lock_guard lock(store_.mutex);
    return {{{"shop", "utf8mb4", "utf8mb4_bin"}}, store_.tables, store_.objects, store_.warnings, store_.refusals};
  }
  std::vector<engine::Finding> missing_privileges(const value::Scope&) override { return store_.missing_privileges; }
  std::uint64_t count_rows(const value::Table& table, const std::string&) override {
    const std::lock_guard lock(store_.mutex);
    return store_.rows[table.name.display()].size();
  }

 private:
  Store& store_;
};

class Reader final : public engine::BulkReader {
 public:
  Reader(Store& store, const std::map<std::string, Rows>& rows) : store_(store), all_(rows) {}

  void open(const engine::ReadJob& job) override {
    job_ = job;
    rows_ = &all_.at(job.table->name.display());
    at_ = job.range.after ? rows_->upper_bound(id_of(*job.range.after)) : rows_->begin();
  }
  engine::ReadProgress read(engine::PayloadSink& out, std::uint64_t target) override {
    store_.step("read " + job_.table->name.display());
    engine::ReadProgress progress;
    while (!ended() && progress.bytes < target) {
      out.write(at_->second, 1);
      ++progress.rows;
      progress.bytes += at_->second.size();
      if (job_.table->has_key()) progress.last_key = key_of(at_->first);
      ++at_;
    }
    progress.done = ended();
    return progress;
  }
  void shorten(const std::string& through) override { job_.range.through = through; }
  std::optional<std::string> split(const value::Table& table, const engine::KeyRange& range) override {
    store_.step("split " + table.name.display());
    const auto& rows = all_.at(table.name.display());
    const auto first = range.after ? rows.upper_bound(id_of(*range.after)) : rows.begin();
    const auto last = range.through ? rows.upper_bound(id_of(*range.through)) : rows.end();
    const auto count = std::distance(first, last);
    if (count < 2) return std::nullopt;
    return key_of(std::next(first, count / 2 - 1)->first);
  }
  std::uint64_t count_rows(const value::Table& table, const std::string&) override {
    store_.step("count " + table.name.display());
    return all_.at(table.name.display()).size() + store_.miscount;
  }

 private:
  bool ended() const {
    return at_ == rows_->end() || (job_.range.through && at_->first > id_of(*job_.range.through));
  }

  Store& store_;
  const std::map<std::string, Rows>& all_;
  engine::ReadJob job_;
  const Rows* rows_ = nullptr;
  Rows::const_iterator at_;
};

class Snapshot final : public engine::Snapshot {
 public:
  Snapshot(Store& store, const engine::SnapshotRequest& request) : store_(store), jobs_(request.jobs) {
    store.step("snapshot");
    contents_ = Catalog(store).contents(request.scope);
    const std::lock_guard lock(store.mutex);
    rows_ = store.rows;
    for (unsigned i = 0; i < jobs_; ++i) readers_.push_back(std::make_unique<Reader>(store_, rows_));
  }
  const value::Position& position() const noexcept override { return position_; }
  const engine::Contents& contents() const noexcept override { return contents_; }
  engine::BulkReader& reader(unsigned worker) override { return *readers_.at(worker); }
  unsigned jobs() const noexcept override { return jobs_; }
  std::vector<engine::Waiter> waiters() override {
    if (store_.on_waiters) store_.on_waiters();
    const std::lock_guard lock(store_.mutex);
    return store_.waiters;
  }
  void prove() override { store_.step("prove"); }
  void close() override { store_.step("close"); }

 private:
  Store& store_;
  unsigned jobs_;
  value::Position position_{"0-1-100", "binlog.000003", 4711, {}};
  engine::Contents contents_;
  std::map<std::string, Rows> rows_;
  std::vector<std::unique_ptr<Reader>> readers_;
};

class Ledger final : public engine::Ledger {
 public:
  explicit Ledger(Store& store) : store_(store) {}
  std::vector<engine::LedgerCopy> copies() override {
    const std::lock_guard lock(store_.mutex);
    return store_.ledger;
  }
  std::optional<engine::LedgerCopy> find(const std::string& uuid) override {
    const std::lock_guard lock(store_.mutex);
    const auto* copy = at(uuid);
    return copy == nullptr ? std::nullopt : std::optional(*copy);
  }
  void begin(const value::Manifest& m) override {
    store_.step("begin");
    const std::lock_guard lock(store_.mutex);
    if (at(m.uuid) == nullptr) store_.ledger.push_back({m.uuid, "loading", m.created, m.position, m.scope, m.source, {}, {}, {}});
  }
  void intend(const std::string& uuid, const std::string& phase) override {
    store_.step("intend " + phase);
    const std::lock_guard lock(store_.mutex);
    at(uuid)->intents.insert(phase);
  }
  void done(const std::string& uuid, const std::string& phase, const std::string& remark) override {
    store_.step("done " + phase);
    const std::lock_guard lock(store_.mutex);
    at(uuid)->intents.insert(phase);
    at(uuid)->done.insert(phase);
    if (!remark.empty()) store_.remarks.emplace_back(phase, remark);
  }
  std::vector<std::pair<std::string, std::string>> remarks(const std::string&) override { return store_.remarks; }
  void finish(const std::string& uuid) override {
    store_.step("finish");
    const std::lock_guard lock(store_.mutex);
    at(uuid)->state = "done";
  }
  void forget(const std::string& uuid) override {
    const std::lock_guard lock(store_.mutex);
    std::erase_if(store_.ledger, [&](const auto& c) { return c.uuid == uuid; });
  }

 private:
  engine::LedgerCopy* at(const std::string& uuid) {
    for (auto& copy : store_.ledger)
      if (copy.uuid == uuid) return &copy;
    return nullptr;
  }
  Store& store_;
};

class Writer final : public engine::BulkWriter {
 public:
  explicit Writer(Store& store) : store_(store) {}
  bool begin_table(const std::string& uuid, std::uint32_t, const value::Table& table) override {
    const auto name = table.name.display();
    store_.step("begin table " + name);
    const std::lock_guard lock(store_.mutex);
    if (store_.not_whole.contains(name) || !store_.rows[name].empty()) return false;
    whole_.emplace(uuid, std::vector<std::uint32_t>{});
    return true;
  }
  void commit_table() override {
    store_.step("commit table " + table_.name.display());
    const auto [uuid, chunks] = *std::exchange(whole_, std::nullopt);
    for (const auto chunk : chunks) note(uuid, chunk);
    enter();
  }
  void begin(const value::Table& table) override {
    table_ = table;
    if (!whole_) staged_.clear();
    before_ = staged_.size();
  }
  void write(std::string_view bytes, std::uint64_t rows) override {
    store_.step("write " + table_.name.display());
    value::RowCursor cursor(table_.columns, bytes);
    std::uint64_t got = 0;
    for (; cursor.next(); ++got)
      staged_.emplace_back(base::ByteReader(cursor.cells()[0].image()).get_u32(), std::string(cursor.row()));
    if (got != rows) throw Error(Exit::data, "a block's rows do not add up");
  }
  void commit(const std::string& uuid, const engine::ChunkReceipt& receipt) override {
    store_.step(base::concat("commit ", receipt.chunk));
    {
      const std::lock_guard lock(store_.mutex);
      if (receipt.rows != staged_.size() - before_) throw Error(Exit::data, "rows do not add up");
    }
    if (whole_) return whole_->second.push_back(receipt.chunk);
    note(uuid, receipt.chunk);
    enter();
    store_.step(base::concat("committed ", receipt.chunk));
  }
  void rollback() noexcept override {
    staged_.clear();
    whole_.reset();
  }

 private:
  void note(const std::string& uuid, std::uint32_t chunk) {
    const std::lock_guard lock(store_.mutex);
    for (auto& copy : store_.ledger)
      if (copy.uuid == uuid && !copy.chunks.insert(chunk).second) throw Error(Exit::unavailable, "duplicate chunk");
  }
  void enter() {
    const std::lock_guard lock(store_.mutex);
    auto& rows = store_.rows[table_.name.display()];
    for (auto& [id, image] : staged_)
      if (!rows.emplace(id, image).second) throw Error(Exit::unavailable, "duplicate key");
    staged_.clear();
  }

  Store& store_;
  value::Table table_;
  std::vector<std::pair<std::uint32_t, std::string>> staged_;
  std::size_t before_ = 0;  ///< of them: those of the table's chunks before this one
  std::optional<std::pair<std::string, std::vector<std::uint32_t>>> whole_;  ///< the copy, and chunks that go in with the table
};

class SchemaWriter final : public engine::SchemaWriter {
 public:
  explicit SchemaWriter(Store& store) : store_(store) {}
  void create(const value::SchemaObject& o) override {
    store_.step("create " + o.display());
    {
      const std::lock_guard lock(store_.mutex);
      if (o.kind == value::ObjectKind::database && store_.has(o.display())) return;
      if (store_.has(o.display())) throw Error(Exit::unavailable, o.display() + " exists");
      if (o.kind == value::ObjectKind::view && !o.attributes.empty() && !store_.has(o.attributes))
        throw Error(Exit::unavailable, "no such thing: " + o.attributes, {.native = 1146});
      store_.objects.push_back(o);
      if (o.kind == value::ObjectKind::table) store_.rows[o.schema + "." + o.name];
    }
    store_.step("created " + o.display());
  }
  void recreate(const value::SchemaObject& o) override {
    bool there;
    {
      const std::lock_guard lock(store_.mutex);
      there = store_.has(o.display());
    }
    if (!there) create(o);
  }
  void drop(const value::SchemaObject& o) override {
    const std::lock_guard lock(store_.mutex);
    if (o.kind == value::ObjectKind::table) store_.rows.erase(o.schema + "." + o.name);
    std::erase_if(store_.objects, [&](const auto& other) {
      return other.display() == o.display() ||
             (o.kind == value::ObjectKind::table && other.schema == o.schema && other.parent == o.name);
    });
  }
  bool depends_on_missing(const Error& error) const override { return error.facts().native == 1146; }
  std::uint64_t orphans(const value::SchemaObject& fk) override {
    store_.step("orphans " + fk.name);
    const std::lock_guard lock(store_.mutex);
    const auto found = store_.orphans.find(fk.name);
    return found == store_.orphans.end() ? 0 : found->second;
  }

 private:
  Store& store_;
};

class Target final : public engine::Target {
 public:
  explicit Target(Store& store) : store_(store), ledger_(store) {}
  std::vector<engine::Finding> preflight(const value::Manifest&, const engine::LoadRequest&) override { return store_.findings; }
  std::vector<value::SchemaObject> existing(const value::Manifest&) override {
    const std::lock_guard lock(store_.mutex);
    std::vector<value::SchemaObject> out;
    for (const auto& o : store_.objects)
      if (o.kind != value::ObjectKind::index && o.kind != value::ObjectKind::foreign_key && o.kind != value::ObjectKind::trigger)
        out.push_back(o);
    return out;
  }
  engine::Ledger& ledger() override { return ledger_; }
  std::unique_ptr<engine::BulkWriter> writer() override { return std::make_unique<Writer>(store_); }
  bool whole_tables() const override { return store_.whole_tables; }
  std::unique_ptr<engine::SchemaWriter> schema_writer(const engine::LoadRequest&) override {
    return std::make_unique<SchemaWriter>(store_);
  }

 private:
  Store& store_;
  Ledger ledger_;
};

class Tuning final : public engine::Tuning {
 public:
  explicit Tuning(Store& store) : store_(store) {}
  std::vector<engine::Setting> import_settings() override { return {{"durability", "full", "relaxed"}}; }
  std::vector<engine::Setting> load_settings() override { return {}; }
  void apply(const std::vector<engine::Setting>& settings) override {
    const std::lock_guard lock(store_.mutex);
    store_.changed = settings;
  }
  std::vector<engine::Setting> restore() override {
    const std::lock_guard lock(store_.mutex);
    return std::exchange(store_.changed, {});
  }
  std::string restart_fragment() override { return {}; }

 private:
  Store& store_;
};

class Dialect final : public engine::Dialect {
 public:
  std::string name(std::string_view n) const override { return "`" + std::string(n) + "`"; }
  std::string text(std::string_view v) const override { return "'" + std::string(v) + "'"; }
};

}  // namespace

void lose_connection() {
  throw Error(Exit::unavailable, "connection 4711 was killed", {.native = 2013, .hint = "Dump again."});
}

void deadlock() {
  throw Error(Exit::unavailable, "deadlock found", {.native = 1213, .connection_usable = true, .safe_to_retry = true});
}

bool Store::has(const std::string& display) const {
  return std::any_of(objects.begin(), objects.end(), [&](const auto& o) { return o.display() == display; });
}

void Store::add_table(const std::string& name, std::uint32_t count, bool key, std::size_t note_size) {
  value::Column id;
  id.name = "id";
  id.type = value::Type::uint32;
  id.nullable = false;
  value::Column note;
  note.name = "note";
  note.type = value::Type::text;
  value::Table table;
  table.name = {"shop", name};
  table.columns = {id, note};
  if (key) table.key = {"PRIMARY", {0}};
  table.rows_estimate = count;
  table.bytes_estimate = count * (9 + note_size);
  tables.push_back(table);
  value::SchemaObject object;
  object.kind = value::ObjectKind::table;
  object.schema = "shop";
  object.name = name;
  object.statement = "CREATE TABLE " + name;
  objects.push_back(object);
  auto& images = rows["shop." + name];
  for (std::uint32_t i = 1; i <= count; ++i) {
    base::ByteWriter out(images[i]);
    out.put_u8(0);
    out.put_u32(i);
    out.put_lp32(std::string(note_size, static_cast<char>('a' + i % 26)) + std::to_string(i));
  }
}

Server::Server(Store& store) : store_(store) {
  identity_.engine = "fake";
  identity_.product = "FakeDB";
  identity_.version = "1.2.3";
  endpoint_.scheme = "fake";
  endpoint_.host = "db";
  endpoint_.database = "shop";
}

const engine::Dialect& Server::dialect() const noexcept {
  static const Dialect dialect;
  return dialect;
}
std::unique_ptr<engine::Catalog> Server::catalog() { return std::make_unique<Catalog>(store_); }
std::unique_ptr<engine::Snapshot> Server::snapshot(const engine::SnapshotRequest& request) {
  return std::make_unique<Snapshot>(store_, request);
}
std::unique_ptr<engine::BulkReader> Server::reader() { return std::make_unique<Reader>(store_, store_.rows); }
std::unique_ptr<engine::Target> Server::target() { return std::make_unique<Target>(store_); }
std::unique_ptr<engine::Replication> Server::replication() { throw Error(Exit::unavailable, "no replication here"); }
std::unique_ptr<engine::Tuning> Server::tuning() { return std::make_unique<Tuning>(store_); }

}  // namespace fake_engine
