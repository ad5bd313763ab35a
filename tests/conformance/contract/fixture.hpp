// The server of a run (FLYTT_CONTRACT_URL, an account that may do everything) with an emptied database, and short ways to use it.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdlib>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <flytt/base/clock.hpp>
#include <flytt/base/context.hpp>
#include <flytt/base/log.hpp>
#include <flytt/engine/engine.hpp>

#include "product.hpp"
#include "sql.hpp"
#include "support/catch.hpp"

namespace flytt::test {

using base::Exit;
using ServerPtr = std::unique_ptr<engine::Server>;

inline constexpr const char* kDatabase = "contract";

/// Everything that a test needs of the run. Each test starts with an empty database.
struct Fixture {
  Fixture() : words(product(sql().one("SELECT version()"))) { sql().run_all(words.empty); }

  static const char* variable(const char* name) {
    const char* value = std::getenv(name);
    if (value == nullptr) FAIL(name << " is not set: run this suite by its script, tests/conformance/contract.sh");
    return value;
  }
  /// Of the superuser, or of one of the manual's accounts.
  static engine::Endpoint endpoint(const std::string& account = {}) {
    engine::Endpoint out = engine::parse_url(variable("FLYTT_CONTRACT_URL"));
    if (account.empty()) return out;
    out.user = account;
    out.password = variable("FLYTT_CONTRACT_PASSWORD");
    out.has_password = true;
    return out;
  }
  ServerPtr server(const std::string& account = {}) { return engine::open(endpoint(account), context); }
  /// A session of its own, ended with the object: some promises hold only while no other session is there.
  static Sql sql(const std::string& account = {}) { return Sql(endpoint(account)); }

  base::SystemClock clock;
  base::NullLog log;
  base::Context context{clock, log, {}};
  const Product& words;
};

/// Our whole database.
inline value::Scope scope() {
  value::Scope out;
  out.databases = {kDatabase};
  return out;
}

/// Its rows alone: definitions take their time, and only few promises are about them.
inline value::Scope rows_only() {
  value::Scope out = scope();
  out.data_only = true;
  return out;
}

/// A reader knows a table again by where it stands: so it stands in `contents`.
inline const value::Table& table_in(const engine::Contents& contents, const std::string& name) {
  for (const auto& table : contents.tables)
    if (table.name.table == name) return table;
  FAIL("no table " << name);
  throw;  // FAIL does not return
}

/// One INSERT for rows 0 … count-1.
inline std::string insert(const std::string& table, int count, const std::function<std::string(int)>& row) {
  std::string out = "INSERT INTO " + table + " VALUES ";
  for (int i = 0; i < count; ++i) out += (i == 0 ? "(" : ",(") + row(i) + ")";
  return out;
}

}  // namespace flytt::test
