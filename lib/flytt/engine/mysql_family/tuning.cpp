// SPDX-License-Identifier: MIT
#include <flytt/engine/mysql_family/tuning.hpp>

#include <algorithm>
#include <thread>

#include <flytt/base/error.hpp>
#include <flytt/base/text.hpp>
#include <flytt/engine/mysql_family/ledger.hpp>
#include <flytt/engine/mysql_family/privileges.hpp>

namespace flytt::engine::mysql_family {
namespace {

constexpr std::string_view kCreateSettings =
    "CREATE TABLE IF NOT EXISTS flytt.settings (name VARCHAR(64) NOT NULL PRIMARY KEY, old_value TEXT NOT NULL, new_value TEXT NOT NULL,"
    " noted TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6)) ENGINE=InnoDB COMMENT='settings that load-stream changed and will put back'";

bool plain_name(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
}

std::string literal(const std::string& value) { return base::parse_u64(value) ? value : quote_text(value); }

class FamilyTuning final : public Tuning {
 public:
  explicit FamilyTuning(FamilyServer& server) : server_(server) {}

  std::vector<Setting> import_settings() override {
    std::vector<Setting> out;
    // 2, not 0: a crash of the server alone then loses nothing, only one of the host does.
    propose(out, "innodb_flush_log_at_trx_commit", "2");
    propose(out, "sync_binlog", "0");
    return out;
  }

  std::vector<Setting> load_settings() override {
    std::vector<Setting> out;
    const Grants grants = current_grants(session(), server_);
    const bool may_set = grants.global("SYSTEM_VARIABLES_ADMIN");
    // A server that writes a binary log wants SUPER for functions and triggers, even in a session that writes none of it.
    // MariaDB lets BINLOG ADMIN change that (10.5.2, "Differences in BINLOG ADMIN").
    if (!grants.global("SUPER") && (may_set || grants.global("BINLOG ADMIN")) && session().scalar("SELECT @@GLOBAL.log_bin") == "1")
      propose(out, "log_bin_trust_function_creators", "1");
    // LOAD DATA LOCAL is the fast way of a server without parameter arrays; where it may not be allowed rows go in by INSERT.
    if (!server_.caps().bulk_execute && may_set) propose(out, "local_infile", "1");
    return out;
  }

  void apply(const std::vector<Setting>& settings) override {
    if (settings.empty()) return;
    Connection& c = session();
    c.execute("CREATE DATABASE IF NOT EXISTS flytt DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin");
    c.execute(kCreateSettings);
    for (const Setting& s : settings) {
      check_name(s.name);
      // A value that is noted already is the true old one: an earlier run ended before it put it back.
      c.execute(base::concat("INSERT INTO flytt.settings (name, old_value, new_value) VALUES (", quote_text(s.name), ", ", quote_text(s.old_value),
                             ", ", quote_text(s.new_value), ") ON DUPLICATE KEY UPDATE new_value = VALUES(new_value)"));
      c.execute("SET GLOBAL " + s.name + " = " + literal(s.new_value));
    }
  }

  std::vector<Setting> restore() override {
    std::vector<Setting> out;
    for (const Setting& s : noted()) {
      check_name(s.name);
      session().execute("SET GLOBAL " + s.name + " = " + literal(s.old_value));
      session().execute("DELETE FROM flytt.settings WHERE name = " + quote_text(s.name));
      out.push_back(s);
    }
    return out;
  }

  std::string restart_fragment() override {
    const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
    return base::concat(
        "# For the length of the import only; remove it and restart when the load is done.\n"
        "[mysqld]\n"
        "innodb_doublewrite = 0\n",
        server_.caps().gtid_domains ? "innodb_log_file_size = 4G\n" : "innodb_redo_log_capacity = 4G\n",
        "# about half of the server's memory\n"
        "#innodb_buffer_pool_size = …\n"
        "innodb_write_io_threads = ", std::min(cores * 2, 16U), "\n");
  }

 private:
  Connection& session() {
    if (!session_) {
      session_ = server_.connect();
      prepare_load_session(*session_, server_);
    }
    return *session_;
  }

  static void check_name(const std::string& name) {
    if (!plain_name(name)) throw base::Error(base::Exit::data, "setting " + base::quote_for_message(name) + " is not a name");
  }

  void propose(std::vector<Setting>& out, const std::string& name, const std::string& value) {
    const auto now = session().scalar("SELECT @@GLOBAL." + name);
    if (now && *now != value) out.push_back({name, *now, value});
  }

  std::vector<Setting> noted() {
    std::vector<Setting> out;
    try {
      const Result r = session().query("SELECT name, old_value, new_value FROM flytt.settings ORDER BY name");
      for (const auto& row : r.rows) out.push_back({row[0].value_or(""), row[1].value_or(""), row[2].value_or("")});
    } catch (const base::Error& e) {
      if (e.facts().native != 1146 && e.facts().native != 1049) throw;
    }
    return out;
  }

  FamilyServer& server_;
  std::unique_ptr<Connection> session_;
};

}  // namespace

std::unique_ptr<Tuning> make_tuning(FamilyServer& server) { return std::make_unique<FamilyTuning>(server); }

}  // namespace flytt::engine::mysql_family
