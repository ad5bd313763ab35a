// A plain session with the server beside the contract, which takes no statements: it makes the tables and looks at what came in.
// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include <flytt/engine/endpoint.hpp>

namespace flytt::test {

/// The server's own message.
struct SqlError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

class Sql {
 public:
  using Rows = std::vector<std::vector<std::optional<std::string>>>;

  /// Throws SqlError when the server does not let it in.
  explicit Sql(const engine::Endpoint& endpoint);
  ~Sql();
  Sql(Sql&&) noexcept;

  Rows run(const std::string& statement);
  void run_all(const std::vector<std::string>& statements) {
    for (const auto& statement : statements) run(statement);
  }
  /// The first value of the first row; "NULL" for none.
  std::string one(const std::string& statement);

  struct Session {
    virtual ~Session() = default;
    virtual Rows run(const std::string& statement) = 0;
  };

 private:
  std::unique_ptr<Session> session_;
};

}  // namespace flytt::test
