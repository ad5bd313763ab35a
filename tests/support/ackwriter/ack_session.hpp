// One connection of an application to its server, with the three answers that matter to it.
// Layer: test support.  Thread rule: one thread; the clients' headers stay in the .cpp files.
// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace ackwriter {

/// Where and as whom. The password comes from MYSQL_PWD or PGPASSWORD.
struct Account {
  std::string user;
  std::string database;
  std::string ssl_ca;  ///< Set: TLS with the server verified. Empty: as the server likes.
};

enum class Answer { done, refused, lost };

class Session {
 public:
  virtual ~Session() = default;

  /// Runs a statement without a result. `lost`: the connection ended before an answer came.
  virtual Answer run(const std::string& statement) = 0;

  virtual std::uint64_t affected() const = 0;

  /// Each row of the answer as text. Throws std::runtime_error.
  virtual void query(const std::string& statement, const std::function<void(const std::vector<std::optional<std::string>>&)>& row) = 0;
};

/// `address` is postgres://HOST:PORT, HOST being a directory for a Unix socket, else [mysql://]HOST:PORT or the path of a
/// Unix socket. Throws std::runtime_error when it cannot connect.
std::unique_ptr<Session> connect(const std::string& address, const Account& account);

std::unique_ptr<Session> connect_mysql(const std::string& address, const Account& account);
std::unique_ptr<Session> connect_postgres(const std::string& address, const Account& account);

}  // namespace ackwriter
