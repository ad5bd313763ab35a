// What both sides of a subscription are asked alike. Used by replication_source.cpp and replication_target.cpp only.
// Layer: engine/postgres (3).  Thread rule: one thread per object.
// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include <flytt/engine/postgres/connection.hpp>
#include <flytt/engine/server.hpp>

namespace flytt::engine::postgres {

/// Gathers findings about one database.
class Gathering {
 public:
  explicit Gathering(Connection& c) : c_(c) {}

  void block(std::string code, std::string object, std::string message, std::string remedy) {
    out_.push_back({true, std::move(code), std::move(object), std::move(message), std::move(remedy)});
  }
  void warn(std::string code, std::string object, std::string message, std::string remedy) {
    out_.push_back({false, std::move(code), std::move(object), std::move(message), std::move(remedy)});
  }
  /// One finding for all names that the query gives in its first column; `message` ends where the names begin.
  void named(bool blocks, std::string code, std::string_view sql, std::string_view message, std::string remedy, const Parameters& parameters = {});
  /// A setting of the server.
  std::string setting(const std::string& name);
  std::uint64_t number(const std::string& name);

  /// What fencing takes short of superuser.
  void may_fence();
  void no_prepared_transactions();

  Connection& session() noexcept { return c_; }
  std::vector<Finding> take() { return std::move(out_); }

 private:
  Connection& c_;
  std::vector<Finding> out_;
};

/// "a, b, c and 7 more".
std::string first_few(const std::vector<std::string>& names, std::size_t limit = 5);

}  // namespace flytt::engine::postgres
