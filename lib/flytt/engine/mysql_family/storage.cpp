// The directories that innodb, the binary log and temporary tables write to, from the server's own variables.
// Source: https://mariadb.com/kb/en/innodb-system-variables/, https://dev.mysql.com/doc/refman/9.0/en/innodb-parameters.html
// SPDX-License-Identifier: MIT
#include <flytt/engine/mysql_family/storage.hpp>

#include <map>

#include <mysql.h>

#include <flytt/base/text.hpp>
#include <flytt/engine/mysql_family/family_server.hpp>

namespace flytt::engine::mysql_family {
namespace {

constexpr std::string_view kVariables =
    "SHOW GLOBAL VARIABLES WHERE Variable_name IN ('datadir','innodb_data_home_dir','innodb_log_group_home_dir','innodb_undo_directory',"
    "'innodb_doublewrite_dir','log_bin','log_bin_basename','relay_log_basename','tmpdir','innodb_tmpdir','innodb_temp_tablespaces_dir')";

/// Tables outside of the data directory; both spellings of the dictionary's table are tried.
constexpr std::string_view kElsewhere[] = {
    "SELECT DISTINCT SUBSTRING_INDEX(PATH, '/', CHAR_LENGTH(PATH) - CHAR_LENGTH(REPLACE(PATH, '/', '')) - 1) AS path "
    "FROM information_schema.INNODB_DATAFILES WHERE PATH LIKE '/%'",
    "SELECT DISTINCT SUBSTRING_INDEX(PATH, '/', CHAR_LENGTH(PATH) - CHAR_LENGTH(REPLACE(PATH, '/', '')) - 1) AS path "
    "FROM information_schema.INNODB_SYS_DATAFILES WHERE PATH LIKE '/%'",
    "SELECT DISTINCT SUBSTRING_INDEX(FILENAME, '/', CHAR_LENGTH(FILENAME) - CHAR_LENGTH(REPLACE(FILENAME, '/', '')) - 1) AS path "
    "FROM information_schema.INNODB_SYS_TABLESPACES WHERE FILENAME LIKE '/%'"};

constexpr std::string_view kActivity =
    "SELECT COUNT(*) AS running, COALESCE(SUM(STATE LIKE '%lock%' AND STATE NOT LIKE 'unlock%'), 0) AS locked "
    "FROM information_schema.PROCESSLIST WHERE ID <> CONNECTION_ID() AND COMMAND NOT IN ('Sleep', 'Daemon', 'Binlog Dump', "
    "'Binlog Dump GTID', 'Slave_IO', 'Slave_SQL', 'Slave_worker', 'Connect')";

/// Row locks do not show in the process list's state.
constexpr std::string_view kRowLocks = "SELECT COUNT(*) FROM information_schema.INNODB_TRX WHERE trx_state = 'LOCK WAIT'";

class FamilyStorage final : public Storage {
 public:
  explicit FamilyStorage(FamilyServer& server) : server_(server) {}

  std::vector<StoragePlace> places() override {
    const Result r = session().query(kVariables);
    std::map<std::string, std::string> v;
    for (const auto& row : r.rows) v[base::lower(row[0].value_or(""))] = row[1].value_or("");
    datadir_ = directory(v["datadir"]);
    std::vector<StoragePlace> out{{"data", datadir_, "datadir"}};
    const auto add = [&](const char* role, const char* name) {
      if (const auto& value = v[name]; !value.empty()) out.push_back({role, absolute(value), name});
    };
    add("data", "innodb_data_home_dir");
    if (v["innodb_log_group_home_dir"].empty()) v["innodb_log_group_home_dir"] = "./";
    add("redo", "innodb_log_group_home_dir");
    add("redo", "innodb_doublewrite_dir");
    if (v["innodb_undo_directory"].empty()) v["innodb_undo_directory"] = "./";
    add("undo", "innodb_undo_directory");
    if (v["log_bin"] == "ON" && !v["log_bin_basename"].empty()) out.push_back({"binlog", parent(absolute(v["log_bin_basename"])), "log_bin_basename"});
    if (!v["relay_log_basename"].empty()) out.push_back({"binlog", parent(absolute(v["relay_log_basename"])), "relay_log_basename"});
    for (const auto part : base::split(v["tmpdir"], ':'))
      if (!part.empty()) out.push_back({"temp", absolute(std::string(part)), "tmpdir"});
    add("temp", "innodb_tmpdir");
    add("temp", "innodb_temp_tablespaces_dir");
    add_tables_elsewhere(out);
    return out;
  }

  std::string locked_file() override {
    if (datadir_.empty()) datadir_ = directory(session().scalar("SELECT @@GLOBAL.datadir").value_or(""));
    return datadir_ + "/ibdata1";
  }

  ServerActivity activity() override {
    const Result r = session().query(kActivity);
    ServerActivity out;
    out.running = static_cast<std::uint32_t>(base::parse_u64(r.text("running")).value_or(0));
    const auto in_list = base::parse_u64(r.text("locked")).value_or(0);
    const auto rows = row_locks_readable_ ? row_locks() : 0;
    out.waiting_for_lock = static_cast<std::uint32_t>(std::max(in_list, rows));
    return out;
  }

  void ping() override {
    if (!session().alive()) throw base::Error(base::Exit::unavailable, "the server no longer answers", {.endpoint = server_.endpoint().display()});
  }
  void select_one() override { session().query("SELECT 1"); }
  int descriptor() override { return static_cast<int>(session().raw()->net.fd); }

 private:
  Connection& session() {
    if (!session_) session_ = server_.connect();
    return *session_;
  }

  static std::string directory(std::string path) {
    while (path.size() > 1 && path.back() == '/') path.pop_back();
    return path;
  }
  static std::string parent(const std::string& path) { return directory(path.substr(0, path.rfind('/') + 1)); }
  std::string absolute(std::string path) const {
    if (path.starts_with("./")) path.erase(0, 2);
    if (path.empty() || path == ".") return datadir_;
    return directory(path.front() == '/' ? path : datadir_ + "/" + path);
  }

  /// The dictionary's tables differ between products and need PROCESS: what cannot be read is left out.
  void add_tables_elsewhere(std::vector<StoragePlace>& out) {
    for (const auto statement : kElsewhere) {
      try {
        const Result r = session().query(statement);
        for (std::size_t i = 0; i < r.rows.size(); ++i) {
          const auto path = directory(r.text("path", i));
          if (!path.empty() && !path.starts_with(datadir_)) out.push_back({"tablespace", path, "DATA DIRECTORY"});
        }
        return;
      } catch (const base::Error& e) {
        if (!e.facts().connection_usable) throw;
      }
    }
  }

  std::uint64_t row_locks() {
    try {
      return session().number(kRowLocks);
    } catch (const base::Error& e) {
      if (!e.facts().connection_usable) throw;
      row_locks_readable_ = false;
      return 0;
    }
  }

  FamilyServer& server_;
  std::unique_ptr<Connection> session_;
  std::string datadir_;
  bool row_locks_readable_ = true;
};

}  // namespace

std::unique_ptr<Storage> make_storage(FamilyServer& server) { return std::make_unique<FamilyStorage>(server); }

}  // namespace flytt::engine::mysql_family
