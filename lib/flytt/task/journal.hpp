// The journal of replica-ctl: what is about to be done and what was done, on disk before the next thing happens.
// Layer: task (5).  Thread rule: one thread per object.  Format: one JSON object a line, man/replica-ctl.1, FILES.
// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <flytt/base/clock.hpp>
#include <flytt/base/error.hpp>
#include <flytt/codec/json.hpp>
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
  /// The same of those that are about these two servers, and of those that do not say.
  std::string newest_run(std::string_view source_uuid, std::string_view target_uuid) const;
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

/// Whether a record of the journal is about this pair, by the servers' own ids; with an empty second one: about a fence of the first.
bool speaks_of(const JournalRecord& record, std::string_view source_uuid, std::string_view target_uuid);

/// Where the journal of a pair (or of one server: an empty second id) is kept when nobody says otherwise: by who they are, since
/// one server has many addresses and one address has many databases.
/// Throws Error{Exit::config} when there is no state directory.
std::string default_journal(std::string_view source_uuid, std::string_view target_uuid);

/// One of an earlier flytt, which named it by the servers' URLs: that with the newest record about these servers. `unreadable` gets
/// those that could not be read. Nothing is changed.
std::optional<std::string> earlier_journal(std::string_view source_uuid, std::string_view target_uuid, base::Clock& clock,
                                           std::vector<base::Error>& unreadable);

}  // namespace flytt::task
