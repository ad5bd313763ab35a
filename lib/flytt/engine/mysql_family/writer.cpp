// The family's BulkWriter: one chunk, one transaction, its receipt inside.
// SPDX-License-Identifier: MIT
#include <flytt/engine/mysql_family/writer.hpp>

#include <utility>

#include <flytt/base/text.hpp>
#include <flytt/engine/mysql_family/ledger.hpp>
#include <flytt/engine/mysql_family/row_loader.hpp>

namespace flytt::engine::mysql_family {
namespace {

using base::Error;
using base::Exit;

constexpr std::size_t kLargeRow = 1U << 20;  ///< such a row goes in alone, long values in pieces

class Writer final : public BulkWriter {
 public:
  explicit Writer(FamilyServer& server)
      : server_(server), connection_(server.connector().connect(server.caps().bulk_execute ? LocalData::Offer::nothing : LocalData::Offer::load_data)) {
    prepare_load_session(*connection_, server_);
    local_infile_ = connection_->scalar("SELECT @@GLOBAL.local_infile") == "1";
  }

  void begin(const value::Table& table) override;
  void write(std::string_view bytes, std::uint64_t rows) override;
  void commit(const std::string& uuid, const ChunkReceipt& receipt) override;
  void rollback() noexcept override;

 private:
  void choose(const value::Table& table);
  Computed computed_of(const value::Table& table);

  FamilyServer& server_;
  std::unique_ptr<Connection> connection_;
  bool local_infile_ = false;
  value::Table table_;
  Computed computed_ = Computed::nothing;  ///< of table_; the session's sql_mode is what it asks for
  std::unique_ptr<RowLoader> loader_;  ///< for ordinary rows of table_
  std::unique_ptr<RowLoader> large_;
  std::uint64_t rows_ = 0;
};

Computed Writer::computed_of(const value::Table& table) {
  const std::string where = base::concat(" WHERE TABLE_SCHEMA = ", quote_text(table.name.schema), " AND TABLE_NAME = ", quote_text(table.name.table));
  std::string asked = base::concat("SELECT EXISTS (SELECT 1 FROM information_schema.COLUMNS", where, " AND GENERATION_EXPRESSION <> '')");
  if (server_.caps().functional_keys) asked += base::concat(" OR EXISTS (SELECT 1 FROM information_schema.STATISTICS", where, " AND EXPRESSION IS NOT NULL)");
  return connection_->number(asked) == 0 ? Computed::nothing : Computed::columns;
}

void Writer::choose(const value::Table& table) {
  if (loader_ && table_.name == table.name) return;
  loader_.reset();
  large_.reset();
  table_ = table;
  if (const auto computed = computed_of(table); computed != std::exchange(computed_, computed)) connection_->execute(load_mode(computed));
  if (server_.caps().bulk_execute) loader_ = make_bulk_insert(*connection_, table_, computed_);
  else if (local_infile_) loader_ = make_load_data(*connection_, table_, computed_);
  else loader_ = make_row_insert(*connection_, table_, computed_);
}

void Writer::begin(const value::Table& table) {
  if (table.encoding != "flytt-row/1")
    throw Error(Exit::unavailable, "table " + table.name.display() + " comes in encoding " + table.encoding,
                {.endpoint = connection_->endpoint(), .hint = "Use a load-stream that knows it."});
  choose(table);
  rows_ = 0;
  connection_->execute("START TRANSACTION");
}

void Writer::write(std::string_view bytes, std::uint64_t rows) try {
  value::RowCursor cursor(table_.columns, bytes);
  std::uint64_t got = 0;
  for (; cursor.next(); ++got) {
    if (cursor.row().size() < kLargeRow) {
      loader_->add(cursor.cells());
      continue;
    }
    loader_->flush();  // rows keep their order
    if (!large_) large_ = make_row_insert(*connection_, table_, computed_);
    large_->add(cursor.cells());
  }
  loader_->flush();
  if (got != rows)
    throw Error(Exit::data, base::concat("a block says ", rows, " rows and holds ", got));
  rows_ += got;
} catch (const Error& e) {
  throw e.within("while loading into " + table_.name.display());
}

void Writer::commit(const std::string& uuid, const ChunkReceipt& receipt) {
  if (rows_ != receipt.rows)
    throw Error(Exit::data, base::concat("chunk ", receipt.chunk, " of ", table_.name.display(), " says ", receipt.rows,
                                         " rows and ", rows_, " were loaded"));
  try {
    connection_->execute(ledger_chunk_insert(uuid, receipt));
  } catch (const Error& e) {
    constexpr int kDuplicateKey = 1062;
    if (e.facts().native != kDuplicateKey) throw;
    // The session of a loader that was killed has committed this chunk after the ledger was read: it is in, once.
    connection_->execute("ROLLBACK");
    return;
  }
  try {
    connection_->execute("COMMIT");
  } catch (const Error& e) {
    if (e.facts().connection_usable || server_.connector().cancelled()) throw;
    throw Error(Exit::in_doubt, base::concat("the connection died while chunk ", receipt.chunk, " of ", table_.name.display(),
                                             " was committed: ", e.message()),
                {.endpoint = connection_->endpoint(),
                 .hint = "The same stream again finds out from the ledger whether the chunk is in."});
  }
}

void Writer::rollback() noexcept {
  loader_.reset();
  large_.reset();
  try {
    connection_->execute("ROLLBACK");
  } catch (...) {
    // A dead connection has rolled back by itself.
  }
}

}  // namespace

std::unique_ptr<BulkWriter> make_writer(FamilyServer& server) { return std::make_unique<Writer>(server); }

}  // namespace flytt::engine::mysql_family
