// SPDX-License-Identifier: MIT
#include <flytt/engine/postgres/tuning.hpp>

#include <algorithm>

#include <flytt/base/error.hpp>
#include <flytt/base/text.hpp>

namespace flytt::engine::postgres {
namespace {

using base::concat;
using base::Error;
using base::Exit;

constexpr std::string_view kCreateSettings =
    "CREATE SCHEMA IF NOT EXISTS flytt;"
    "CREATE TABLE IF NOT EXISTS flytt.settings (name text PRIMARY KEY, old_value text NOT NULL, was_set boolean NOT NULL, new_value text NOT NULL,"
    " noted timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp());"
    "COMMENT ON TABLE flytt.settings IS 'settings that load-stream changed and will put back'";

class PgTuning final : public Tuning {
 public:
  explicit PgTuning(PgServer& server) : server_(server) {}

  std::vector<Setting> import_settings() override {
    std::vector<Setting> out;
    if (!session().query("SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user").yes("rolsuper"))
      throw Error(Exit::privilege, "--import-mode changes settings of the whole server, and only a superuser may",
                  {.endpoint = server_.endpoint().display(), .hint = "Load as a superuser, or without --import-mode."});
    // A crash loses the last commits and never damages anything; ledger rows are committed durably all the same.
    propose(out, "synchronous_commit", "off");
    propose(out, "autovacuum", "off");
    propose(out, "max_wal_size", "16384");  // MB, its unit
    propose(out, "checkpoint_timeout", "3600");
    return out;
  }

  std::vector<Setting> load_settings() override { return {}; }

  void apply(const std::vector<Setting>& settings) override {
    if (settings.empty()) return;
    Connection& c = session();
    c.execute(kCreateSettings);
    for (const Setting& s : settings) {
      // A value that is noted already is the true old one: an earlier run ended before it put it back.
      c.query("INSERT INTO flytt.settings (name, old_value, was_set, new_value) SELECT $1, $2, EXISTS (SELECT 1 FROM pg_catalog.pg_file_settings"
              " WHERE name = $1 AND sourcefile LIKE '%postgresql.auto.conf'), $3 ON CONFLICT (name) DO UPDATE SET new_value = EXCLUDED.new_value",
              {s.name, s.old_value, s.new_value});
      c.execute(concat("ALTER SYSTEM SET ", quote_name(s.name), " = ", quote_text(s.new_value)));
    }
    c.execute("SELECT pg_catalog.pg_reload_conf()");
  }

  std::vector<Setting> restore() override {
    std::vector<Setting> out;
    if (server_.database_missing()) return out;
    Result r;
    try {
      r = session().query("SELECT name, old_value, was_set, new_value FROM flytt.settings ORDER BY name");
    } catch (const Error& e) {
      if (e.facts().sqlstate == "42P01" || e.facts().sqlstate == "3F000") return out;
      throw;
    }
    for (std::size_t i = 0; i < r.rows.size(); ++i) {
      const std::string name = r.text("name", i);
      session().execute(r.yes("was_set", i) ? concat("ALTER SYSTEM SET ", quote_name(name), " = ", quote_text(r.text("old_value", i)))
                                            : concat("ALTER SYSTEM RESET ", quote_name(name)));
      out.push_back({name, r.text("old_value", i), r.text("new_value", i)});
    }
    if (out.empty()) return out;
    session().execute("SELECT pg_catalog.pg_reload_conf()");
    session().execute("DELETE FROM flytt.settings");
    return out;
  }

  std::string restart_fragment() override {
    return "# For the length of the import only; remove it and restart when the load is done.\n"
           "wal_level = minimal\n"
           "max_wal_senders = 0\n"
           "# about a quarter of the server's memory\n"
           "#shared_buffers = …\n";
  }

 private:
  Connection& session() {
    if (!session_) session_ = server_.connect();
    return *session_;
  }

  void propose(std::vector<Setting>& out, const std::string& name, const std::string& value) {
    const Result r = session().query("SELECT setting FROM pg_catalog.pg_settings WHERE name = $1", {name});
    if (!r.empty() && r.text("setting") != value) out.push_back({name, r.text("setting"), value});
  }

  PgServer& server_;
  std::unique_ptr<Connection> session_;
};

}  // namespace

std::unique_ptr<Tuning> make_tuning(PgServer& server) { return std::make_unique<PgTuning>(server); }

}  // namespace flytt::engine::postgres
