// Journal lines to records and back.
// SPDX-License-Identifier: MIT
#include <flytt/task/journal.hpp>

#include <flytt/base/error.hpp>
#include <flytt/base/text.hpp>
#include <flytt/codec/xxh3.hpp>

#include <algorithm>

namespace flytt::task {

using base::concat;

namespace {

constexpr int kVersion = 1;
/// How each line begins, so that a torn one can be told from another file's.
constexpr std::string_view kBegin = R"({"v":1,"ts":")";
constexpr std::string_view kSeal = R"(,"seal":")";
constexpr std::size_t kSealSize = 32;
constexpr std::string_view kNoJournal = "--journal names a file of replica-ctl's own. One that was edited can put nothing back: compare both servers and do it by hand.";

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
    throw base::Error(base::Exit::data, concat("record version ", json.get_i64("v"), " is not known to this flytt"));
  JournalRecord r;
  r.ts = json.get_string("ts");
  r.run = json.get_string("run", "");
  r.kind = json.get_string("kind");
  r.step = json.get_string("step", "");
  r.mark = json.get_string("mark", "");
  if (const auto facts = json.find("facts")) r.facts = *facts;
  return r;
}

std::string seal_of(std::string_view before, std::string_view line) { return codec::hash128(concat(before, line)).hex(); }

std::string sealed(std::string line, std::string_view seal) {
  line.pop_back();
  return concat(line, kSeal, seal, "\"}");
}

/// Takes the seal off a line. Throws when it has none, or not this one.
std::string unsealed(std::string_view line, std::string& seal) {
  const std::size_t tail = kSeal.size() + kSealSize + 2;
  if (line.starts_with(R"({"v":)") && !line.starts_with(R"({"v":1,)")) static_cast<void>(from_line(line));  // says which version it is
  if (!line.starts_with(kBegin) || line.size() <= tail || line.substr(line.size() - tail, kSeal.size()) != kSeal)
    throw base::Error(base::Exit::data, "this line is no record of replica-ctl");
  std::string body = concat(line.substr(0, line.size() - tail), "}");
  const auto wanted = seal_of(seal, body);
  if (line.substr(line.size() - kSealSize - 2, kSealSize) != wanted)
    throw base::Error(base::Exit::data, "this line does not fit those before it: somebody has edited the journal");
  seal = wanted;
  return body;
}

/// What a crash leaves of a line: its beginning, or room for it that was never written.
bool torn_from_ours(std::string_view rest, bool first) {
  const auto size = std::min(rest.size(), kBegin.size());
  return rest.substr(0, size) == kBegin.substr(0, size) || (!first && rest.find_first_not_of('\0') == std::string_view::npos);
}

/// What of a server's id can stand in a file's name. Where that is not all of it, its hash tells it from others.
std::string file_part(std::string_view id) {
  std::string out(id);
  for (char& c : out)
    if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z') && !(c >= '0' && c <= '9') && c != '.' && c != '-') c = '_';
  while (!out.empty() && (out.front() == '_' || out.front() == '.')) out.erase(0, 1);
  constexpr std::size_t kHash = 8;
  return out == id ? out : concat(out, "-", codec::hash128(id).hex().substr(0, kHash));
}

constexpr std::string_view kNameBegins = "replica-", kNameEnds = ".journal";

}  // namespace

codec::JsonValue facts_of(const std::vector<std::pair<std::string, std::string>>& members) {
  std::string out;
  codec::JsonWriter w(out);
  w.object();
  for (const auto& [name, value] : members) w.member(name, value);
  w.end();
  return codec::JsonValue::parse(out);
}

Journal::Journal(std::string path, base::Clock& clock, Access access) : log_(std::move(path), access), clock_(clock) {
  const std::string content = log_.content();
  const auto lines = base::split(std::string_view(content).substr(0, content.empty() ? 0 : content.size() - 1), '\n');
  const auto refuse = [&](const base::Error& e, std::size_t number) { throw e.within(concat("journal ", log_.path(), " line ", number)).with_hint(std::string(kNoJournal)); };
  for (std::size_t i = 0; !content.empty() && i < lines.size(); ++i) {
    try {
      records_.push_back(from_line(unsealed(lines[i], seal_)));
    } catch (const base::Error& e) {
      refuse(e, i + 1);
    }
  }
  if (const auto rest = log_.torn(); !rest.empty() && !torn_from_ours(rest, records_.empty()))
    refuse(base::Error(base::Exit::data, "this line is no record of replica-ctl"), records_.size() + 1);
}

void Journal::append(JournalRecord record) {
  record.ts = base::iso8601_utc(clock_.wall());
  const std::string line = to_line(record);
  const std::string seal = seal_of(seal_, line);
  log_.append(sealed(line, seal));
  seal_ = seal;
  records_.push_back(std::move(record));
}

std::string Journal::newest_run() const {
  for (auto r = records_.rbegin(); r != records_.rend(); ++r)
    if (r->kind == "switchover") return r->run;
  return {};
}

std::string Journal::newest_run(std::string_view source_uuid, std::string_view target_uuid) const {
  const auto is = [&](const std::string& run, const char* name, std::string_view uuid) {
    const auto noted = fact(run, plan::Step::preflight, name);
    return !noted || *noted == uuid;
  };
  std::string_view seen;
  for (auto r = records_.rbegin(); r != records_.rend(); ++r) {
    if (r->kind != "switchover" || r->run == seen) continue;
    if (is(r->run, "source_uuid", source_uuid) && is(r->run, "target_uuid", target_uuid)) return r->run;
    seen = r->run;
  }
  return {};
}

plan::Switchover Journal::replay(const std::string& run) const {
  plan::Switchover machine;
  for (const auto& r : records_) {
    if (r.kind != "switchover" || r.run != run) continue;
    const auto step = plan::step_named(r.step);
    const auto mark = plan::mark_named(r.mark);
    if (!step || !mark)
      throw base::Error(base::Exit::data, concat("journal ", log_.path(), ": step ", base::quote_for_message(r.step), " ",
                                                       base::quote_for_message(r.mark), " is not known to this flytt"));
    try {
      machine.apply({*step, *mark});
    } catch (const base::Error& e) {
      throw base::Error(base::Exit::data, concat("journal ", log_.path(), " cannot have been written so: ", e.message()));
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

bool speaks_of(const JournalRecord& record, std::string_view source_uuid, std::string_view target_uuid) {
  if (record.facts.is_null()) return false;
  if (target_uuid.empty()) return record.facts.get_string("uuid", "") == source_uuid;
  return record.facts.get_string("source_uuid", "") == source_uuid && record.facts.get_string("target_uuid", "") == target_uuid;
}

std::string default_journal(std::string_view source_uuid, std::string_view target_uuid) {
  return concat(os::state_path(), "/", kNameBegins, file_part(source_uuid), target_uuid.empty() ? "" : concat("--", file_part(target_uuid)), kNameEnds);
}

std::optional<std::string> earlier_journal(std::string_view source_uuid, std::string_view target_uuid, base::Clock& clock,
                                           std::vector<base::Error>& unreadable) {
  std::optional<std::string> found;
  std::string newest;
  for (const auto& name : os::names_in(os::state_path())) {
    if (!name.starts_with(kNameBegins) || !name.ends_with(kNameEnds)) continue;
    try {
      const Journal journal(concat(os::state_path(), "/", name), clock, Journal::Access::read);
      for (const auto& r : journal.records())
        if (speaks_of(r, source_uuid, target_uuid) && r.ts >= newest) {
          found = journal.path();
          newest = r.ts;
        }
    } catch (const base::Error& e) {
      unreadable.push_back(e);
    }
  }
  return found;
}

}  // namespace flytt::task
