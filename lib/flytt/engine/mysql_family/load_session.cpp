// What every loading session is set to, and whether it writes the binary log. Declared in ledger.hpp.
// SPDX-License-Identifier: MIT
#include <flytt/base/error.hpp>
#include <flytt/base/text.hpp>
#include <flytt/engine/mysql_family/ledger.hpp>

namespace flytt::engine::mysql_family {
namespace {

/// Values arrive as they are or not at all: no mode that changes one, and none that lets a wrong one pass. unique_checks stays on:
/// MariaDB's bulk path for empty tables, which both switches together turn on, loses rows (error 1205 and silent rollback).
/// character_set_collations (MariaDB 11.2) would change what a character set without a collation means.
constexpr std::string_view kLoadSession =
    "SET SESSION sql_mode = 'NO_AUTO_VALUE_ON_ZERO,STRICT_ALL_TABLES,ALLOW_INVALID_DATES', time_zone = '+00:00',"
    " foreign_key_checks = 0, unique_checks = 1, autocommit = 1, innodb_lock_wait_timeout = 600"
    "/*M!100201 , check_constraint_checks = 0 */"
    "/*M!110200 , character_set_collations = '' */";

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

void prepare_load_session(Connection& c, FamilyServer& server) {
  c.execute(kLoadSession);
  if (!may_skip_binlog(c, server)) return;
  try {
    c.execute("SET SESSION sql_log_bin = 0");
  } catch (const base::Error& e) {
    // Loading works without this right; the preflight has named it.
    if (e.code() != base::Exit::privilege) throw;
  }
}

}  // namespace flytt::engine::mysql_family
