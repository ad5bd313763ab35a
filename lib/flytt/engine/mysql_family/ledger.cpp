// SPDX-License-Identifier: MIT
#include <flytt/engine/mysql_family/ledger.hpp>

#include <flytt/base/error.hpp>
#include <flytt/base/text.hpp>
#include <flytt/codec/xxh3.hpp>
#include <flytt/engine/ledger_json.hpp>

namespace flytt::engine::mysql_family {
namespace {

constexpr std::string_view kCreateDatabase = "CREATE DATABASE IF NOT EXISTS flytt DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin";
constexpr std::string_view kCreateCopies =
    "CREATE TABLE IF NOT EXISTS flytt.copies (uuid VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,"
    " state VARCHAR(16) NOT NULL, started DATETIME(6) NOT NULL, description LONGTEXT NOT NULL)"
    " ENGINE=InnoDB COMMENT='what load-stream copied to this server'";
/// One row a chunk (phase 'chunk') and one a phase (its digest, since names are longer than a key may be).
constexpr std::string_view kCreateLedger =
    "CREATE TABLE IF NOT EXISTS flytt.ledger (uuid VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,"
    " phase VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL, object INT UNSIGNED NOT NULL, chunk INT UNSIGNED NOT NULL,"
    " row_count BIGINT UNSIGNED NOT NULL, state VARCHAR(16) NOT NULL, name LONGTEXT, remark LONGTEXT,"
    " noted TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6), PRIMARY KEY (uuid, phase, object, chunk))"
    " ENGINE=InnoDB COMMENT='what of a copy is in'";

constexpr int kLockSeconds = 5;

constexpr int kNoSuchDatabase = 1049;
constexpr int kNoSuchTable = 1146;

std::string phase_key(const std::string& phase) { return codec::hash128(phase).hex(); }

class FamilyLedger final : public Ledger {
 public:
  explicit FamilyLedger(FamilyServer& server) : server_(server) {}

  std::vector<LedgerCopy> copies() override { return read(""); }

  std::optional<LedgerCopy> find(const std::string& uuid) override {
    auto found = read(" WHERE uuid = " + quote_text(uuid));
    return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
  }

  void begin(const value::Manifest& manifest) override {
    Connection& c = session();
    hold(c, manifest.uuid);
    c.execute(kCreateDatabase);
    c.execute(kCreateCopies);
    c.execute(kCreateLedger);
    c.execute(base::concat("INSERT INTO flytt.copies (uuid, state, started, description) VALUES (", quote_text(manifest.uuid),
                           ", 'loading', UTC_TIMESTAMP(6), ", quote_text(copy_json(manifest)), ") ON DUPLICATE KEY UPDATE state = state"));
  }

  void intend(const std::string& uuid, const std::string& phase) override { note(uuid, phase, "begun", ""); }

  void done(const std::string& uuid, const std::string& phase, const std::string& remark) override { note(uuid, phase, "done", remark); }

  std::vector<std::pair<std::string, std::string>> remarks(const std::string& uuid) override {
    std::vector<std::pair<std::string, std::string>> out;
    const Result r = session().query(base::concat("SELECT name, remark FROM flytt.ledger WHERE uuid = ", quote_text(uuid),
                                                  " AND phase <> 'chunk' AND state = 'done' AND remark <> '' ORDER BY noted, name"));
    for (const auto& row : r.rows) out.emplace_back(row[0].value_or(""), row[1].value_or(""));
    return out;
  }

  void finish(const std::string& uuid) override {
    session().execute("UPDATE flytt.copies SET state = 'done' WHERE uuid = " + quote_text(uuid));
  }

  void forget(const std::string& uuid) override {
    Connection& c = session();
    c.execute("START TRANSACTION");
    c.execute("DELETE FROM flytt.ledger WHERE uuid = " + quote_text(uuid));
    c.execute("DELETE FROM flytt.copies WHERE uuid = " + quote_text(uuid));
    c.execute("COMMIT");
  }

 private:
  /// The server ends the sessions of a loader that was killed within moments; only a living one keeps the lock longer.
  static void hold(Connection& c, const std::string& uuid) {
    const std::string name = quote_text("flytt load " + uuid);
    if (c.scalar(base::concat("SELECT GET_LOCK(", name, ", ", kLockSeconds, ")")) == "1") return;
    const auto holder = c.scalar("SELECT IS_USED_LOCK(" + name + ")");
    throw base::Error(base::Exit::locked, base::concat("copy ", uuid, " is being loaded or removed just now, by connection ", holder.value_or("unknown")),
                      {.endpoint = c.endpoint(), .hint = "Wait for it; when it is dead, KILL that connection."});
  }

  Connection& session() {
    if (!session_) {
      session_ = server_.connect();
      prepare_load_session(*session_, server_);
    }
    return *session_;
  }

  void note(const std::string& uuid, const std::string& phase, std::string_view state, const std::string& remark) {
    session().execute(base::concat("INSERT INTO flytt.ledger (uuid, phase, object, chunk, row_count, state, name, remark) VALUES (", quote_text(uuid),
                                   ", '", phase_key(phase), "', 0, 0, 0, '", state, "', ", quote_text(phase), ", ", quote_text(remark),
                                   ") ON DUPLICATE KEY UPDATE state = VALUES(state), remark = VALUES(remark)"));
  }

  std::vector<LedgerCopy> read(const std::string& where) {
    Result r;
    try {
      r = session().query("SELECT uuid, state, DATE_FORMAT(started, '%Y-%m-%dT%H:%i:%s.%fZ') AS started, description FROM flytt.copies" + where +
                          " ORDER BY flytt.copies.started");
    } catch (const base::Error& e) {
      if (e.facts().native == kNoSuchTable || e.facts().native == kNoSuchDatabase) return {};
      throw;
    }
    std::vector<LedgerCopy> out;
    for (std::size_t i = 0; i < r.rows.size(); ++i) {
      LedgerCopy& copy = out.emplace_back();
      copy.uuid = r.text("uuid", i);
      copy.state = r.text("state", i);
      copy.started = r.text("started", i);
      read_copy_json(r.text("description", i), copy);
      read_rows(copy);
    }
    return out;
  }

  void read_rows(LedgerCopy& copy) {
    const Result r = session().query("SELECT phase = 'chunk', chunk, state, name FROM flytt.ledger WHERE uuid = " + quote_text(copy.uuid));
    for (const auto& row : r.rows) {
      if (row[0] == "1") {
        copy.chunks.insert(static_cast<std::uint32_t>(base::parse_u64(row[1].value_or("")).value_or(0)));
      } else {
        copy.intents.insert(row[3].value_or(""));
        if (row[2] == "done") copy.done.insert(row[3].value_or(""));
      }
    }
  }

  FamilyServer& server_;
  std::unique_ptr<Connection> session_;
};

}  // namespace

std::string ledger_chunk_insert(std::string_view uuid, const ChunkReceipt& receipt) {
  return base::concat("INSERT INTO flytt.ledger (uuid, phase, object, chunk, row_count, state) VALUES (", quote_text(uuid), ", 'chunk', ",
                      receipt.object, ", ", receipt.chunk, ", ", receipt.rows, ", 'done')");
}

std::unique_ptr<Ledger> make_ledger(FamilyServer& server) { return std::make_unique<FamilyLedger>(server); }

}  // namespace flytt::engine::mysql_family
