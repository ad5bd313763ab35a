// libpq, used plainly and apart from flytt's own code: a witness should not share the mistakes of the accused.
// SPDX-License-Identifier: MIT
#include <libpq-fe.h>

#include <cstdlib>
#include <stdexcept>
#include <string_view>

#include "ack_session.hpp"

namespace ackwriter {
namespace {

/// So long may an answer take.
constexpr const char* kOptions = "-c statement_timeout=60s";

struct Clear {
  void operator()(PGresult* result) const noexcept { PQclear(result); }
};
using Result = std::unique_ptr<PGresult, Clear>;

class PostgresSession final : public Session {
 public:
  PostgresSession(const std::string& address, const Account& account) {
    const auto colon = address.rfind(':');
    if (colon == std::string::npos) throw std::runtime_error("not postgres://host:port: " + address);
    const std::string host = address.substr(0, colon), port = address.substr(colon + 1);
    const bool tls = !account.ssl_ca.empty();
    const char* names[] = {"host", "port", "user", "dbname", "connect_timeout", "application_name", "options", tls ? "sslmode" : nullptr, "sslrootcert", nullptr};
    const char* values[] = {host.c_str(), port.c_str(), account.user.c_str(), account.database.c_str(), "5", "ackwriter", kOptions,
                            "verify-full", account.ssl_ca.c_str(), nullptr};
    connection_.reset(PQconnectdbParams(names, values, 0));
    if (PQstatus(connection_.get()) != CONNECTION_OK) throw std::runtime_error(address + ": " + PQerrorMessage(connection_.get()));
  }

  Answer run(const std::string& statement) override {
    affected_ = 0;
    const Result result(PQexec(connection_.get(), statement.c_str()));
    if (!result || PQstatus(connection_.get()) != CONNECTION_OK) return Answer::lost;
    if (PQresultStatus(result.get()) != PGRES_COMMAND_OK) {
      // The server says goodbye (57P01 and its like): the connection is gone, even where its end has not been seen yet.
      const char* state = PQresultErrorField(result.get(), PG_DIAG_SQLSTATE);
      return state == nullptr || std::string_view(state).starts_with("57P") ? Answer::lost : Answer::refused;
    }
    // A transaction in which something failed answers COMMIT with ROLLBACK, and calls that a success.
    const std::string_view tag = PQcmdStatus(result.get());
    if (statement == "COMMIT" && tag != "COMMIT") return Answer::refused;
    affected_ = std::strtoull(PQcmdTuples(result.get()), nullptr, 10);
    return Answer::done;
  }

  std::uint64_t affected() const override { return affected_; }

  void query(const std::string& statement, const std::function<void(const std::vector<std::optional<std::string>>&)>& row) override {
    const Result result(PQexec(connection_.get(), statement.c_str()));
    if (PQresultStatus(result.get()) != PGRES_TUPLES_OK) throw std::runtime_error(PQerrorMessage(connection_.get()));
    for (int i = 0; i < PQntuples(result.get()); ++i) {
      std::vector<std::optional<std::string>> values;
      for (int k = 0; k < PQnfields(result.get()); ++k)
        values.push_back(PQgetisnull(result.get(), i, k) ? std::nullopt
                                                         : std::optional<std::string>(std::in_place, PQgetvalue(result.get(), i, k), PQgetlength(result.get(), i, k)));
      row(values);
    }
  }

 private:
  struct Finish {
    void operator()(PGconn* connection) const noexcept { PQfinish(connection); }
  };
  std::unique_ptr<PGconn, Finish> connection_;
  std::uint64_t affected_ = 0;
};

}  // namespace

std::unique_ptr<Session> connect_postgres(const std::string& address, const Account& account) {
  return std::make_unique<PostgresSession>(address, account);
}

}  // namespace ackwriter
