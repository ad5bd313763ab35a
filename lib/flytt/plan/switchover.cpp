// Which step may follow which.
// SPDX-License-Identifier: MIT
#include <flytt/plan/switchover.hpp>

#include <algorithm>

#include <flytt/base/error.hpp>
#include <flytt/base/text.hpp>

namespace flytt::plan {
namespace {

Step following(Step step) noexcept { return static_cast<Step>(static_cast<std::uint8_t>(step) + 1); }

bool goes_back(Step step) noexcept { return step == Step::open_old || step == Step::rollback_hook || step == Step::rolled_back; }

}  // namespace

std::optional<Step> step_named(std::string_view text) noexcept {
  const auto found = std::find(kStepNames.begin(), kStepNames.end(), text);
  if (found == kStepNames.end()) return std::nullopt;
  return static_cast<Step>(found - kStepNames.begin());
}

std::optional<Mark> mark_named(std::string_view text) noexcept {
  for (const Mark mark : {Mark::intent, Mark::done, Mark::failed})
    if (name(mark) == text) return mark;
  return std::nullopt;
}

std::string_view name(Phase phase) noexcept {
  switch (phase) {
    case Phase::forward: return "not committed";
    case Phase::undoing: return "turning back";
    case Phase::undone: return "rolled back";
    case Phase::committed: return "committed";
    case Phase::finished: return "finished";
  }
  return "unknown";
}

bool Switchover::allowed(const Record& record) const noexcept {
  // A step is ended only by who began it: no record at all may come between.
  if (record.mark != Mark::intent && !is_record_only(record.step)) return pending_ == record.step;
  if (record.mark == Mark::failed || (record.mark == Mark::intent && is_record_only(record.step))) return false;
  // A crash may leave an intent behind; the next process begins a step of its own choice over it, which is the same one
  // after commit and one of the way back before it.
  if (pending_ && !(phase_ == Phase::undoing || phase_ == Phase::committed)) return false;
  return next() == record.step;
}

void Switchover::apply(const Record& record) {
  // The first step back in a journal says that the process before had turned back.
  if (goes_back(record.step) && phase_ == Phase::forward && begun_) turn_back();
  if (!allowed(record))
    throw base::Error(base::Exit::refused, base::concat("switchover: ", name(record.step), " (", name(record.mark),
                                                        ") must not come now: the journal says ", name(phase_)));
  begun_ = true;
  if (record.mark == Mark::intent) {
    pending_ = record.step;
    if (record.step == Step::fence) fence_possible_ = true;
    if (record.step == Step::pre_fence) hook_possible_ = true;
    return;
  }
  pending_.reset();
  if (record.mark == Mark::done) {
    done(record.step);
  } else if (record.step == Step::post_promote) {
    // The new server serves already: its users must not pay for a hook. The caller reports it.
    hook_failed_ = true;
    next_ = Step::finish;
  } else if (record.step == Step::rollback_hook) {
    hook_failed_ = true;
    hook_possible_ = false;
  } else if (phase_ == Phase::forward) {
    turn_back();
  }
}

void Switchover::done(Step step) noexcept {
  switch (step) {
    case Step::open_old: fence_possible_ = false; return;
    case Step::rollback_hook: hook_possible_ = false; return;
    case Step::rolled_back: phase_ = Phase::undone; return;
    case Step::commit: phase_ = Phase::committed; break;
    case Step::finish: phase_ = Phase::finished; return;
    default: break;
  }
  next_ = following(step);
}

void Switchover::interrupted() noexcept {
  if (phase_ == Phase::forward && begun_) phase_ = Phase::undoing;
}

void Switchover::turn_back() {
  if (phase_ == Phase::finished)
    throw base::Error(base::Exit::refused, "the switchover is finished: the new server serves, and has what was written since",
                      {.hint = "There is nothing to go back to by itself: the way back is a move from the new server to the old one."});
  if (committed())
    throw base::Error(base::Exit::refused, "the switchover is committed: the new server may have taken writes already",
                      {.hint = "Only forward is safe now: replica-ctl resume."});
  if (phase_ == Phase::forward) phase_ = Phase::undoing;
}

std::optional<Step> Switchover::next() const noexcept {
  switch (phase_) {
    case Phase::forward:
    case Phase::committed: return next_;
    case Phase::undoing:
      if (fence_possible_) return Step::open_old;
      if (hook_possible_) return Step::rollback_hook;
      return Step::rolled_back;
    case Phase::undone:
    case Phase::finished: break;
  }
  return std::nullopt;
}

}  // namespace flytt::plan
