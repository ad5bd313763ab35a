// The journal of replica-ctl: what is about to be done and what was done, on disk before the next thing happens.
// Layer: task (5).  Thread rule: one thread per object.  Format: one JSON object a line, man/replica-ctl.1, FILES.
// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <flytt/base/clock.hpp>
#include <flytt/codec/json.hpp>
#include <flytt/engine/endpoint.hpp>
#include <flytt/os/dir.hpp>
#include <flytt/plan/switchover.hpp>

namespace flytt::task {

/// One line: {"v":1,"ts":…,"run":…,"kind":"switchover","step":…,"mark":…,"facts":{…},"seal":…}. The seal is the XXH3-128 of the line
/// before it and of this one without the seal: a line that was changed, left out or put in does not fit those after it.
/// Kinds: "switchover" (with step and mark), "channel" (what start made), "fence" and "unfence" (the verbs), "dropped".
struct JournalRecord {
  std::string ts{};   ///< ISO 8601, UTC; filled by append()
  std::string run{};  ///< uuid of the switchover; empty for other kinds
  std::string kind{};
  std::string step{};
  std::string mark{};
  codec::JsonValue facts{};  ///< an object, or null
};

/// Facts as one JSON object of texts.
codec::JsonValue facts_of(const std::vector<std::pair<std::string, std::string>>& members);

class Journal {
 public:
  using Access = os::AppendLog::Access;

  /// Opens the file and reads what is in it; Access::append makes it when it is not there. Nothing is changed before append().
  /// Throws Error: Exit::refused for a file that others can change (os/way.hpp), Exit::locked when another process holds it,
  /// Exit::data for a line that is no record of ours or does not fit those before it.
  Journal(std::string path, base::Clock& clock, Access access);

  /// Adds a record; it is on the disk when this returns. Throws Error{Exit::io}.
  void append(JournalRecord record);
  const std::vector<JournalRecord>& records() const noexcept { return records_; }
  const std::string& path() const noexcept { return log_.path(); }

  /// The uuid of the newest switchover; empty when there is none.
  std::string newest_run() const;
  /// The state machine after all records of a switchover. Throws Error{Exit::data} when they cannot have been written so.
  plan::Switchover replay(const std::string& run) const;
  /// A fact noted by the newest record of a switchover's step that has it.
  std::optional<std::string> fact(const std::string& run, plan::Step step, std::string_view name) const;
  /// The newest record of a kind; nullptr when there is none.
  const JournalRecord* newest(std::string_view kind) const;

 private:
  os::AppendLog log_;
  base::Clock& clock_;
  std::vector<JournalRecord> records_;
  std::string seal_;  // of the last record
};

/// Where the journal of a pair (or of one server: an empty second endpoint) is kept when nobody says otherwise.
/// Throws Error{Exit::config} when there is no state directory.
std::string default_journal(const engine::Endpoint& source, const engine::Endpoint& target);

}  // namespace flytt::task
