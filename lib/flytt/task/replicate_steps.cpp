// The acts of a switchover, one function a step. Each throws when it could not be done; the order is not decided here.
// SPDX-License-Identifier: MIT
#include <algorithm>

#include <flytt/base/text.hpp>
#include <flytt/base/units.hpp>
#include <flytt/task/replicate_switchover.hpp>

namespace flytt::task {

using base::concat;
using base::Error;
using base::Exit;
using plan::Step;
using std::chrono::milliseconds;

namespace {

constexpr milliseconds kFenceCap{3'000};         // how long others may wait for our SET
constexpr milliseconds kHookAfterCommit{5'000};  // a hook after the promotion gets at least this
constexpr milliseconds kSlice{100};
constexpr milliseconds kAppliedAgain{5'000};     // what was applied is seen again within this, also by a resume that has just connected
constexpr milliseconds kBetweenPositions{15};
constexpr milliseconds kBetweenKills{5};
constexpr int kPositionReads = 40;
constexpr std::uint64_t kSequencesAhead = 100'000;  // until the exact numbers are known
constexpr int kKillRounds = 10;

milliseconds at_least_one(std::chrono::nanoseconds d) {
  return std::max(milliseconds(1), std::chrono::duration_cast<milliseconds>(d));
}

}  // namespace

SwitchoverRun::Facts SwitchoverRun::intent_facts(Step step) {
  switch (step) {
    case Step::preflight: {
      auto facts = pair_facts(pair_);
      facts.emplace_back("channel", pair_.options.channel);
      return facts;
    }
    case Step::fence:
      previous_ = pair_.old_side->fence_settings();
      blocked_since_ = pair_.ctx.clock.now();
      return {{"previous", previous_}};
    default: return {};
  }
}

SwitchoverRun::Facts SwitchoverRun::act(Step step) {
  switch (step) {
    case Step::preflight: return preflight();
    case Step::arm: return arm();
    case Step::pre_fence: return hook(pair_.options.hook_pre_fence, "pre-fence", left());
    case Step::fence: return fence();
    case Step::freeze: return freeze();
    case Step::catch_up: return catch_up();
    case Step::check: return check();
    case Step::promote: return promote();
    case Step::post_promote: return hook(pair_.options.hook_post_promote, "post-promote", std::max<std::chrono::nanoseconds>(left(), kHookAfterCommit));
    case Step::open_old: return open_old();
    case Step::rollback_hook: return hook(pair_.options.hook_rollback, "rollback", kHookAfterCommit);
    default: return {};
  }
}

SwitchoverRun::Facts SwitchoverRun::preflight() {
  const auto copy = newest_copy(pair_.target);
  const auto status = pair_.new_side->channel(pair_.options.channel);
  if (const auto why = status.exists ? std::string() : swapped(pair_); !why.empty()) throw Error(Exit::refused, why, {.hint = "The old server is named first, the new one second."});
  if (!status.exists) throw Error(Exit::refused, "the target does not follow the source", {.hint = "Run replica-ctl start first."});
  if (!status.applying || !(status.receiving || status.connecting)) throw Error(Exit::replication, "the channel has stopped: " + status.error);
  if (status.source_server_id != pair_.source.identity().server_id)
    throw Error(Exit::refused, concat("the channel follows ", status.source_address, ", not ", pair_.source.endpoint().display()));
  if (!pair_.old_side->serves(pair_.target.identity())) throw Error(Exit::refused, "the source does not list the target among its replicas");
  if (pair_.old_side->fence_state().fenced)
    throw Error(Exit::refused, "the source is fenced already", {.hint = "An interrupted switchover is ended by resume or rollback, a fence by unfence."});
  inform(pair_, copy, true);
  scope_ = scope_of(pair_.options, copy);
  definitions_ = read_definitions();  // before the comparison: what changes after it is seen by the check
  if (pair_.old_side->carries_definitions()) wait_applied(pair_.old_side->current_position(), pair_.ctx.clock.now() + pair_.options.max_lag, too_far_behind());
  auto findings = all_findings(pair_, scope_, "", Definitions::must_agree);
  for (auto& f : undone_findings(undone_by_restart(pair_), true)) findings.push_back(std::move(f));
  const auto blocking = print_findings(findings, pair_.out);
  if (blocking != 0) throw Error(Exit::refused, concat(blocking, " finding(s) stand in the way"));
  deadline_ = pair_.ctx.clock.now() + pair_.options.budget;
  return {};
}

SwitchoverRun::Facts SwitchoverRun::arm() {
  if (!pair_.new_side->fence_state().fenced) pair_.new_side->fence(std::min(kFenceCap, at_least_one(left())));
  const auto here = pair_.old_side->current_position();
  const auto end = pair_.ctx.clock.now() + std::min<std::chrono::nanoseconds>(pair_.options.max_lag, left());
  wait_applied(here, end, too_far_behind());
  pair_.new_side->set_sequences(pair_.old_side->sequences(scope_), kSequencesAhead);
  return {{"target_history", pair_.new_side->local_history()}};
}

SwitchoverRun::Facts SwitchoverRun::fence() {
  pair_.old_side->fence(std::min(kFenceCap, at_least_one(left())));
  // Sessions that come back cannot write; one of an account that can will show as a position that moves.
  for (int round = 0; round < kKillRounds && pair_.old_side->end_sessions() != 0; ++round) pair_.ctx.clock.sleep_for(kBetweenKills, {});
  const auto state = pair_.old_side->fence_state();
  if (!state.fenced) throw Error(Exit::refused, "the fence does not hold: " + state.evidence);
  return {{"evidence", state.evidence}};
}

SwitchoverRun::Facts SwitchoverRun::freeze() {
  auto last = pair_.old_side->current_position();
  for (int i = 0; i < kPositionReads && left().count() > 0; ++i) {
    pair_.ctx.clock.sleep_for(kBetweenPositions, {});
    if (!pair_.old_side->written_since(last)) {
      if (!pair_.old_side->fence_state().fenced) throw Error(Exit::refused, "the fence was lifted while the position was read");
      position_ = last;
      return position_facts(last);
    }
    last = pair_.old_side->current_position();
  }
  const auto accounts = pair_.old_side->fence_state().can_still_write;
  throw Error(Exit::refused, concat("somebody writes through the fence: the source's position still moves, now ", last.display()),
              {.hint = accounts.empty() ? "See which sessions write, and whether the source follows another server." : "These accounts can: " + base::join(accounts, ", ") + "."});
}

void SwitchoverRun::wait_applied(const value::Position& p, std::chrono::steady_clock::time_point end, const std::string& late) {
  for (;;) {
    const auto rest = end - pair_.ctx.clock.now();
    switch (pair_.new_side->wait_applied(pair_.options.channel, p, std::min(kSlice, at_least_one(rest)))) {
      case engine::Applied::yes: return;
      case engine::Applied::stopped:
        throw Error(Exit::replication, "the channel has stopped: " + pair_.new_side->channel(pair_.options.channel).error);
      case engine::Applied::not_yet: break;
    }
    if (pair_.ctx.stop.stop_requested()) throw Error(Exit::temporary, "stopped on request");
    if (pair_.ctx.clock.now() >= end)
      throw Error(Exit::timeout, concat(late, ": ", p.display(), " is not applied, the target is at ", how_far_behind(p)), {.hint = "Wait with lag-wait until the target follows closely."});
  }
}

std::string SwitchoverRun::too_far_behind() const { return concat("the target is too far behind to begin, more than --max-lag ", pair_.options.max_lag.count(), " ms"); }

/// Where the target is, and how far that is from a position, as far as the servers can tell.
std::string SwitchoverRun::how_far_behind(const value::Position& p) {
  const auto status = pair_.new_side->channel(pair_.options.channel);
  const auto bytes = pair_.new_side->bytes_behind(pair_.options.channel, p);
  std::string out = status.applied;
  if (bytes) out += concat(", ", *bytes, " bytes behind");
  if (status.seconds_behind) out += concat(", by its own figure ", base::format_duration(std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::duration<double>(*status.seconds_behind))), " behind");
  return out;
}

SwitchoverRun::Facts SwitchoverRun::catch_up() {
  const auto begin = pair_.ctx.clock.now();
  wait_applied(position_, begin + left(), concat("the target did not catch up within the --budget of ", pair_.options.budget.count(), " ms"));
  return {{"ms", std::to_string(std::chrono::duration_cast<milliseconds>(pair_.ctx.clock.now() - begin).count())}};
}

SwitchoverRun::Facts SwitchoverRun::check() {
  if (const auto state = pair_.old_side->fence_state(); !state.fenced) throw Error(Exit::refused, "the fence no longer holds: " + state.evidence);
  if (pair_.old_side->written_since(position_))
    throw Error(Exit::refused, concat("the source was written after the fence: ", pair_.old_side->current_position().display(), " instead of ", position_.display()));
  check_definitions();
  // Nobody takes a number any more: from now on the exact ones stand.
  pair_.new_side->set_sequences(pair_.old_side->sequences(scope_), 0);
  const auto history = pair_.new_side->local_history();
  if (history != journal_.fact(run_, Step::arm, "target_history").value_or(""))
    throw Error(Exit::refused, concat("somebody wrote on the target: its own history is now ", history), {.hint = "Find out who, and verify the target again."});
  return {{"events", events_text(events_to_promote(pair_, scope_))}};
}

SwitchoverRun::DefinitionsRead SwitchoverRun::read_definitions() {
  return {pair_.old_side->definitions_mark(), pair_.old_side->fixed_definitions(scope_)};
}

/// In the write pause: all of them are read only when something says that one may have been changed.
void SwitchoverRun::check_definitions() {
  const auto now = read_definitions();
  bool changed = now.outline != definitions_.outline;
  if (!changed && now.mark != definitions_.mark) {
    std::vector<RoleFinding> found;
    compare_definitions(pair_, scope_, Definitions::must_agree, found);
    changed = std::any_of(found.begin(), found.end(), [](const auto& f) { return f.finding.blocks; });
  }
  if (changed)
    throw Error(Exit::refused, "definitions of the source were changed during the switchover, and the channel does not carry them",
                {.hint = "replica-ctl preflight names the differences: make the same change on the target."});
}

SwitchoverRun::Facts SwitchoverRun::promote() {
  prove_old_closed();
  if (pair_.new_side->channel(pair_.options.channel).exists) {
    // Applied once, applied for good; but what a resume finds after days is looked at again.
    if (pair_.new_side->wait_applied(pair_.options.channel, position_, kAppliedAgain) != engine::Applied::yes)
      throw Error(Exit::replication, concat("the target has not applied ", position_.display()));
    pair_.new_side->drop_channel(pair_.options.channel);
  }
  pair_.new_side->open_writes(previous_);
  blocked_until_ = pair_.ctx.clock.now();
  set_events();
  forget_follower();
  return {};
}

/// The fence of a product that cannot keep it over a restart may be gone when a resume comes late.
void SwitchoverRun::prove_old_closed() {
  if (!resumed_) return;  // check has just looked
  try {
    if (!pair_.old_side->fence_state().fenced) pair_.old_side->fence(kFenceCap);
  } catch (const Error& e) {
    if (e.code() != Exit::unavailable) throw;
    pair_.ctx.log.warn("the old server cannot be reached: make sure that nothing writes there when it comes back");
    return;
  }
  if (pair_.old_side->written_since(position_))
    throw Error(Exit::refused, concat("the old server was written after the switchover was committed: ", pair_.old_side->current_position().display(), " instead of ", position_.display()),
                {.hint = "These writes are not on the new server: move them by hand, then promote it alone with replica-ctl promote."});
}

/// The new server serves already: what keeps history for it on the old one may not fill that one's disk.
void SwitchoverRun::forget_follower() {
  try {
    inform(pair_, newest_copy(pair_.target), true);
    pair_.old_side->forget_follower(engine::Forget::history);
  } catch (const Error& e) {
    pair_.ctx.log.warn(concat("the old server may keep history for a follower that is gone, until replica-ctl drop has run: ", e.text()));
  }
}

SwitchoverRun::Facts SwitchoverRun::open_old() {
  // The new server was never opened by this journal. Only somebody else can have; then two servers would take writes.
  try {
    if (!pair_.new_side->fence_state().fenced && journal_.fact(run_, Step::arm, "target_history") &&
        pair_.new_side->local_history() != journal_.fact(run_, Step::arm, "target_history"))
      throw Error(Exit::refused, "the new server takes writes and has taken some: opening the old one would make two of them",
                  {.hint = "Decide which one stays: replica-ctl fence the other, then unfence this one."});
  } catch (const Error& e) {
    if (e.code() == Exit::refused) throw;
    pair_.ctx.log.warn(concat("the new server could not be asked whether it takes writes: ", e.text()));
  }
  pair_.old_side->unfence(previous_);
  blocked_until_ = pair_.ctx.clock.now();
  return {};
}

SwitchoverRun::Facts SwitchoverRun::hook(const std::string& command, const std::string& name, std::chrono::nanoseconds within) {
  const auto& s = pair_.source.endpoint();
  const auto& t = pair_.target.endpoint();
  run_hook(command, name,
           {{"FLYTT_SOURCE_URL", s.display()}, {"FLYTT_TARGET_URL", t.display()}, {"FLYTT_SOURCE_HOST", s.host}, {"FLYTT_TARGET_HOST", t.host},
            {"FLYTT_SOURCE_PORT", std::to_string(s.port)}, {"FLYTT_TARGET_PORT", std::to_string(t.port)}, {"FLYTT_RUN", run_},
            {"FLYTT_POSITION", position_.known() ? position_.display() : ""}},
           within);
  return {};
}

}  // namespace flytt::task
