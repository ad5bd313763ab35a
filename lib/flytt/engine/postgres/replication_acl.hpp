// What a fence changes of a database: who may connect, and whether transactions are read-only; as JSON and as statements.
// Layer: engine/postgres (3).  Thread rule: values, functions without state.
// Source: https://www.postgresql.org/docs/current/ddl-priv.html
// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace flytt::engine::postgres {

/// One privilege of one role on the database. Empty `grantee`: everybody (PUBLIC).
struct DatabaseGrant {
  std::string grantee;
  std::string privilege;  ///< "CONNECT", "CREATE", "TEMPORARY"
  bool grantable = false;
  auto operator<=>(const DatabaseGrant&) const = default;
};

struct Fence {
  std::string database;
  std::string role;                              ///< ours, which stays able to write
  std::vector<DatabaseGrant> grants;
  std::vector<std::string> let_in;               ///< roles that may connect all the same: what the fence grants them goes with it
  std::optional<std::string> read_only;          ///< the database's default_transaction_read_only; nothing: not set
  std::optional<std::string> role_read_only;     ///< the same of our role in this database
  bool operator==(const Fence&) const = default;
};

std::string fence_json(const Fence& fence);
/// Throws Error{Exit::data} for a text that fence_json() did not write.
Fence parse_fence(const std::string& json);

/// Statements that close the database: nobody may connect but those in `let_in`.
std::vector<std::string> closing_statements(const Fence& before);

/// Statements that give back what `before` has and `now` lacks, take what the fence granted to those it let in, and put the
/// settings back. What else was granted since stays. `roles`: those that exist; others are passed over.
std::vector<std::string> opening_statements(const Fence& now, const Fence& before, const std::vector<std::string>& roles);

}  // namespace flytt::engine::postgres
