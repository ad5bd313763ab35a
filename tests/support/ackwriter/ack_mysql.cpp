// The C client of MySQL and MariaDB, used plainly and apart from flytt's own code: a witness should not share the mistakes of the accused.
// SPDX-License-Identifier: MIT
#include <mysql.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <stdexcept>

#include "ack_session.hpp"

namespace ackwriter {
namespace {

/// Client and server errors after which there is no connection: gone, lost, lost (extended), killed, shutting down, aborted.
constexpr std::array<unsigned, 7> kConnectionEnded{2006, 2013, 2055, 2026, 1927, 1053, 1152};

constexpr unsigned kConnectSeconds = 5;
constexpr unsigned kAnswerSeconds = 60;

struct Address {
  std::string host, socket;
  unsigned port = 0;
};

Address split(const std::string& text) {
  if (text.starts_with('/')) return {"localhost", text, 0};
  const auto colon = text.rfind(':');
  if (colon == std::string::npos) throw std::runtime_error("not host:port or a socket's path: " + text);
  return {text.substr(0, colon), "", static_cast<unsigned>(std::atoi(text.c_str() + colon + 1))};
}

void use_tls(MYSQL* m, const std::string& ca) {
  if (ca.empty()) return;
  mysql_ssl_set(m, nullptr, nullptr, ca.c_str(), nullptr, nullptr);
#ifdef MARIADB_PACKAGE_VERSION
  my_bool yes = 1;
  mysql_optionsv(m, MYSQL_OPT_SSL_ENFORCE, &yes);
  mysql_optionsv(m, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &yes);
#else
  unsigned verified = SSL_MODE_VERIFY_IDENTITY;
  mysql_options(m, MYSQL_OPT_SSL_MODE, &verified);
#endif
}

class MysqlSession final : public Session {
 public:
  MysqlSession(const std::string& address, const Account& account) : handle_(mysql_init(nullptr), mysql_close) {
    MYSQL* m = handle_.get();
    const Address at = split(address);
    mysql_options(m, MYSQL_OPT_CONNECT_TIMEOUT, &kConnectSeconds);
    mysql_options(m, MYSQL_OPT_READ_TIMEOUT, &kAnswerSeconds);
    mysql_options(m, MYSQL_OPT_WRITE_TIMEOUT, &kAnswerSeconds);
    use_tls(m, account.ssl_ca);
    if (mysql_real_connect(m, at.host.c_str(), account.user.c_str(), std::getenv("MYSQL_PWD"), account.database.c_str(), at.port,
                           at.socket.empty() ? nullptr : at.socket.c_str(), 0) == nullptr)
      throw std::runtime_error(address + ": " + mysql_error(m));
  }

  Answer run(const std::string& statement) override {
    MYSQL* m = handle_.get();
    if (mysql_real_query(m, statement.data(), statement.size()) == 0) return Answer::done;
    const unsigned number = mysql_errno(m);
    return std::find(kConnectionEnded.begin(), kConnectionEnded.end(), number) == kConnectionEnded.end() ? Answer::refused : Answer::lost;
  }

  std::uint64_t affected() const override { return mysql_affected_rows(handle_.get()); }

  void query(const std::string& statement, const std::function<void(const std::vector<std::optional<std::string>>&)>& row) override {
    MYSQL* m = handle_.get();
    if (mysql_real_query(m, statement.data(), statement.size()) != 0) throw std::runtime_error(mysql_error(m));
    const std::unique_ptr<MYSQL_RES, decltype(&mysql_free_result)> result(mysql_use_result(m), mysql_free_result);
    if (!result) throw std::runtime_error(mysql_error(m));
    while (MYSQL_ROW fields = mysql_fetch_row(result.get())) {
      const unsigned long* lengths = mysql_fetch_lengths(result.get());
      std::vector<std::optional<std::string>> values;
      for (unsigned i = 0; i < mysql_num_fields(result.get()); ++i)
        values.push_back(fields[i] ? std::optional<std::string>(std::string(fields[i], lengths[i])) : std::nullopt);
      row(values);
    }
    if (mysql_errno(m) != 0) throw std::runtime_error(mysql_error(m));
  }

 private:
  std::unique_ptr<MYSQL, decltype(&mysql_close)> handle_;
};

}  // namespace

std::unique_ptr<Session> connect_mysql(const std::string& address, const Account& account) {
  return std::make_unique<MysqlSession>(address, account);
}

}  // namespace ackwriter
