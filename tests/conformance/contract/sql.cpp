// The only file of these tests that sees a client library.
// SPDX-License-Identifier: MIT
#include "sql.hpp"

#include <libpq-fe.h>
#include <mysql.h>

namespace flytt::test {
namespace {

class MysqlSession final : public Sql::Session {
 public:
  explicit MysqlSession(const engine::Endpoint& e) : handle_(mysql_init(nullptr)) {
    const std::string socket = e.param("socket");
    mysql_options(handle_, MYSQL_SET_CHARSET_NAME, "utf8mb4");
    if (mysql_real_connect(handle_, nullptr, e.user.c_str(), e.password.c_str(), e.database.c_str(), 0, socket.c_str(), 0) == nullptr) {
      const std::string text = mysql_error(handle_);
      mysql_close(handle_);
      throw SqlError(text);
    }
  }
  ~MysqlSession() override { mysql_close(handle_); }
  MysqlSession(const MysqlSession&) = delete;
  MysqlSession& operator=(const MysqlSession&) = delete;

  Sql::Rows run(const std::string& statement) override {
    if (mysql_real_query(handle_, statement.data(), statement.size()) != 0) throw SqlError(mysql_error(handle_));
    MYSQL_RES* result = mysql_store_result(handle_);
    if (result == nullptr) return {};
    Sql::Rows out;
    while (const MYSQL_ROW row = mysql_fetch_row(result)) {
      const unsigned long* lengths = mysql_fetch_lengths(result);
      auto& values = out.emplace_back();
      for (unsigned i = 0; i < mysql_num_fields(result); ++i)
        values.push_back(row[i] == nullptr ? std::nullopt : std::optional(std::string(row[i], lengths[i])));
    }
    mysql_free_result(result);
    return out;
  }

 private:
  MYSQL* handle_;
};

class PostgresSession final : public Sql::Session {
 public:
  explicit PostgresSession(const engine::Endpoint& e) {
    const std::string host = e.param("host"), port = e.param("port");
    const char* const names[] = {"host", "port", "user", "password", "dbname", "options", nullptr};
    const char* const values[] = {host.c_str(), port.c_str(), e.user.c_str(), e.password.c_str(), e.database.c_str(),
                                  "-c client_min_messages=error", nullptr};
    handle_ = PQconnectdbParams(names, values, 0);
    if (PQstatus(handle_) == CONNECTION_OK) return;
    const std::string text = PQerrorMessage(handle_);
    PQfinish(handle_);
    throw SqlError(text);
  }
  ~PostgresSession() override { PQfinish(handle_); }
  PostgresSession(const PostgresSession&) = delete;
  PostgresSession& operator=(const PostgresSession&) = delete;

  Sql::Rows run(const std::string& statement) override {
    const std::unique_ptr<PGresult, decltype(&PQclear)> result(PQexec(handle_, statement.c_str()), &PQclear);
    const auto status = PQresultStatus(result.get());
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) throw SqlError(PQerrorMessage(handle_));
    Sql::Rows out;
    for (int row = 0; row < PQntuples(result.get()); ++row) {
      auto& values = out.emplace_back();
      for (int i = 0; i < PQnfields(result.get()); ++i)
        values.push_back(PQgetisnull(result.get(), row, i) ? std::nullopt : std::optional<std::string>(PQgetvalue(result.get(), row, i)));
    }
    return out;
  }

 private:
  PGconn* handle_ = nullptr;
};

}  // namespace

Sql::Sql(const engine::Endpoint& endpoint) {
  if (endpoint.scheme == "postgres") session_ = std::make_unique<PostgresSession>(endpoint);
  else session_ = std::make_unique<MysqlSession>(endpoint);
}
Sql::~Sql() = default;
Sql::Sql(Sql&&) noexcept = default;

Sql::Rows Sql::run(const std::string& statement) {
  try {
    return session_->run(statement);
  } catch (const SqlError& e) {
    throw SqlError(statement.substr(0, 120) + ": " + e.what());
  }
}

std::string Sql::one(const std::string& statement) {
  const auto rows = run(statement);
  return rows.empty() || rows[0].empty() ? "NULL" : rows[0][0].value_or("NULL");
}

}  // namespace flytt::test
