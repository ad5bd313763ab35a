// SPDX-License-Identifier: MIT
#include <flytt/engine/postgres/ledger.hpp>

#include <flytt/base/text.hpp>
#include <flytt/codec/xxh3.hpp>
#include <flytt/engine/ledger_json.hpp>
#include <flytt/engine/postgres/event_triggers.hpp>

namespace flytt::engine::postgres {
namespace {

using base::concat;
using base::Error;

constexpr std::string_view kCreate =
    "CREATE SCHEMA IF NOT EXISTS flytt;"
    "CREATE TABLE IF NOT EXISTS flytt.copies (uuid text PRIMARY KEY, state text NOT NULL, started timestamptz NOT NULL DEFAULT pg_catalog.now(),"
    " description text NOT NULL);"
    "CREATE TABLE IF NOT EXISTS flytt.ledger (uuid text NOT NULL, phase text NOT NULL, object bigint NOT NULL, chunk bigint NOT NULL,"
    " row_count numeric NOT NULL, state text NOT NULL, name text, remark text, noted timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),"
    " PRIMARY KEY (uuid, phase, object, chunk));"
    "COMMENT ON TABLE flytt.copies IS 'what load-stream copied to this database';"
    "COMMENT ON TABLE flytt.ledger IS 'what of a copy is in'";

constexpr int kLockSeconds = 10;
constexpr std::string_view kNoSuchTable = "42P01";
constexpr std::string_view kNoSuchSchema = "3F000";

/// The database as the source had it. Source: https://www.postgresql.org/docs/current/sql-createdatabase.html
std::string create_database(const value::Manifest& m, const std::string& name, const Capabilities& caps) {
  const auto fact = [&](const std::string& key) {
    const auto at = m.source.settings.find(key);
    return at == m.source.settings.end() ? std::string() : at->second;
  };
  std::string out = concat("CREATE DATABASE ", quote_name(name), " TEMPLATE template0");
  if (!m.databases.empty())
    out += concat(" ENCODING ", quote_text(m.databases[0].charset), " LC_COLLATE ", quote_text(m.databases[0].collation), " LC_CTYPE ", quote_text(fact("database ctype")));
  if (caps.locale_provider && fact("database provider") == "i") out += concat(" LOCALE_PROVIDER icu ICU_LOCALE ", quote_text(fact("database locale")));
  if (caps.locale_rules && !fact("database rules").empty()) out += concat(" ICU_RULES ", quote_text(fact("database rules")));
  if (caps.builtin_locale && fact("database provider") == "b") out += concat(" LOCALE_PROVIDER builtin BUILTIN_LOCALE ", quote_text(fact("database locale")));
  return out;
}

class PgLedger final : public Ledger {
 public:
  explicit PgLedger(PgServer& server) : server_(server) {}

  std::vector<LedgerCopy> copies() override { return read("", {}); }

  std::optional<LedgerCopy> find(const std::string& uuid) override {
    auto found = read(" WHERE uuid = $1", {uuid});
    return found.empty() ? std::nullopt : std::optional(std::move(found.front()));
  }

  void begin(const value::Manifest& manifest) override {
    if (server_.database_missing() && !session_) {
      try {
        server_.connector().connect(Mode::ordinary, "postgres")->execute(create_database(manifest, server_.database(), server_.caps()));
      } catch (const Error& e) {
        if (e.facts().sqlstate != "42P04") throw e.within("while creating database " + server_.database());  // made by somebody since
      }
    }
    hold(manifest.uuid);
    session().execute(kCreate);
    session().query("INSERT INTO flytt.copies (uuid, state, description) VALUES ($1, 'loading', $2) ON CONFLICT DO NOTHING",
                    {manifest.uuid, copy_json(manifest)});
  }

  void intend(const std::string& uuid, const std::string& phase) override { note(uuid, phase, "begun", ""); }
  void done(const std::string& uuid, const std::string& phase, const std::string& remark) override { note(uuid, phase, "done", remark); }

  std::vector<std::pair<std::string, std::string>> remarks(const std::string& uuid) override {
    std::vector<std::pair<std::string, std::string>> out;
    const Result r = session().query(
        "SELECT name, remark FROM flytt.ledger WHERE uuid = $1 AND phase <> 'chunk' AND state = 'done' AND remark <> '' ORDER BY noted, name", {uuid});
    for (const auto& row : r.rows) out.emplace_back(row[0].value_or(""), row[1].value_or(""));
    return out;
  }

  void finish(const std::string& uuid) override { session().query("UPDATE flytt.copies SET state = 'done' WHERE uuid = $1", {uuid}); }

  void forget(const std::string& uuid) override {
    session().query("WITH gone AS (DELETE FROM flytt.ledger WHERE uuid = $1) DELETE FROM flytt.copies WHERE uuid = $1", {uuid});
    if (session().scalar("SELECT pg_catalog.to_regclass('flytt.kept')")) session().query("DELETE FROM flytt.kept WHERE uuid = $1", {uuid});
  }

 private:
  Connection& session() {
    if (!session_) {
      session_ = server_.connect();
      session_->execute("SET synchronous_commit = on");  // what is noted stays noted
      keep_event_triggers_quiet(*session_);
    }
    return *session_;
  }

  /// The server ends the sessions of a loader that was killed within moments; only a living one keeps the lock longer.
  void hold(const std::string& uuid) {
    const std::string key = std::to_string(static_cast<std::int64_t>(codec::hash64("flytt load " + uuid)));
    session().execute(concat("SET lock_timeout = '", kLockSeconds, "s'"));
    try {
      session().execute("SELECT pg_catalog.pg_advisory_lock(" + key + ")");
    } catch (const Error& e) {
      if (e.facts().sqlstate != "55P03") throw;
      const auto holder = session().scalar("SELECT l.pid FROM pg_catalog.pg_locks l WHERE l.locktype = 'advisory' AND l.granted AND"
                                           " (l.classid::bigint << 32 | l.objid::bigint) = " + key);
      throw Error(base::Exit::locked, concat("copy ", uuid, " is being loaded or removed just now, by process ", holder.value_or("unknown")),
                  {.endpoint = session().endpoint(), .hint = "Wait for it; when it is dead, end that session with pg_terminate_backend."});
    }
    session().execute("SET lock_timeout = 0");
  }

  void note(const std::string& uuid, const std::string& phase, const std::string& state, const std::string& remark) {
    session().query("INSERT INTO flytt.ledger (uuid, phase, object, chunk, row_count, state, name, remark) VALUES ($1, $2, 0, 0, 0, $3, $4, $5)"
                    " ON CONFLICT (uuid, phase, object, chunk) DO UPDATE SET state = EXCLUDED.state, remark = EXCLUDED.remark",
                    {uuid, codec::hash128(phase).hex(), state, phase, remark});
  }

  std::vector<LedgerCopy> read(const std::string& where, const Parameters& parameters) {
    if (server_.database_missing() && !session_) return {};
    Result r;
    try {
      r = session().query("SELECT uuid, state, pg_catalog.to_char(started AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"') AS started, description"
                          " FROM flytt.copies" + where + " ORDER BY flytt.copies.started", parameters);
    } catch (const Error& e) {
      if (e.facts().sqlstate == kNoSuchTable || e.facts().sqlstate == kNoSuchSchema) return {};
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
    const Result r = session().query("SELECT phase = 'chunk', chunk, state, name FROM flytt.ledger WHERE uuid = $1", {copy.uuid});
    for (const auto& row : r.rows) {
      if (row[0] == "t") {
        copy.chunks.insert(static_cast<std::uint32_t>(base::parse_u64(row[1].value_or("")).value_or(0)));
      } else {
        copy.intents.insert(row[3].value_or(""));
        if (row[2] == "done") copy.done.insert(row[3].value_or(""));
      }
    }
  }

  PgServer& server_;
  std::unique_ptr<Connection> session_;
};

}  // namespace

std::string ledger_chunks_insert(std::string_view uuid, std::span<const ChunkReceipt> receipts) {
  std::string out = "INSERT INTO flytt.ledger (uuid, phase, object, chunk, row_count, state) VALUES ";
  for (const auto& receipt : receipts)
    out += concat(&receipt == receipts.data() ? "(" : ", (", quote_text(uuid), ", 'chunk', ", receipt.object, ", ", receipt.chunk, ", ", receipt.rows, ", 'done')");
  return out;
}

std::unique_ptr<Ledger> make_ledger(PgServer& server) { return std::make_unique<PgLedger>(server); }

}  // namespace flytt::engine::postgres
