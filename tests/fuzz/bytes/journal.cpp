// The journal of replica-ctl as a file that anybody may have changed: read, replayed, and written on.
// SPDX-License-Identifier: MIT
#include <fstream>

#include <flytt/base/clock.hpp>
#include <flytt/base/text.hpp>
#include <flytt/codec/json.hpp>
#include <flytt/os/dir.hpp>
#include <flytt/task/journal.hpp>

#include "fuzz/bytes/support/harness.hpp"

namespace flytt::fuzz {
namespace {

const std::string& file() {
  static const os::TempDir directory;
  static const std::string path = directory.path() + "/journal";
  return path;
}

task::Journal journal_of(std::string_view content, base::Clock& clock) {
  std::ofstream(file(), std::ios::binary | std::ios::trunc) << content;
  return task::Journal(file(), clock, task::Journal::Access::append);
}

/// Each line as a record of its own, under the seal that it needs: what the seals keep out is read too.
void append_lines(task::Journal& journal, std::string_view content) {
  const auto text = [](const codec::JsonValue& line, const char* name) { return line.get_string(name, ""); };
  for (const auto line : base::split(content, '\n'))
    accepted([&] {
      // Only what JSON can hold: no tool notes anything else, and other bytes are replaced on the way.
      if (codec::JsonValue::parse(codec::json_quote(line)).as_string() != line) return;
      const auto read = codec::JsonValue::parse(line);
      if (!read.is_object()) return;
      const std::string step = text(read, "step");  // a mark is a step's: without one it is not written
      journal.append({.run = text(read, "run"), .kind = text(read, "kind"), .step = step, .mark = step.empty() ? "" : text(read, "mark"),
                      .facts = task::facts_of({{"fence", text(read, "fence")}, {"position", text(read, "position")}})});
    });
}

/// What the machine says of records that have a place in it.
void replay(const task::Journal& journal) {
  const std::string run = journal.newest_run();
  plan::Switchover machine = journal.replay(run);
  machine.interrupted();
  const auto next = machine.next();
  require(next.has_value() || !machine.open(), "a switchover is open, and nothing comes next");
  for (std::size_t i = 0; i < plan::kStepNames.size(); ++i)
    for (const char* name : {"fence", "position", "gtid"})
      accepted([&] { journal.fact(run, static_cast<plan::Step>(i), name); });
}

}  // namespace

void one(std::string_view input) {
  base::ManualClock clock;
  std::vector<task::JournalRecord> before;
  accepted([&] {
    const task::Journal journal = journal_of(input, clock);
    for (const char* kind : {"switchover", "channel", "fence", "unfence", "dropped"}) journal.newest(kind);
    replay(journal);
  });
  {
    task::Journal journal = journal_of("", clock);
    append_lines(journal, input);
    accepted([&] { replay(journal); });
    journal.append({.kind = "fence", .facts = task::facts_of({{"server", "db1"}})});
    before = journal.records();
  }
  const task::Journal again(file(), clock, task::Journal::Access::read);
  require(again.records().size() == before.size(), "a journal that was written on has another number of records");
  for (std::size_t i = 0; i < before.size(); ++i) {
    const auto &is = again.records()[i], &was = before[i];
    require(is.ts == was.ts && is.run == was.run && is.kind == was.kind && is.step == was.step && is.mark == was.mark &&
                is.facts.text() == was.facts.text(),
            "a record is another one when it is read again");
  }
}

void seeds(const Add& add) {
  base::ManualClock clock;
  std::ofstream(file(), std::ios::binary | std::ios::trunc).flush();
  {
    task::Journal journal(file(), clock, task::Journal::Access::append);
    journal.append({.kind = "channel", .facts = task::facts_of({{"channel", "flytt"}, {"position", "0-1-100"}})});
    for (const auto step : {"preflight", "arm", "pre_fence", "fence", "freeze", "catch_up", "check"})
      for (const auto mark : {"intent", "done"})
        journal.append({.run = "01234567-89ab-4cde-8f01-23456789abcd", .kind = "switchover", .step = step, .mark = mark,
                        .facts = task::facts_of({{"fence", "{}"}, {"position", "0-1-100"}})});
  }
  const std::string whole = os::read_all(file());
  add(whole);
  add(whole.substr(0, whole.find('\n') + 1));
  add("");
  add("root:x:0:0:root\n");
}

}  // namespace flytt::fuzz
