// The switchover as a state machine: what may be done next, decided from the records of a journal and from nothing else.
// Layer: plan (4).  Thread rule: one thread per object.  No clock, no server, no file: task/ acts, this decides.
//
// Forward: preflight, arm, pre_fence, fence, freeze, catch_up, check, commit, promote, post_promote, finish.
// Back, while commit is not in the journal: open_old, rollback_hook, rolled_back. After commit there is only forward.
// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace flytt::plan {

/// One thing to do. The order of the first eleven is the order of a switchover.
enum class Step : std::uint8_t {
  preflight,     ///< nothing is changed
  arm,           ///< the new server is closed to writes other than the channel's, and follows closely
  pre_fence,     ///< the user's hook
  fence,         ///< the old server takes no more writes, and that was read back
  freeze,        ///< the position at which the old server's history ends
  catch_up,      ///< the new server has applied it
  check,         ///< the fence still holds, the position still stands, nobody wrote on the new server
  commit,        ///< the point of no return: nothing but this record
  promote,       ///< the channel is gone, the new server takes writes
  post_promote,  ///< the user's hook
  finish,        ///< done
  open_old,      ///< back: the old server takes writes again
  rollback_hook, ///< back: the user's hook
  rolled_back,   ///< back: everything is as it was
};

inline constexpr std::array<std::string_view, 14> kStepNames{
    "preflight", "arm",     "pre_fence",    "fence",  "freeze",   "catch_up",      "check",
    "commit",    "promote", "post_promote", "finish", "open_old", "rollback_hook", "rolled_back"};

constexpr std::string_view name(Step step) noexcept { return kStepNames[static_cast<std::size_t>(step)]; }
std::optional<Step> step_named(std::string_view text) noexcept;

/// What a record says about a step. An action is between its intent and its done; `commit`, `finish` and `rolled_back` act on
/// nothing and have only the latter.
enum class Mark : std::uint8_t { intent, done, failed };

constexpr std::string_view name(Mark mark) noexcept {
  return mark == Mark::intent ? "intent" : mark == Mark::done ? "done" : "failed";
}
std::optional<Mark> mark_named(std::string_view text) noexcept;

/// One record of the journal, as far as it decides anything.
struct Record {
  Step step = Step::preflight;
  Mark mark = Mark::intent;
  bool operator==(const Record&) const = default;
};

enum class Phase : std::uint8_t {
  forward,    ///< before commit: any failure turns it back
  undoing,    ///< on the way back
  undone,     ///< rolled back: nothing is left to do
  committed,  ///< only forward
  finished,
};

std::string_view name(Phase phase) noexcept;

/// Replays a journal and says what comes next. Invariants that it keeps, whatever happens and wherever a process dies:
///   I1  open_old and promote exclude each other: the one only before commit, the other only after.
///   I2  freeze only after a fence that was verified and not lifted since.
///   I3  commit, and so promote, only after catch_up and check.
///   I4  open_old never after commit; it is required on the way back as soon as a fence was intended.
///   I5  nothing is promoted before check, where what the new server wrote itself was read.
///   I6  a fence that failed or was interrupted counts as one that may still come: the way back lifts it.
class Switchover {
 public:
  /// Takes one record, from the journal or as it is being written.
  /// Throws Error{Exit::refused} for a step that must not come now: the record must then not be written, nor acted upon.
  void apply(const Record& record);

  /// To be called once after a replay of what another process wrote: it has ended, wherever it was.
  void interrupted() noexcept;
  /// Turns back. Throws Error{Exit::refused} after commit.
  void turn_back();

  /// The next step, or nothing at the end.
  std::optional<Step> next() const noexcept;
  Phase phase() const noexcept { return phase_; }
  bool committed() const noexcept { return phase_ == Phase::committed || phase_ == Phase::finished; }
  /// True when there is something that a resume or a rollback has to do.
  bool open() const noexcept { return begun_ && phase_ != Phase::undone && phase_ != Phase::finished; }
  /// True when the old server may be fenced by us.
  bool fence_possible() const noexcept { return fence_possible_; }
  bool hook_failed() const noexcept { return hook_failed_; }
  /// The step that was begun and not ended, if any.
  std::optional<Step> pending() const noexcept { return pending_; }

 private:
  bool allowed(const Record& record) const noexcept;
  void done(Step step) noexcept;

  Phase phase_ = Phase::forward;
  Step next_ = Step::preflight;
  std::optional<Step> pending_;
  bool begun_ = false;
  bool fence_possible_ = false;  // from the intent of fence until open_old is done
  bool hook_possible_ = false;   // from the intent of pre_fence until rollback_hook is done
  bool hook_failed_ = false;
};

/// True for steps that are a record and no action.
constexpr bool is_record_only(Step step) noexcept {
  return step == Step::commit || step == Step::finish || step == Step::rolled_back;
}

}  // namespace flytt::plan
