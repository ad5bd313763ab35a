// SPDX-License-Identifier: MIT
#include <flytt/engine/postgres/event_triggers.hpp>

#include <utility>

#include <flytt/base/text.hpp>

namespace flytt::engine::postgres {
namespace {

/// Since release 17 there is a switch for all of them; before it, a session that works as replication does fires only those that were
/// made for it.
std::vector<std::pair<std::string, std::string>> quiet_settings(Connection& c) {
  std::vector<std::pair<std::string, std::string>> out;
  const Result r = c.query("SELECT (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user) AS super,"
                           " EXISTS (SELECT 1 FROM pg_catalog.pg_settings WHERE name = 'event_triggers') AS has_switch");
  if (!r.yes("super")) return out;
  out.emplace_back("session_replication_role", "replica");
  if (r.yes("has_switch")) out.emplace_back("event_triggers", "off");
  return out;
}

}  // namespace

std::string quiet_options(Connection& c) {
  std::string out;
  for (const auto& [name, value] : quiet_settings(c)) out += base::concat(" -c ", name, "=", value);
  return out;
}

void keep_event_triggers_quiet(Connection& c) {
  for (const auto& [name, value] : quiet_settings(c)) c.execute(base::concat("SET ", name, " = ", value));
}

std::vector<std::string> loud_event_triggers(Connection& c) {
  const auto quiet = quiet_settings(c);
  if (quiet.size() > 1) return {};
  std::vector<std::string> out;
  const Result r = c.query(base::concat("SELECT evtname FROM pg_catalog.pg_event_trigger WHERE evtenabled IN ", quiet.empty() ? "('O','A')" : "('A','R')", " ORDER BY 1"));
  for (const auto& row : r.rows) out.push_back(row[0].value_or(""));
  return out;
}

}  // namespace flytt::engine::postgres
