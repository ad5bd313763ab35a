// A chunk is one COPY and one row of the ledger in one transaction, or all of a table's are one COPY and one transaction. COPY is strict by
// nature: a value that does not fit is an error, and the number of rows that it took is compared with what was sent.
//
// COPY FREEZE is legal where the table was made or truncated in the same transaction. Its pages are all-visible from the start: no
// reader writes hint bits (which are written to the WAL, page by page, where data has checksums), no vacuum has to freeze them later.
// One COPY writes through a ring of 16 MiB of the server's buffers, where one after another would each take 8 MiB of others': the
// table does not push out what is cached, and the server's process does not touch memory that it had not mapped yet.
// SPDX-License-Identifier: MIT
#include <flytt/engine/postgres/writer.hpp>

#include <map>
#include <optional>
#include <utility>
#include <vector>

#include <flytt/base/text.hpp>
#include <flytt/engine/postgres/catalog.hpp>
#include <flytt/engine/postgres/copy_io.hpp>
#include <flytt/engine/postgres/hash_partitions.hpp>
#include <flytt/engine/postgres/large_objects.hpp>
#include <flytt/engine/postgres/ledger.hpp>

namespace flytt::engine::postgres {
namespace {

using base::concat;
using base::Error;
using base::Exit;

constexpr std::string_view kUniqueViolation = "23505";
/// Rows wait for nobody for long: what holds a table that is being loaded is told, not waited for in silence.
constexpr std::string_view kLockTimeout = "'60s'";
/// Chunks of one COPY: their receipts are held until it ends.
constexpr std::size_t kMostChunks = 1000;

class CopyWriter final : public BulkWriter {
 public:
  CopyWriter(PgServer& server, Numbers numbers) : server_(server), numbers_(numbers) {}

  bool begin_table(const std::string& uuid, std::uint32_t object, const value::Table& table) override {
    if (table.encoding == kLargeObjects || loaded_by_root(table.name)) return false;
    try {
      if (may_hold(uuid, object, quote_table(table.name.schema, table.name.table))) return whole_ = true;
    } catch (const Error&) {
      // What is really wrong shows itself in the first chunk.
      if (server_.connector().cancelled()) throw;
    }
    rollback();
    return false;
  }

  void commit_table() override {
    if (copy_) {
      prove();
      note();
    }
    end();
    whole_ = false;
  }

  void begin(const value::Table& table) override {
    large_objects_ = table.encoding == kLargeObjects;
    const bool binary = large_objects_ || table.encoding == kCopyBinary;
    if (!binary && table.encoding != kCopyText)
      throw Error(Exit::unavailable, "rows of " + table.name.display() + " come in encoding " + table.encoding + ", which PostgreSQL does not take");
    rows_ = 0;
    if (copy_) return;  // the table's, and it goes on
    Connection& c = session();
    if (!whole_) c.execute("BEGIN");
    open_ = true;
    if (large_objects_) c.execute(kStageLargeObjects);
    copy_.emplace(c);
    copy_->start(large_objects_ ? std::string(kCopyLargeObjects) : statement(table, binary, whole_), binary ? CopyForm::binary : CopyForm::text);
  }

  void write(std::string_view bytes, std::uint64_t rows) override {
    copy_->write(bytes);
    rows_ += rows;
  }

  void commit(const std::string& uuid, const ChunkReceipt& receipt) override {
    if (rows_ != receipt.rows) throw Error(Exit::data, concat("the chunk has ", receipt.rows, " rows, and ", rows_, " came"));
    uuid_ = uuid;
    receipts_.push_back(receipt);
    // A table's COPY that the server is not content with is not fed to its end; one that it said something else in goes on as the next one.
    if (whole_ && receipts_.size() < kMostChunks && !copy_->answered()) return;
    prove();
    try {
      note();
    } catch (const Error& e) {
      if (e.facts().sqlstate != kUniqueViolation || whole_) throw;
      // The session of a loader that was killed has committed this chunk after the ledger was read: it is in, once.
      rollback();
      return;
    }
    if (!whole_) end();
  }

  void rollback() noexcept override {
    receipts_.clear();
    if (!session_ || !open_) return;
    open_ = whole_ = false;
    try {
      if (copy_ && copy_->active()) copy_->abort();
      copy_.reset();
      session_->execute("ROLLBACK");
    } catch (...) {
      copy_.reset();
      session_.reset();  // its transaction ends with it
    }
  }

 private:
  /// Takes the table for this transaction alone, empty. False: others may need it meanwhile, or something of it is in.
  bool may_hold(const std::string& uuid, std::uint32_t object, const std::string& name) {
    Connection& c = session();
    // With a snapshot for the whole transaction COPY FREEZE is refused.
    open_ = true;
    c.execute("BEGIN ISOLATION LEVEL READ COMMITTED");
    // Behind the session of a loader that was killed, which may be about to commit; not behind everybody's.
    c.execute("SET LOCAL lock_timeout = '10s'; LOCK TABLE ONLY " + name + " IN ACCESS EXCLUSIVE MODE; SET LOCAL lock_timeout = " + std::string(kLockTimeout));
    if (c.query(concat("SELECT EXISTS (SELECT 1 FROM ONLY ", name, ") OR EXISTS (SELECT 1 FROM flytt.ledger WHERE uuid = ", quote_text(uuid),
                       " AND phase = 'chunk' AND object = ", object, ") OR ", read_by_others(name), " AS used")).yes("used"))
      return false;
    c.execute("TRUNCATE ONLY " + name);
    return true;
  }

  /// Can loading another table need to read this one? By a column of this table's row type, or, in this database, by a function that a
  /// check or a generated column calls. Its session would wait for ours, and the server sees no deadlock in that.
  static std::string read_by_others(const std::string& name) {
    return concat(
        "EXISTS (SELECT 1 FROM pg_catalog.pg_class c JOIN pg_catalog.pg_type r ON r.oid = c.reltype"
        " JOIN pg_catalog.pg_depend d ON d.refclassid = 'pg_catalog.pg_type'::pg_catalog.regclass AND d.refobjid = ANY (ARRAY[r.oid, r.typarray])"
        " WHERE c.oid = ", quote_text(name), "::pg_catalog.regclass AND d.deptype = 'n'"
        " AND d.classid IN ('pg_catalog.pg_class'::pg_catalog.regclass, 'pg_catalog.pg_type'::pg_catalog.regclass))"
        " OR EXISTS (SELECT 1 FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_proc p ON p.oid = d.refobjid"
        " JOIN pg_catalog.pg_language l ON l.oid = p.prolang LEFT JOIN pg_catalog.pg_attrdef f ON f.oid = d.objid"
        " LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = f.adrelid AND a.attnum = f.adnum"
        " WHERE d.refclassid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND l.lanname NOT IN ('internal', 'c')"
        " AND (d.classid = 'pg_catalog.pg_constraint'::pg_catalog.regclass"
        " OR d.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass AND a.attgenerated <> ''))");
  }

  /// Ends the COPY: the server has taken every row of the chunks that went into it.
  void prove() {
    Connection& c = session();
    std::uint64_t sent = 0;
    for (const auto& receipt : receipts_) sent += receipt.rows;
    std::uint64_t taken = copy_->finish();
    copy_.reset();
    if (large_objects_ && numbers_ == Numbers::replaced) c.execute(kRemoveLargeObjects);
    if (large_objects_) taken = c.number(kMakeLargeObjects);
    if (taken != sent) throw Error(Exit::data, concat("the server took ", taken, " rows, and ", sent, " were sent"), {.endpoint = c.endpoint()});
  }

  void note() {
    const auto proven = std::exchange(receipts_, {});
    session().execute(ledger_chunks_insert(uuid_, proven));
  }

  void end() {
    Connection& c = session();
    try {
      c.execute("COMMIT");
    } catch (const Error& e) {
      if (e.facts().connection_usable) throw;
      throw Error(Exit::in_doubt, "the connection died after COMMIT was sent: " + e.message(),
                  {.endpoint = c.endpoint(), .hint = "Load the same stream again from a file: the ledger tells what is in."});
    }
    open_ = false;
  }

  /// The table that sorts the rows of this one into its partitions, as this server hashes them; null for all other tables.
  const value::TableName* loaded_by_root(const value::TableName& name) {
    if (!roots_) {
      roots_.emplace();
      for (auto& p : hashed_parts(*server_.connect())) roots_->emplace(std::move(p.part_name), std::move(p.root_name));
    }
    const auto at = roots_->find(name);
    return at == roots_->end() ? nullptr : &at->second;
  }

  std::string statement(const value::Table& table, bool binary, bool freeze) {
    const auto* root = loaded_by_root(table.name);
    const auto& into = root == nullptr ? table.name : *root;
    std::string columns;
    for (const auto& column : table.columns) columns += concat(columns.empty() ? "" : ", ", quote_name(column.name));
    return concat("COPY ", quote_table(into.schema, into.table), columns.empty() ? "" : " (" + columns + ")", " FROM STDIN (FORMAT ",
                  binary ? "binary" : "text", freeze ? ", FREEZE)" : ")");
  }

  Connection& session() {
    if (!session_) {
      auto opened = server_.connect();
      // A chunk and its receipt are lost together or not at all, and what the ledger notes at the end, on the disk before it
      // is acknowledged, has everything before it there too: no need to wait for the disk chunk by chunk.
      opened->execute("SET synchronous_commit = off; SET lock_timeout = " + std::string(kLockTimeout));
      // Values travel in the source's encoding, and the preflight has seen that this database has the same: no conversion.
      opened->use_server_encoding();
      // Rows that were right on the source fire nothing here. A role that may not say so has been told by the preflight
      // where it matters: before the late definitions there is nothing that could fire.
      if (opened->query("SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user").yes("rolsuper"))
        opened->execute("SET session_replication_role = replica");
      session_ = std::move(opened);
    }
    return *session_;
  }

  PgServer& server_;
  const Numbers numbers_;
  std::unique_ptr<Connection> session_;
  std::optional<CopyIn> copy_;
  std::optional<std::map<value::TableName, value::TableName>> roots_;  ///< of parts that are partitioned by a hash of this server's own
  std::string uuid_;
  std::vector<ChunkReceipt> receipts_;  ///< what went into copy_ and is not in the ledger yet
  std::uint64_t rows_ = 0;              ///< sent of the chunk
  bool open_ = false;
  bool whole_ = false;  ///< the transaction is a table's
  bool large_objects_ = false;
};

}  // namespace

std::unique_ptr<BulkWriter> make_writer(PgServer& server, Numbers numbers) { return std::make_unique<CopyWriter>(server, numbers); }

}  // namespace flytt::engine::postgres
