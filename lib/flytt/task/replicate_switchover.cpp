// switchover, resume and rollback: carries out what plan/switchover.hpp decides, each step between two lines of the journal.
// SPDX-License-Identifier: MIT
#include <flytt/task/replicate_switchover.hpp>

#include <algorithm>

#include <flytt/base/text.hpp>
#include <flytt/base/uuid.hpp>

namespace flytt::task {

using base::concat;
using base::Error;
using base::Exit;
using plan::Mark;
using plan::Step;
using std::chrono::milliseconds;

namespace {

constexpr int kAttempts = 5;  // of what must not fail: opening a server
constexpr milliseconds kBetweenAttempts{300};

}  // namespace

SwitchoverRun::SwitchoverRun(Pair& pair, Journal& journal, std::string run, plan::Switchover machine)
    : pair_(pair), journal_(journal), run_(std::move(run)), machine_(std::move(machine)) {
  const auto& o = pair_.options;
  reserve_ = std::min(milliseconds(2'000), o.budget / 4);
  deadline_ = pair_.ctx.clock.now() + o.budget;
  if (const auto gtid = journal_.fact(run_, Step::freeze, "gtid")) {
    position_.gtid = *gtid;
    position_.file = journal_.fact(run_, Step::freeze, "file").value_or("");
    position_.offset = base::parse_u64(journal_.fact(run_, Step::freeze, "offset").value_or("0")).value_or(0);
    position_.lsn = journal_.fact(run_, Step::freeze, "lsn").value_or("");
  }
  previous_ = journal_.fact(run_, Step::fence, "previous").value_or("");
}

std::chrono::nanoseconds SwitchoverRun::left() const { return deadline_ - pair_.ctx.clock.now() - reserve_; }

void SwitchoverRun::write(Step step, Mark mark, const Facts& facts) {
  plan::Switchover next = machine_;
  next.apply({step, mark});
  journal_.append({.run = run_, .kind = "switchover", .step = std::string(plan::name(step)), .mark = std::string(plan::name(mark)),
                   .facts = facts.empty() ? codec::JsonValue() : facts_of(facts)});
  machine_ = next;
  pair_.out.event("step", {{"run", run_}, {"step", plan::name(step)}, {"mark", plan::name(mark)}});
  pair_.ctx.log.debug(concat("switchover ", plan::name(step), ": ", plan::name(mark)));
}

void SwitchoverRun::probe(Step step, const char* point) {
  if (pair_.options.failpoint) pair_.options.failpoint(step, point);
}

void SwitchoverRun::go() {
  while (const auto step = machine_.next()) {
    if (machine_.phase() == plan::Phase::forward && begun_) turn_back_when_late();
    if (machine_.next() != step) continue;
    perform(*step);
  }
}

void SwitchoverRun::turn_back_when_late() {
  if (pair_.ctx.stop.stop_requested()) fail(Error(Exit::temporary, "stopped on request"));
  else if (machine_.next() > Step::preflight && machine_.next() != Step::arm && left().count() <= 0)
    fail(Error(Exit::timeout, concat("the --budget of ", pair_.options.budget.count(), " ms is used up before ", plan::name(*machine_.next()))));
  else return;
  machine_.turn_back();
}

void SwitchoverRun::fail(const Error& e) {
  if (!cause_) cause_ = e;
  pair_.ctx.log.debug("switchover: " + e.text());
}

void SwitchoverRun::perform(Step step) {
  begun_ = true;
  if (plan::is_record_only(step)) return record(step);
  Facts facts;
  try {
    facts = intent_facts(step);
  } catch (const Error& e) {  // nothing was begun: only the fence asks a server here
    fail(e);
    machine_.turn_back();
    return;
  }
  try {
    write(step, Mark::intent, facts);
  } catch (const Error& e) {
    no_journal(e);
  }
  for (int attempt = 1;; ++attempt) {
    const auto error = attempt_step(step, facts);
    if (!error) break;
    // What puts a server into service is tried again: a lost connection must not decide over an outage.
    const bool must_not_fail = step == Step::open_old || step == Step::promote;
    if (!must_not_fail || attempt >= kAttempts || error->code() == Exit::refused) return failed(step, *error);
    pair_.ctx.clock.sleep_for(kBetweenAttempts, {});
  }
  try {
    write(step, Mark::done, facts);
  } catch (const Error& e) {
    no_journal(e);
  }
}

std::optional<Error> SwitchoverRun::attempt_step(Step step, Facts& facts) {
  try {
    probe(step, "before");
    facts = act(step);
    probe(step, "after");
    return std::nullopt;
  } catch (const Error& e) {
    return e;
  } catch (const std::exception& e) {  // out of memory and the like must not leave a fence standing
    return base::as_error(e).within(concat("in ", plan::name(step)));
  }
}

void SwitchoverRun::record(Step step) {
  probe(step, "before");
  try {
    write(step, Mark::done, step == Step::commit ? position_facts(position_) : Facts{});
  } catch (const Error& e) {
    // Whether the line of a COMMIT reached the disk is not known: neither server may be opened before somebody reads it.
    if (step == Step::commit)
      throw e.within("writing COMMIT to the journal").with_hint("Both servers are closed to writes. Run replica-ctl resume: it goes on from what the journal holds.");
    throw;
  }
  probe(step, "after");
}

void SwitchoverRun::failed(Step step, const Error& e) {
  try {
    write(step, Mark::failed, {{"error", e.text()}});
  } catch (const Error& io) {
    no_journal(io);
  }
  if (step == Step::open_old)
    throw Error(e.code(), concat("the old server is still closed to writes: ", e.text()), {.hint = "Repair that and run replica-ctl rollback again."});
  if (step == Step::promote)
    throw Error(Exit::promoted_not_opened, concat("the switchover is committed, but the new server does not take writes yet: ", e.text()),
                {.hint = "Repair that and run replica-ctl resume; the old server must stay closed."});
  if (step == Step::post_promote || step == Step::rollback_hook) hook_error_ = e;
  else fail(e);
}

/// The journal takes no more lines. Before COMMIT the old server is opened all the same, and its users are told so.
void SwitchoverRun::no_journal(const Error& e) {
  if (machine_.committed()) throw e.within("writing the journal after COMMIT; run replica-ctl resume");
  if (machine_.fence_possible()) pair_.old_side->unfence(previous_);
  throw e.within("writing the journal; the switchover was given up and the old server takes writes");
}

std::optional<milliseconds> SwitchoverRun::blocked() const {
  if (!blocked_since_ || !blocked_until_) return std::nullopt;
  return std::chrono::duration_cast<milliseconds>(*blocked_until_ - *blocked_since_);
}

Exit SwitchoverRun::report() {
  const auto ms = blocked();
  const std::string pause = ms ? concat("writes were blocked for ", ms->count(), " ms") : "writes were blocked since the earlier run";
  auto& out = pair_.out;
  out.result("run", run_);
  out.result("state", plan::name(machine_.phase()));
  out.result("journal", journal_.path());
  if (ms) out.result("blocked_ms", ms->count());
  if (machine_.phase() == plan::Phase::finished) {
    out.result("position", position_.display());
    out.line(concat("done: ", pair_.target.endpoint().display(), " takes writes; ", pause, "; position ", position_.display()));
    say_what_stays();
    if (hook_error_) throw Error(Exit::hook_failed, "promoted, but " + hook_error_->text(), {.hint = "Do by hand what the hook should have done."});
    return events_failed_ ? Exit::partial : Exit::done;
  }
  prove_put_back();
  const bool was_fenced = journal_.fact(run_, Step::fence, "previous").has_value();
  out.line(concat("rolled back: everything is put back, ", pair_.source.endpoint().display(), " takes writes", was_fenced ? "; " + pause : ""));
  if (hook_error_) pair_.ctx.log.error(hook_error_->text());
  if (cause_) throw cause_->within("switchover rolled back");
  return Exit::done;
}

/// A fence that a restart lifts must be kept by the server's configuration; the new server's must not keep one.
void SwitchoverRun::say_what_stays() {
  auto& out = pair_.out;
  out.line(concat("the old server ", pair_.source.endpoint().display(), " stays closed to writes; replica-ctl drop removes what is left of the channel"));
  try {
    print_configuration(out, "a restart opens it again; to keep it closed, add to its configuration:", pair_.old_side->fence_configuration());
    if (!pair_.new_side->fence_configuration().empty())
      out.line("what replica-ctl start printed for the configuration of the new server has to go from there: after a restart it would be closed");
  } catch (const Error& e) {
    pair_.ctx.log.warn(concat("a server could not be asked how its configuration keeps it closed: ", e.text()));
  }
}

/// A journal that lacks its last lines says that there was no fence: the server is asked.
void SwitchoverRun::prove_put_back() {
  try {
    if (const auto differs = contradiction(machine_.phase(), pair_); !differs.empty())
      throw Error(Exit::refused, differs, {.hint = open_again(machine_.phase() == plan::Phase::undone ? pair_.source : pair_.target)});
  } catch (const Error& e) {
    if (!cause_ || e.code() == Exit::refused) throw;
    pair_.ctx.log.warn(concat("the old server could not be asked whether it takes writes: ", e.text()));
  }
}

namespace {

Exit begin_new(Pair& pair, Journal& journal) {
  if (const auto open = newest_run(journal, pair); !open.empty() && journal.replay(open).open())
    throw Error(Exit::refused, concat("switchover ", open, " in ", journal.path(), " was interrupted: ", plan::name(journal.replay(open).phase())),
                {.hint = "End it with replica-ctl resume or replica-ctl rollback."});
  SwitchoverRun run(pair, journal, base::make_uuid(), {});
  run.go();
  return run.report();
}

/// Nothing in a journal says that there is something to roll back: the server is asked.
Exit nothing_to_roll_back(Pair& pair, const std::string& why) {
  const auto state = pair.old_side->fence_state();
  if (!state.takes_writes())
    throw Error(Exit::refused, concat(why, ", and ", pair.source.endpoint().display(), " is closed to writes: ", state.evidence), {.hint = open_again(pair.source)});
  pair.out.line(concat(why, "; ", pair.source.endpoint().display(), " takes writes: nothing to do"));
  return Exit::done;
}

Exit go_on(Pair& pair, Journal& journal) {
  const std::string id = newest_run(journal, pair);
  const bool back = pair.options.verb == ReplicaVerb::rollback;
  if (id.empty()) {
    const std::string none = concat("journal ", journal.path(), " holds no switchover of these servers");
    if (back) return nothing_to_roll_back(pair, none);
    throw Error(Exit::refused, none);
  }
  refuse_other_servers(pair, journal, id);
  auto machine = journal.replay(id);
  if (!machine.open()) {
    if (back && machine.committed()) machine.turn_back();  // throws, saying why not
    if (const auto differs = contradiction(machine.phase(), pair); !differs.empty())
      throw Error(Exit::refused, differs, {.hint = open_again(machine.phase() == plan::Phase::undone ? pair.source : pair.target)});
    pair.out.line(concat("switchover ", id, " is ", plan::name(machine.phase()), ": nothing to do"));
    return Exit::done;
  }
  machine.interrupted();
  if (back) machine.turn_back();
  SwitchoverRun run(pair, journal, id, machine);
  run.resumed();
  run.go();
  return run.report();
}

}  // namespace

base::Exit switch_over(Pair& pair) {
  const bool fresh = pair.options.verb == ReplicaVerb::switchover;
  if (!fresh) {
    const std::string path = journal_path(pair.options, pair.ctx, pair.source, &pair.target);
    if (!os::exists(path)) {
      const std::string none = concat("there is no journal ", path);
      if (pair.options.verb == ReplicaVerb::rollback) return nothing_to_roll_back(pair, none);
      throw Error(Exit::refused, none, {.hint = "Run it on the host where the switchover was begun, or give --journal."});
    }
  }
  if (fresh && pair.options.dry_run) {
    const auto copy = newest_copy(pair.target);
    const bool follows = pair.new_side->channel(pair.options.channel).exists;
    inform(pair, copy, follows);
    // A change of a definition that is still on its way is no difference.
    if (follows && pair.old_side->carries_definitions())
      static_cast<void>(pair.new_side->wait_applied(pair.options.channel, pair.old_side->current_position(), pair.options.max_lag));
    auto findings = all_findings(pair, scope_of(pair.options, copy), "", Definitions::must_agree);
    for (auto& f : undone_findings(undone_by_restart(pair), true)) findings.push_back(std::move(f));
    const auto blocking = print_findings(findings, pair.out);
    print_script(pair.out, pair.source.endpoint().display(), pair.old_side->describe_fence());
    auto promote = pair.new_side->describe_promote(pair.options.channel);
    for (auto& statement : pair.new_side->describe_events(events_to_promote(pair, scope_of(pair.options, copy)))) promote.push_back(std::move(statement));
    print_script(pair.out, pair.target.endpoint().display(), promote);
    return blocking == 0 ? Exit::done : Exit::refused;
  }
  Journal journal = journal_for(pair.options, pair.ctx, pair.source, &pair.target);
  pair.lock();
  return fresh ? begin_new(pair, journal) : go_on(pair, journal);
}

}  // namespace flytt::task
