// The directories of data, write-ahead log and tablespaces. The server shows them to superusers and pg_read_all_settings only.
// Source: https://www.postgresql.org/docs/current/storage-file-layout.html
// SPDX-License-Identifier: MIT
#include <flytt/engine/postgres/storage.hpp>

#include <libpq-fe.h>

#include <filesystem>

#include <flytt/base/text.hpp>

namespace flytt::engine::postgres {
namespace {

using base::Error;
using base::Exit;

constexpr std::string_view kTablespaces =
    "SELECT spcname, pg_catalog.pg_tablespace_location(oid) AS path, spcname = ANY (pg_catalog.string_to_array(pg_catalog.replace("
    "pg_catalog.current_setting('temp_tablespaces'), ' ', ''), ',')) AS temporary FROM pg_catalog.pg_tablespace"
    " WHERE pg_catalog.pg_tablespace_location(oid) <> '' ORDER BY 1";

constexpr std::string_view kActivity =
    "SELECT pg_catalog.count(*) AS running, pg_catalog.count(*) FILTER (WHERE wait_event_type = 'Lock') AS locked FROM pg_catalog.pg_stat_activity"
    " WHERE state = 'active' AND backend_type = 'client backend' AND pid <> pg_catalog.pg_backend_pid()";

class PgStorage final : public Storage {
 public:
  explicit PgStorage(PgServer& server) : server_(server) {}

  std::vector<StoragePlace> places() override {
    const std::string data = setting("data_directory");
    std::vector<StoragePlace> out{{"data", data, "data_directory"}, {"redo", wal(data), "pg_wal"}};
    const Result r = session().query(kTablespaces);
    bool temporary = false;
    for (std::size_t i = 0; i < r.rows.size(); ++i) {
      out.push_back({"tablespace", r.text("path", i), r.text("spcname", i)});
      if (!r.yes("temporary", i)) continue;
      out.push_back({"temp", r.text("path", i), "temp_tablespaces"});
      temporary = true;
    }
    if (!temporary) out.push_back({"temp", data, "base/pgsql_tmp"});
    return out;
  }

  ServerActivity activity() override {
    const Result r = session().query(kActivity);
    return {static_cast<std::uint32_t>(r.number("running")), static_cast<std::uint32_t>(r.number("locked"))};
  }

  /// An empty statement: the protocol has no smaller exchange.
  void ping() override { session().execute(""); }
  void select_one() override { session().query("SELECT 1"); }
  int descriptor() override { return PQsocket(session().raw()); }

 private:
  Connection& session() {
    if (!session_) session_ = server_.connect();
    return *session_;
  }

  std::string setting(const std::string& name) {
    const Result r = session().query("SELECT setting FROM pg_catalog.pg_settings WHERE name = $1", {name});
    if (r.empty() || r.text("setting").empty())
      throw Error(Exit::privilege, "the role may not see " + name, {.endpoint = server_.endpoint().display(), .hint = "GRANT pg_read_all_settings TO it."});
    return r.text("setting");
  }

  /// Often a link to a disk of its own. It is followed where it is this host's, which the caller proves.
  static std::string wal(const std::string& data) {
    const std::filesystem::path path = std::filesystem::path(data) / "pg_wal";
    std::error_code ignored;
    const auto real = std::filesystem::canonical(path, ignored);
    return (ignored ? path : real).string();
  }

  PgServer& server_;
  std::unique_ptr<Connection> session_;
};

}  // namespace

std::unique_ptr<Storage> make_storage(PgServer& server) { return std::make_unique<PgStorage>(server); }

}  // namespace flytt::engine::postgres
