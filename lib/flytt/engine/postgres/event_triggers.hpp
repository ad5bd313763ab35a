// Event triggers would fire on what a load does: write into the copy's own tables, or refuse statements.
// Layer: engine/postgres (3).  Thread rule: functions over one session.
// Source: https://www.postgresql.org/docs/current/event-trigger-definition.html, EventTriggerCommonSetup() in event_trigger.c
// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include <flytt/engine/postgres/connection.hpp>

namespace flytt::engine::postgres {

/// The settings that keep event triggers from firing, for PGOPTIONS: " -c name=value", as far as this role may say so; else nothing.
std::string quiet_options(Connection& c);
/// The same for a session.
void keep_event_triggers_quiet(Connection& c);
/// Event triggers of this database that fire all the same.
std::vector<std::string> loud_event_triggers(Connection& c);

}  // namespace flytt::engine::postgres
