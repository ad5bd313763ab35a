// What every loading session is set to, and whether it writes the binary log. Declared in ledger.hpp.
// SPDX-License-Identifier: MIT
#include <array>

#include <flytt/base/error.hpp>
#include <flytt/base/text.hpp>
#include <flytt/engine/mysql_family/ledger.hpp>
#include <flytt/engine/mysql_family/row_loader.hpp>

namespace flytt::engine::mysql_family {
namespace {

/// Values arrive as they are or not at all: no mode that changes one, and none that lets a wrong one pass. unique_checks stays on:
/// MariaDB's bulk path for empty tables, which both switches together turn on, loses rows (error 1205 and silent rollback).
/// NO_ENGINE_SUBSTITUTION: another engine than the definition's is an error, whatever enforce_storage_engine and
/// disabled_storage_engines say. character_set_collations (MariaDB 11.2) would change what a character set without a collation means.
constexpr std::string_view kLoadSession =
    "SET SESSION sql_mode = 'NO_AUTO_VALUE_ON_ZERO,STRICT_ALL_TABLES,ALLOW_INVALID_DATES,NO_ENGINE_SUBSTITUTION', time_zone = '+00:00',"
    " foreign_key_checks = 0, unique_checks = 1, autocommit = 1, innodb_lock_wait_timeout = 600"
    "/*M!100201 , check_constraint_checks = 0 */"
    "/*M!110200 , character_set_collations = '' */";

/// What would make another table of the same CREATE TABLE, or none: a TIMESTAMP is given a default and ON UPDATE, a column comes that
/// nobody asked for, a foreign key must refer to a unique one, tables are kept in another engine.
/// Source: https://dev.mysql.com/doc/refman/8.4/en/server-system-variables.html, https://mariadb.com/kb/en/server-system-variables/
struct Pinned {
  std::string_view name;
  std::string_view value;  ///< "" stands for NULL
};
constexpr std::array kPinned{Pinned{"explicit_defaults_for_timestamp", "ON"}, Pinned{"sql_generate_invisible_primary_key", "OFF"},
                            Pinned{"restrict_fk_on_non_standard_key", "OFF"}, Pinned{"enforce_storage_engine", ""}};

bool on(const std::optional<std::string>& value) {
  return value && (*value == "1" || base::equal_ignoring_case(*value, "ON"));
}

/// Galera and Group Replication copy what the binary log's machinery sees: a session outside of it would make the nodes differ.
bool in_cluster(Connection& c) {
  const Result r = c.query("SHOW GLOBAL VARIABLES WHERE Variable_name IN ('wsrep_on', 'group_replication_group_name')");
  for (const auto& row : r.rows) {
    if (row[0] == "wsrep_on" ? on(row[1]) : !row[1].value_or("").empty()) return true;
  }
  return false;
}

bool has_replicas(Connection& c) {
  const Result r = c.query("SHOW PROCESSLIST");
  for (std::size_t i = 0; i < r.rows.size(); ++i)
    if (r.text("Command", i).starts_with("Binlog Dump")) return true;
  return false;
}

}  // namespace

bool may_skip_binlog(Connection& c, FamilyServer&) {
  return on(c.scalar("SELECT @@GLOBAL.log_bin")) && !in_cluster(c) && !has_replicas(c);
}

/// All remarks on a thousand rows are kept, as many as a server can count.
std::string load_mode(Computed computed) {
  constexpr std::string_view kMode = "SET SESSION sql_mode = 'NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES,NO_ENGINE_SUBSTITUTION";
  return base::concat(kMode, computed == Computed::columns ? "', max_error_count = 65535" : ",STRICT_ALL_TABLES', max_error_count = 64");
}

std::vector<Finding> pin_definitions(Connection& c) {
  std::vector<Finding> out;
  for (const auto& [name, value] : kPinned) {
    const Result now = c.query(base::concat("SHOW SESSION VARIABLES LIKE '", name, "'"));
    if (now.rows.empty() || now.rows[0][1] == value) continue;
    const std::string_view wanted = value.empty() ? "NULL" : value;
    try {
      c.execute(base::concat("SET SESSION ", name, " = ", wanted));
    } catch (const base::Error& e) {
      if (!e.facts().connection_usable) throw;
      out.push_back({true, "setting-rewrites", std::string(name), base::concat(name, " is ", now.rows[0][1].value_or(""), " here and would change definitions, and this account may not set it for its session: ", e.message()),
                     base::concat("SET GLOBAL ", name, " = ", wanted, ", or put it into the server's configuration")});
    }
  }
  return out;
}

void prepare_load_session(Connection& c, FamilyServer& server) {
  c.execute(kLoadSession);
  pin_definitions(c);  // what cannot be pinned the preflight has refused
  if (!may_skip_binlog(c, server)) return;
  try {
    c.execute("SET SESSION sql_log_bin = 0");
  } catch (const base::Error& e) {
    // Loading works without this right; the preflight has named it.
    if (e.code() != base::Exit::privilege) throw;
  }
}

}  // namespace flytt::engine::mysql_family
