// Scheduled events: what they are on the server that is left, and the same on the one that takes over.
// Source: MariaDB documentation, "ALTER EVENT", "Event Limitations"; MySQL Reference Manual, "Replication of Invoked Features":
// what a channel makes or enables is disabled for replicas, and stays so when the replica is one no more.
// SPDX-License-Identifier: MIT
#include <flytt/engine/mysql_family/replication.hpp>

#include <optional>

#include <flytt/base/text.hpp>
#include <flytt/codec/json.hpp>
#include <flytt/engine/mysql_family/catalog_reading.hpp>

namespace flytt::engine::mysql_family {

using base::concat;
using base::Error;
using base::Exit;

namespace {

std::string shown(const EventState& e) { return concat("event ", e.schema, ".", e.name); }

struct FoundEvent {
  std::string status, sql_mode, user, host;
};

std::optional<FoundEvent> find_event(Connection& c, const EventState& e) {
  // A definer without a host has an empty one; a user's name may hold the sign.
  const Result r = c.query(concat("SELECT STATUS, SQL_MODE, SUBSTRING(DEFINER, 1, CHAR_LENGTH(DEFINER) - CHAR_LENGTH(SUBSTRING_INDEX(DEFINER, '@', -1)) - 1) AS user,"
                                  " SUBSTRING_INDEX(DEFINER, '@', -1) AS host FROM information_schema.EVENTS WHERE EVENT_SCHEMA=",
                                  quote_text(e.schema), " AND EVENT_NAME=", quote_text(e.name)));
  if (r.empty()) return std::nullopt;
  return FoundEvent{r.text("STATUS"), r.text("SQL_MODE"), r.text("user"), r.text("host")};
}

/// What is to stand in ALTER EVENT; empty when it is so already. What was a replica's on the source runs nowhere and does not here.
std::string change_of(const EventState& wanted, const std::string& status) {
  if (wanted.of_replica) return status == "ENABLED" ? "DISABLE" : "";
  const std::string_view word = wanted.enabled ? "ENABLED" : "DISABLED";
  return status == word ? "" : wanted.enabled ? "ENABLE" : "DISABLE";
}

/// Without the clause ALTER EVENT would make us its definer.
std::string alter_event(const EventState& e, const FoundEvent& found, const std::string& change) {
  return concat("ALTER DEFINER=", quote_text(found.user), "@", quote_text(found.host), " EVENT ", quote_name(e.schema), ".", quote_name(e.name), " ", change);
}

}  // namespace

std::vector<EventState> FamilyReplication::events(const value::Scope& scope) {
  const Result r = session().query(concat("SELECT EVENT_SCHEMA, EVENT_NAME, STATUS, ", kEventIsSpent, " AS spent FROM information_schema.EVENTS WHERE ",
                                          database_condition(scope, "EVENT_SCHEMA"), " ORDER BY 1, 2"));
  std::vector<EventState> out;
  for (std::size_t i = 0; i < r.rows.size(); ++i) {
    const std::string status = r.text("STATUS", i);
    out.push_back({r.text("EVENT_SCHEMA", i), r.text("EVENT_NAME", i), status == "ENABLED", status != "ENABLED" && status != "DISABLED", r.text("spent", i) == "1"});
  }
  return out;
}

std::vector<std::string> FamilyReplication::set_events(const std::vector<EventState>& wanted) {
  Connection& c = session();
  std::vector<std::string> failed;
  for (const auto& e : wanted) {
    const auto found = find_event(c, e);
    if (!found) {
      if (!e.spent) failed.push_back(concat(shown(e), " is not there, or this account may not see it"));
      continue;
    }
    const auto change = change_of(e, found->status);
    if (change.empty()) continue;
    // It would be given this session's mode.
    const auto ours = c.scalar("SELECT @@SESSION.sql_mode").value_or("");
    c.execute("SET SESSION sql_mode=" + quote_text(settable_mode(found->sql_mode)));
    try {
      c.execute(alter_event(e, *found, change));
    } catch (const Error& error) {
      if (!error.facts().connection_usable) throw;
      failed.push_back(concat(shown(e), " could not be ", e.enabled ? "enabled: " : "disabled: ", error.message()));
    }
    c.execute("SET SESSION sql_mode=" + quote_text(ours));
  }
  return failed;
}

Script FamilyReplication::describe_events(const std::vector<EventState>& wanted) {
  Script out;
  for (const auto& e : wanted)
    if (const auto found = find_event(session(), e))
      if (const auto change = change_of(e, found->status); !change.empty()) out.push_back(alter_event(e, *found, change));
  return out;
}

void FamilyReplication::enable_events(const std::vector<std::pair<std::string, std::string>>& statuses) {
  Connection& c = session();
  std::vector<EventState> wanted;
  std::vector<std::string> failed;
  for (const auto& [object, status] : statuses) {
    if (codec::JsonValue::parse(status.empty() ? "{}" : status).get_string("status", "") != "ENABLED") continue;
    // A name may hold dots: ask which split of it is an event.
    const Result r = c.query(concat("SELECT EVENT_SCHEMA, EVENT_NAME FROM information_schema.EVENTS WHERE CONCAT(EVENT_SCHEMA, '.', EVENT_NAME)=", quote_text(object)));
    if (r.empty()) failed.push_back(concat("event ", object, " is not there, or this account may not see it"));
    else wanted.push_back({r.text("EVENT_SCHEMA"), r.text("EVENT_NAME"), true, false, false});
  }
  for (auto& text : set_events(wanted)) failed.push_back(std::move(text));
  if (!failed.empty())
    throw Error(Exit::partial, concat(c.endpoint(), ": ", base::join(failed, "; ")),
                {.endpoint = c.endpoint(), .hint = "It needs the EVENT privilege. Those that were not dropped: ALTER EVENT … ENABLE.", .connection_usable = true});
}

}  // namespace flytt::engine::mysql_family
