// One connection of an application to a MySQL or MariaDB server, with the three answers that matter to it.
// Layer: test support.  Thread rule: one thread; mysql.h stays in the .cpp.
// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

struct st_mysql;

namespace ackwriter {

/// Where and as whom. The password comes from MYSQL_PWD.
struct Account {
  std::string user;
  std::string database;
  std::string ssl_ca;  ///< Set: TLS with the server verified. Empty: as the server likes.
};

enum class Answer { done, refused, lost };

class Session {
 public:
  /// `address` is host:port or the path of a Unix socket. Throws std::runtime_error when it cannot connect.
  Session(const std::string& address, const Account& account);

  /// Runs a statement without a result. `lost`: the connection ended before an answer came.
  Answer run(const std::string& statement);

  std::uint64_t affected() const;
  std::string error() const;

  /// Each row of the answer as text, as it arrives. Throws std::runtime_error.
  void query(const std::string& statement, const std::function<void(const std::vector<std::optional<std::string>>&)>& row);

 private:
  struct Close {
    void operator()(st_mysql* handle) const noexcept;
  };
  std::unique_ptr<st_mysql, Close> handle_;
};

}  // namespace ackwriter
