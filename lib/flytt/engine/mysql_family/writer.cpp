// The family's BulkWriter: one chunk, one transaction, its receipt inside.
// SPDX-License-Identifier: MIT
#include <flytt/engine/mysql_family/writer.hpp>

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

  FamilyServer& server_;
  std::unique_ptr<Connection> connection_;
  bool local_infile_ = false;
  value::Table table_;
  std::unique_ptr<RowLoader> loader_;  ///< for ordinary rows of table_
  std::unique_ptr<RowLoader> large_;
  std::uint64_t rows_ = 0;
};

void Writer::choose(const value::Table& table) {
  if (loader_ && table_.name == table.name) return;
  loader_.reset();
  large_.reset();
  table_ = table;
  if (server_.caps().bulk_execute) loader_ = make_bulk_insert(*connection_, table_);
  else if (local_infile_) loader_ = make_load_data(*connection_, table_);
  else loader_ = make_row_insert(*connection_, table_);
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
    if (!large_) large_ = make_row_insert(*connection_, table_);
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
