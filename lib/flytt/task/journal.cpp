// Journal lines to records and back.
// SPDX-License-Identifier: MIT
#include <flytt/task/journal.hpp>

#include <flytt/base/error.hpp>
#include <flytt/base/text.hpp>

namespace flytt::task {
namespace {

constexpr int kVersion = 1;

std::string to_line(const JournalRecord& r) {
  std::string out;
  codec::JsonWriter w(out);
  w.object().member("v", kVersion).member("ts", r.ts);
  if (!r.run.empty()) w.member("run", r.run);
  w.member("kind", r.kind);
  if (!r.step.empty()) w.member("step", r.step).member("mark", r.mark);
  if (!r.facts.is_null()) {
    w.key("facts");
    r.facts.write(w);
  }
  w.end();
  return out;
}

JournalRecord from_line(std::string_view line) {
  const auto json = codec::JsonValue::parse(line);
  if (json.get_i64("v") != kVersion)
    throw base::Error(base::Exit::data, base::concat("record version ", json.get_i64("v"), " is not known to this flytt"));
  JournalRecord r;
  r.ts = json.get_string("ts");
  r.run = json.get_string("run", "");
  r.kind = json.get_string("kind");
  r.step = json.get_string("step", "");
  r.mark = json.get_string("mark", "");
  if (const auto facts = json.find("facts")) r.facts = *facts;
  return r;
}

/// "127.0.0.2_3306": what of an address can stand in a file's name.
std::string file_part(const engine::Endpoint& e) {
  const std::string socket = e.param("socket");
  std::string out = socket.empty() ? (e.host.empty() ? "localhost" : e.host) + (e.port != 0 ? base::concat("_", e.port) : "") : socket;
  for (char& c : out)
    if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') && c != '.' && c != '-') c = '_';
  while (!out.empty() && (out.front() == '_' || out.front() == '.')) out.erase(0, 1);
  return out;
}

}  // namespace

codec::JsonValue facts_of(const std::vector<std::pair<std::string, std::string>>& members) {
  std::string out;
  codec::JsonWriter w(out);
  w.object();
  for (const auto& [name, value] : members) w.member(name, value);
  w.end();
  return codec::JsonValue::parse(out);
}

Journal::Journal(std::string path, base::Clock& clock) : log_(std::move(path)), clock_(clock) {
  const std::string content = log_.content();
  std::size_t number = 0;
  for (const auto line : base::split(content, '\n')) {
    ++number;
    if (line.empty()) continue;
    try {
      records_.push_back(from_line(line));
    } catch (const base::Error& e) {
      throw e.within(base::concat("journal ", log_.path(), " line ", number));
    }
  }
}

void Journal::append(JournalRecord record) {
  record.ts = base::iso8601_utc(clock_.wall());
  log_.append(to_line(record));
  records_.push_back(std::move(record));
}

std::string Journal::newest_run() const {
  for (auto r = records_.rbegin(); r != records_.rend(); ++r)
    if (r->kind == "switchover") return r->run;
  return {};
}

plan::Switchover Journal::replay(const std::string& run) const {
  plan::Switchover machine;
  for (const auto& r : records_) {
    if (r.kind != "switchover" || r.run != run) continue;
    const auto step = plan::step_named(r.step);
    const auto mark = plan::mark_named(r.mark);
    if (!step || !mark)
      throw base::Error(base::Exit::data, base::concat("journal ", log_.path(), ": step ", base::quote_for_message(r.step), " ",
                                                       base::quote_for_message(r.mark), " is not known to this flytt"));
    try {
      machine.apply({*step, *mark});
    } catch (const base::Error& e) {
      throw base::Error(base::Exit::data, base::concat("journal ", log_.path(), " cannot have been written so: ", e.message()));
    }
  }
  return machine;
}

std::optional<std::string> Journal::fact(const std::string& run, plan::Step step, std::string_view name) const {
  for (auto r = records_.rbegin(); r != records_.rend(); ++r) {
    if (r->kind != "switchover" || r->run != run || r->step != plan::name(step) || r->facts.is_null()) continue;
    if (const auto value = r->facts.find(name)) return value->as_string();
  }
  return std::nullopt;
}

const JournalRecord* Journal::newest(std::string_view kind) const {
  for (auto r = records_.rbegin(); r != records_.rend(); ++r)
    if (r->kind == kind) return &*r;
  return nullptr;
}

std::string default_journal(const engine::Endpoint& source, const engine::Endpoint& target) {
  const std::string second = file_part(target);
  return os::state_directory() + "/replica-" + file_part(source) + (target.scheme.empty() ? "" : "--" + second) + ".journal";
}

}  // namespace flytt::task
