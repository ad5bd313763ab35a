// The verbs of replica-ctl that are short; start and switchover have files of their own.
// SPDX-License-Identifier: MIT
#include <flytt/task/replicate.hpp>

#include <algorithm>

#include <flytt/base/text.hpp>
#include <flytt/task/later_stop.hpp>
#include <flytt/task/replicate_parts.hpp>
#include <flytt/task/replicate_switchover.hpp>

namespace flytt::task {

using base::concat;
using base::Error;
using base::Exit;
using std::chrono::milliseconds;

namespace {

constexpr milliseconds kDrainPoll{50};

/// What start says, or when the channel is there already what stands in its way now.
std::vector<RoleFinding> findings_now(Pair& pair) {
  if (!pair.new_side->channel(pair.options.channel).exists) return plan_start(pair).findings;
  const auto copy = newest_copy(pair.target);
  inform(pair, copy, true);
  auto findings = all_findings(pair, scope_of(pair.options, copy), pair.options.create_repl_user ? "" : pair.options.repl_user);
  for (auto& f : undone_findings(undone_by_restart(pair), false)) findings.push_back(std::move(f));
  return findings;
}

Exit preflight(Pair& pair) {
  const auto findings = findings_now(pair);
  const auto blocking = print_findings(findings, pair.out);
  if (blocking == 0) pair.out.line(concat("nothing stands in the way (", findings.size(), " warning(s))"));
  else pair.out.line_always(concat(blocking, " finding(s) stand in the way"));
  return blocking == 0 ? Exit::done : Exit::refused;
}

void print_fence(Output& out, const std::string& role, const engine::FenceState& state) {
  out.line(concat(role, state.fenced ? " is closed to writes: " : state.refuses_writes ? " refuses writes, though no whole fence stands: " : " takes writes: ", state.evidence));
}

/// What the verbs fence and unfence have done to the source, as far as their journal is here.
struct ByVerb {
  bool fenced = false;
  std::string opened;  ///< when unfence was done, if that was the last
};
ByVerb done_by_verbs(Pair& pair) {
  const auto path = journal_path(pair.options, pair.ctx, pair.source, nullptr);
  if (!os::exists(path)) return {};
  const Journal journal(path, pair.ctx.clock, Journal::Access::read);
  ByVerb out;
  for (const auto& r : journal.records()) {
    if ((r.kind != "fence" && r.kind != "unfence") || !is_about(r, "uuid", pair.source)) continue;
    out.fenced = r.kind == "fence" || r.mark != "done";
    out.opened = out.fenced ? "" : r.ts;
  }
  return out;
}

/// A source that was closed for good and is not any more, as after a restart; "" when nobody said that it should stay so.
std::string came_open(Pair& pair, const ByVerb& verbs, std::string_view switched_at, const engine::FenceState& fence) {
  if (fence.fenced || (!verbs.fenced && (switched_at.empty() || verbs.opened > switched_at))) return {};
  return concat("the source was closed to writes by ", verbs.fenced ? "replica-ctl fence" : "the switchover", " and is not any more: ", fence.evidence,
                ". A restart does that where its configuration does not keep it closed: replica-ctl fence ", pair.source.endpoint().shell_word(),
                " closes it again and prints the lines; writes that it has taken are on no other server");
}

Exit status(Pair& pair) {
  auto& out = pair.out;
  const auto s = pair.new_side->channel(pair.options.channel);
  const bool good = s.exists && s.receiving && s.applying;
  std::vector<RoleFinding> differences;
  for (auto& f : undone_findings(undone_by_restart(pair), false)) differences.push_back(std::move(f));
  try {
    if (s.exists && !pair.old_side->carries_definitions()) compare_definitions(pair, scope_of(pair.options, newest_copy(pair.target)), Definitions::must_agree, differences);
  } catch (const Error& e) {
    if (e.code() != Exit::privilege) throw;
    differences.push_back({"target", {false, "definitions-unseen", "", "definitions could not be compared: " + e.message(), "Ask with the account that replica-ctl start had."}});
  }
  const auto say = [&](const std::string& text) { good ? out.line(text) : out.line_always(text); };
  say(!s.exists ? concat("the target has no channel ", pair.options.channel)
                     : concat(good ? "following " : s.connecting && s.applying ? "connecting to " : "stopped, was following ", s.source_address));
  if (const auto why = s.exists ? std::string() : swapped(pair); !why.empty()) out.line_always(why);
  if (s.exists) {
    out.line("received: " + s.received);
    out.line("applied:  " + s.applied);
    out.line("limited to: " + (s.filters.empty() ? std::string("everything") : s.filters));
  }
  if (!s.error.empty()) out.line_always("error: " + s.error);
  const auto old_fence = pair.old_side->fence_state(), new_fence = pair.new_side->fence_state();
  print_fence(out, "source", old_fence);
  print_fence(out, "target", new_fence);
  std::string open = "none", differs;
  const ByVerb verbs = done_by_verbs(pair);
  std::string switched_at;
  bool known = false;  // why the source is closed
  if (const auto path = journal_path(pair.options, pair.ctx, pair.source, &pair.target); os::exists(path)) {
    const Journal journal(path, pair.ctx.clock, Journal::Access::read);
    if (const auto run = journal.newest_run(pair.source.identity().uuid, pair.target.identity().uuid); !run.empty()) {
      const auto phase = journal.replay(run).phase();
      open = concat(run, " ", plan::name(phase));
      differs = contradiction(phase, pair);
      if (journal.replay(run).open() && !old_fence.takes_writes()) differs = "the source is closed by a switchover that was interrupted: replica-ctl resume goes on with it, replica-ctl rollback opens the source";
      known = true;
      for (const auto& r : journal.records())
        if (phase == plan::Phase::finished && r.run == run) switched_at = r.ts;
    }
  }
  if (differs.empty()) differs = came_open(pair, verbs, switched_at, old_fence);
  if (!old_fence.takes_writes() && !known && !verbs.fenced) differs = concat("the source is closed to writes, and no journal on this host says why. ", open_again(pair.source));
  out.line("switchover: " + open);
  if (!differs.empty()) out.line_always(differs);
  const bool same = print_findings(differences, out) == 0;
  out.event("status", {{"exists", s.exists}, {"receiving", s.receiving}, {"applying", s.applying}, {"source_address", s.source_address},
                       {"received", s.received}, {"applied", s.applied}, {"filters", s.filters}, {"error", s.error},
                       {"source_fenced", old_fence.fenced}, {"target_fenced", new_fence.fenced}, {"switchover", open}});
  return good && same && differs.empty() ? Exit::done : Exit::no;
}

Exit drop(Pair& pair) {
  Journal journal = journal_for(pair.options, pair.ctx, pair.source, &pair.target);
  const auto run = newest_run(journal, pair);
  const auto machine = run.empty() ? plan::Switchover{} : journal.replay(run);
  if (machine.open())
    throw Error(Exit::refused, concat("switchover ", run, " was interrupted: ", plan::name(machine.phase())), {.hint = "End it with replica-ctl resume or replica-ctl rollback."});
  const bool promoted = machine.phase() == plan::Phase::finished;
  inform(pair, newest_copy(pair.target), true);
  pair.new_side->drop_channel(pair.options.channel);
  const auto settings = target_settings_before(journal, pair.target);
  if (!promoted && !settings.empty()) pair.new_side->unfence(settings);
  pair.old_side->forget_follower(engine::Forget::everything);
  std::string account;
  for (const auto& r : journal.records())
    if (r.kind == "channel" && is_about(r, "source_uuid", pair.source) && is_about(r, "target_uuid", pair.target) && r.facts.has("account")) account = r.facts.get_string("account");
  if (!account.empty()) pair.old_side->drop_channel_account(account, "%");
  journal.append({.kind = "dropped", .facts = facts_of(pair_facts(pair))});
  pair.out.line(concat("channel ", pair.options.channel, " is gone", account.empty() ? "" : " and account " + account,
                       promoted ? "" : settings.empty() ? "; whether the target takes writes was left as it is" : "; the target is as it was before start"));
  return Exit::done;
}

/// What the newest fence that was not lifted has changed; "" when there is none.
/// Throws when the journal is about another server: what was changed there is not put back here.
std::string standing_fence(const Journal& journal, engine::Server& server) {
  std::string previous;
  for (const auto& r : journal.records()) {
    if ((r.kind == "fence" || r.kind == "unfence") && !is_about(r, "uuid", server))
      throw Error(Exit::refused, concat("journal ", journal.path(), " is about the server ", r.facts.is_null() ? "" : r.facts.get_string("uuid", ""), ", and ", server.endpoint().display(), " is ", server.identity().uuid),
                  {.hint = "Name the journal of this server with --journal, or one that is not there yet."});
    if (r.kind == "fence" && previous.empty()) previous = r.facts.get_string("previous");
    if (r.kind == "unfence" && r.mark == "done") previous.clear();
  }
  return previous;
}

Exit fence_one(engine::Server& server, const ReplicateOptions& o, Output& out, const base::Context& ctx) {
  const auto side = server.replication();
  if (o.dry_run) {
    if (const auto path = journal_path(o, ctx, server, nullptr); os::exists(path)) static_cast<void>(standing_fence(Journal(path, ctx.clock, Journal::Access::read), server));
    print_script(out, server.endpoint().display(), side->describe_fence());
    return Exit::done;
  }
  Journal journal = journal_for(o, ctx, server, nullptr);
  side->lock_operator();
  std::string previous = standing_fence(journal, server);
  const auto note = [&](const char* step, const char* mark, const std::string& settings) {
    journal.append({.kind = step, .step = step, .mark = mark, .facts = facts_of({{"uuid", server.identity().uuid}, {"previous", settings}})});
  };
  if (o.verb == ReplicaVerb::fence) {
    if (previous.empty()) previous = side->fence_settings();
    note("fence", "intent", previous);
    side->fence(o.budget);
    const auto ended = side->end_sessions();
    const auto state = side->fence_state();
    note("fence", "done", previous);
    out.line(concat(server.endpoint().display(), " is closed to writes: ", state.evidence, "; ", ended, " session(s) ended"));
    for (const auto& who : state.can_still_write) out.line("it does not hold " + who);
    print_configuration(out, "a restart opens it again; to keep it closed, add to the server's configuration, until unfence:", side->fence_configuration());
    out.result("position", side->current_position().display());
    return Exit::done;
  }
  if (previous.empty() && !o.yes)
    throw Error(Exit::refused, concat("journal ", journal.path(), " holds no fence of ", server.endpoint().display()), {.hint = "--yes opens the server for writes all the same."});
  note("unfence", "intent", previous);
  side->unfence(previous);
  note("unfence", "done", previous);
  out.line(concat(server.endpoint().display(), " is as it was before the fence: ", side->fence_state().evidence));
  return Exit::done;
}

/// Those that ran on the source when it was copied. Of others, made or changed since, nobody can say without the source whether they did.
bool enable_noted_events(engine::Server& target, engine::Replication& side, const base::Context& ctx) {
  bool all = true;
  const auto fail = [&](const std::string& text) {
    ctx.log.error(text);
    all = false;
  };
  try {
    const auto copy = newest_copy(target);
    if (copy) side.enable_events(event_statuses(target, copy->uuid));
    std::vector<std::string> open;
    for (const auto& e : side.events(scope_of({}, copy)))
      if (e.of_replica) open.push_back(concat(e.schema, ".", e.name));
    if (!open.empty()) fail(concat("events that the source made or changed while it was followed, and that do not run here: ", base::join(open, ", "), "; enable by hand those that shall run"));
  } catch (const Error& e) {
    fail("events of the target are not all enabled: " + e.text());
  }
  return all;
}

/// The target alone. What was received is applied first; what the source did not send is lost, and the caller said yes to that.
Exit promote_alone(engine::Server& target, const ReplicateOptions& o, Output& out, const base::Context& ctx) {
  const auto side = target.replication();
  if (o.dry_run) {
    print_script(out, target.endpoint().display(), side->describe_promote(o.channel));
    return Exit::done;
  }
  if (!o.yes)
    throw Error(Exit::refused, "promote opens the target without asking the source: writes that it did not send are lost",
                {.hint = "With a source that is alive use switchover; else --yes, after making sure that it stays down."});
  side->lock_operator();
  const auto end = ctx.clock.now() + o.budget;
  for (auto s = side->channel(o.channel); s.exists && !s.drained; s = side->channel(o.channel)) {
    if (!s.applying) throw Error(Exit::replication, "the channel stopped before it had applied everything that it received: " + s.error);
    if (ctx.clock.now() >= end) throw Error(Exit::timeout, concat("not everything that was received is applied yet: ", s.received, " received, ", s.applied, " applied"));
    ctx.check_stop();
    ctx.clock.sleep_for(kDrainPoll, ctx.stop);
  }
  const auto s = side->channel(o.channel);
  side->drop_channel(o.channel);
  try {
    side->sequences_from_rows();
    side->open_writes("");
  } catch (const Error& e) {
    throw Error(Exit::promoted_not_opened, "the channel is gone, but the target is not open: " + e.text(), {.hint = "Repair that and run replica-ctl promote again."});
  }
  out.line(concat(target.endpoint().display(), " takes writes", s.exists ? ", at " + s.applied : ""));
  return enable_noted_events(target, *side, ctx) ? Exit::done : Exit::partial;
}

}  // namespace

base::Exit replicate(engine::Server& source, engine::Server& target, const ReplicateOptions& options, Output& out, const base::Context& ctx) {
  if (options.reverse || options.verb == ReplicaVerb::reverse)
    throw Error(Exit::config, "fail-back (reverse) is not in this release", {.hint = "Leave --reverse out; the old server stays as it was at the switchover."});
  if (options.verb == ReplicaVerb::fence || options.verb == ReplicaVerb::unfence) return fence_one(source, options, out, ctx);
  if (options.verb == ReplicaVerb::promote) return promote_alone(target, options, out, ctx);
  Pair pair{source, target, source.replication(), target.replication(), options, out, ctx};
  switch (options.verb) {
    case ReplicaVerb::preflight: return preflight(pair);
    case ReplicaVerb::status: return status(pair);
    case ReplicaVerb::start:
      pair.lock();
      return start_following(pair);
    case ReplicaVerb::stop:
      pair.lock();
      pair.new_side->stop_channel(options.channel);
      out.line(concat("channel ", options.channel, " is stopped at ", pair.new_side->channel(options.channel).applied));
      return Exit::done;
    case ReplicaVerb::drop:
      pair.lock();
      return drop(pair);
    default: return switch_over(pair);
  }
}

base::Exit replicate(const ReplicateOptions& options, Output& out, const base::Context& ctx) {
  // No statement is ended by a stop: each is short, and what was begun is put back first.
  const auto unstoppable = ctx.with_stop({});
  const auto source = options.verb == ReplicaVerb::promote ? nullptr : engine::open(options.source, unstoppable);
  const bool one = options.verb == ReplicaVerb::fence || options.verb == ReplicaVerb::unfence;
  const auto target = one ? nullptr : engine::open(options.target, unstoppable);
  const auto cancel = [&] {
    if (source) source->cancel_all();
    if (target) target->cancel_all();
  };
  // That holds for a server that answers. One that does not is not waited for for ever; where nothing is changed, not at all.
  const bool looks = options.verb == ReplicaVerb::preflight || options.verb == ReplicaVerb::status;
  const LaterStop later(ctx.clock, ctx.stop, std::max<std::chrono::nanoseconds>(kPutBackGrace, 2 * options.budget));
  const std::stop_callback on_stop(looks ? ctx.stop : later.token(), cancel);
  return replicate(source ? *source : *target, target ? *target : *source, options, out, ctx);
}

}  // namespace flytt::task
