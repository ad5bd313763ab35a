// Scheduled events at a switchover: what counts is what the old server has when it is closed, noted before the point of no return.
// SPDX-License-Identifier: MIT
#include <flytt/task/replicate_switchover.hpp>

#include <algorithm>

#include <flytt/base/text.hpp>
#include <flytt/codec/json.hpp>
#include <flytt/task/phase.hpp>

namespace flytt::task {

using base::concat;
using base::Error;
using engine::EventState;

std::string events_text(const std::vector<EventState>& events) {
  std::string out;
  codec::JsonWriter w(out);
  w.array();
  for (const auto& e : events) {
    w.object().member("schema", e.schema).member("name", e.name).member("enabled", e.enabled);
    w.member("of_replica", e.of_replica).member("spent", e.spent).end();
  }
  w.end();
  return out;
}

std::vector<EventState> events_of_text(const std::string& text) {
  std::vector<EventState> out;
  const auto json = codec::JsonValue::parse(text);
  for (const auto& e : json.as_array())
    out.push_back({e.get_string("schema"), e.get_string("name"), e.get_bool("enabled"), e.get_bool("of_replica"), e.get_bool("spent")});
  return out;
}

std::vector<EventState> events_to_promote(Pair& pair, const value::Scope& scope) {
  auto events = pair.old_side->events(scope);
  if (!scope.chooses_tables()) return events;
  // Events stay behind where single tables are chosen; the channel may have brought some that were made since.
  const auto here = pair.new_side->events(scope);
  std::erase_if(events, [&](const auto& e) { return std::none_of(here.begin(), here.end(), [&](const auto& h) { return h.schema == e.schema && h.name == e.name; }); });
  return events;
}

std::vector<std::pair<std::string, std::string>> event_statuses(engine::Server& target, const std::string& copy) {
  std::vector<std::pair<std::string, std::string>> out;
  const auto door = target.target();
  for (const auto& [phase, remark] : door->ledger().remarks(copy))
    if (const auto object = object_of(phase); object && object->kind == value::ObjectKind::event)
      out.emplace_back(object->schema + "." + object->name, remark);
  return out;
}

void SwitchoverRun::set_events() {
  const auto fail = [&](const std::string& text) {
    pair_.ctx.log.error(concat("events of the new server are not all as they were on the old one: ", text));
    events_failed_ = true;
  };
  try {
    // A journal of an earlier release has no list; what the copy noted has to do.
    if (const auto noted = journal_.fact(run_, plan::Step::check, "events")) {
      if (const auto failed = pair_.new_side->set_events(events_of_text(*noted)); !failed.empty()) fail(base::join(failed, "; "));
    } else if (const auto copy = newest_copy(pair_.target)) {
      pair_.new_side->enable_events(event_statuses(pair_.target, copy->uuid));
    }
  } catch (const Error& e) {
    fail(e.text());
  }
}

}  // namespace flytt::task
