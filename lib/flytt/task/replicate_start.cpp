// start: the target follows the source, once it is proved that the channel reaches that very server.
// SPDX-License-Identifier: MIT
#include <flytt/task/replicate_parts.hpp>

#include <algorithm>

#include <flytt/base/text.hpp>
#include <flytt/engine/ledger_json.hpp>

namespace flytt::task {

using base::concat;
using base::Error;
using base::Exit;
using std::chrono::milliseconds;

namespace {

constexpr milliseconds kCloseTarget{5'000};
constexpr milliseconds kPoll{50};
constexpr milliseconds kErrorStands{2'000};  // an error that a connection attempt repeats this long will not go away
constexpr milliseconds kApplierSettles{1'000};
constexpr std::string_view kAnyHost = "%";

bool is_source(const engine::ChannelStatus& s, const value::ServerIdentity& source) {
  return s.source_server_id == source.server_id && (s.source_uuid.empty() || s.source_uuid == source.uuid);
}

/// Until the target's channel says that it is connected to this very source, and the source that it is.
/// Throws Error{Exit::refused} for another server, Exit::unavailable when it does not connect in time.
void prove_route(Pair& pair, const engine::ChannelRequest& r) {
  auto& clock = pair.ctx.clock;
  const auto begin = clock.now();
  auto error_since = begin;
  std::string last_error;
  for (;;) {
    pair.ctx.check_stop();
    const auto s = pair.new_side->channel(r.channel);
    if (s.receiving && s.source_server_id != 0) {
      if (!is_source(s, r.source))
        throw Error(Exit::refused, concat("the target reached another server at ", s.source_address, ": server id ", s.source_server_id, " ", s.source_uuid,
                                          "; the source ", pair.source.endpoint().display(), " is server id ", r.source.server_id, " ", r.source.uuid),
                    {.hint = "Give the source's address as the target sees it: --source-address HOST:PORT."});
      if (pair.old_side->serves(pair.target.identity())) return;
      last_error = "the source does not list the target among its replicas";
    }
    const auto now = clock.now();
    if (s.error.empty()) error_since = now;
    else last_error = s.error;
    if (now - begin > pair.options.connect_within || (!s.error.empty() && now - error_since > kErrorStands))
      throw Error(Exit::unavailable, concat("the target does not reach the source at ", r.source_host, ":", r.source_port, ": ",
                                            last_error.empty() ? "no connection" : last_error),
                  {.hint = "Check --source-address, the account " + r.user + ", its password and the firewall, seen from the target's host."});
    clock.sleep_for(kPoll, pair.ctx.stop);
  }
}

/// An applier that cannot apply stops within its first transactions.
void prove_applying(Pair& pair, const std::string& channel) {
  auto& clock = pair.ctx.clock;
  const auto end = clock.now() + kApplierSettles;
  for (;;) {
    const auto s = pair.new_side->channel(channel);
    if (!s.applying && !s.error.empty()) throw Error(Exit::replication, "the channel stopped at once: " + s.error);
    if (s.applying && clock.now() >= end) return;
    if (clock.now() > end + kApplierSettles) throw Error(Exit::replication, "the channel's applier does not run");
    clock.sleep_for(kPoll, pair.ctx.stop);
  }
}

std::vector<std::pair<std::string, std::string>> start_facts(Pair& pair, const value::Position& position, const value::Scope& scope, const std::string& settings) {
  value::Manifest followed;
  followed.position = position;
  followed.scope = scope;
  followed.source = pair.source.identity();
  auto facts = pair_facts(pair);
  for (const auto& [name, value] : {std::pair<const char*, std::string>{"channel", pair.options.channel}, {"target_settings", settings},
                                    {"account", pair.options.create_repl_user ? pair.options.repl_user : ""}, {"position", position.display()},
                                    {"follows", engine::copy_json(followed)}})
    facts.emplace_back(name, value);
  return facts;
}

void print_lines_to_keep(Pair& pair, const engine::ChannelRequest& r) {
  const auto fence = pair.new_side->fence_configuration();
  print_configuration(pair.out, concat("to keep the channel limited", fence.empty() ? "" : " and the target closed", " after a restart of the target, add to its configuration, until the switchover:"),
                      pair.new_side->persistent_configuration(r) + fence);
}

/// What a restart of the target has undone is done again, before anything more is applied.
void put_limits_back(Pair& pair, const engine::ChannelRequest& r, const Undone& undone) {
  Journal journal = journal_for(pair.options, pair.ctx, pair.source, &pair.target);
  journal.append({.kind = "channel", .step = "start", .mark = "intent", .facts = facts_of(start_facts(pair, {}, r.scope, pair.new_side->fence_settings()))});
  pair.new_side->stop_channel(r.channel);
  if (!undone.limits.empty()) pair.new_side->limit_channel(r.channel, r.scope);
  if (!undone.open.empty()) pair.new_side->fence(kCloseTarget);
  journal.append({.kind = "channel", .step = "start", .mark = "done"});
  for (const auto& what : undone.limits) pair.out.line_always("put back: " + what);
  if (!undone.open.empty()) pair.out.line_always("put back: " + undone.open);
  pair.out.line_always("what came of other databases, or was written by others, meanwhile is still on the target: compare it with verify-rows");
  print_lines_to_keep(pair, r);
}

base::Exit go_on(Pair& pair, engine::ChannelStatus s) {
  const Undone undone = undone_by_restart(pair);
  if (pair.options.dry_run) {
    for (const auto& f : undone_findings(undone, false)) pair.out.line_always("would put back: " + f.finding.message);
    pair.out.line_always(concat(s.receiving && s.applying ? "following " : "would go on following ", s.source_address, " at ", s.applied));
    return Exit::done;
  }
  if (undone.any()) {
    engine::ChannelRequest limits;
    limits.channel = pair.options.channel;
    if (const auto scope = followed_scope(pair)) limits.scope = *scope;
    else limits.scope.all_databases = true;
    put_limits_back(pair, limits, undone);
    s = pair.new_side->channel(pair.options.channel);
  }
  if (!s.receiving || !s.applying) pair.new_side->resume_channel(pair.options.channel);
  engine::ChannelRequest r;
  r.channel = pair.options.channel;
  r.source = pair.source.identity();
  r.user = pair.options.repl_user;
  const auto colon = s.source_address.rfind(':');
  r.source_host = s.source_address.substr(0, colon);
  r.source_port = static_cast<std::uint16_t>(base::parse_u64(std::string_view(s.source_address).substr(colon + 1)).value_or(0));
  prove_route(pair, r);
  prove_applying(pair, r.channel);
  pair.out.line(concat("following ", s.source_address, " already, at ", s.applied));
  return Exit::done;
}

struct Start {
  value::Position position;
  value::Scope scope;
};

Start where_to_start(Pair& pair) {
  const auto copy = newest_copy(pair.target);
  const auto& o = pair.options;
  if (!o.position.empty()) return {value::parse_position(o.position), scope_of(o, copy)};
  if (const auto why = swapped(pair); !why.empty()) throw Error(Exit::refused, why, {.hint = "The old server is named first, the new one second."});
  if (!copy)
    throw Error(Exit::refused, concat("the ledger of ", pair.target.endpoint().display(), " holds no finished copy to follow from"),
                {.hint = "Load one with load-stream, or give --position."});
  if (copy->source.uuid != pair.source.identity().uuid)
    throw Error(Exit::refused, concat("the newest copy ", copy->uuid, " was taken from ", copy->source.hostname, " (", copy->source.uuid, "), not from ",
                                      pair.source.endpoint().display(), " (", pair.source.identity().uuid, ")"),
                {.hint = "Check the source's URL, or load a copy of this source."});
  if (!copy->position.known()) throw Error(Exit::refused, concat("copy ", copy->uuid, " was taken without a position: its source wrote no binary log"));
  return {copy->position, scope_of(o, copy)};
}

void put_back(Pair& pair, const engine::ChannelRequest& r, const std::string& settings, bool account_made) noexcept {
  const auto attempt = [&](const char* what, auto&& action) {
    try {
      action();
    } catch (const std::exception& e) {
      pair.ctx.log.error(concat("could not ", what, ": ", base::as_error(e).text()));
    }
  };
  attempt("remove the channel", [&] { pair.new_side->drop_channel(r.channel); });
  attempt("open the target again", [&] { pair.new_side->unfence(settings); });
  if (account_made) attempt("remove the account", [&] { pair.old_side->drop_channel_account(r.user, std::string(kAnyHost)); });
}

}  // namespace

StartPlan plan_start(Pair& pair) {
  const auto& o = pair.options;
  StartPlan plan;
  const auto copy = newest_copy(pair.target);
  const auto attempt = [&](const char* code, auto&& action) {
    try {
      action();
    } catch (const Error& e) {
      if (e.code() != Exit::refused) throw;
      const bool said = std::any_of(plan.findings.begin(), plan.findings.end(), [&](const auto& f) { return f.finding.message == e.message(); });
      if (!said) plan.findings.push_back({"target", {true, code, "", e.message(), e.facts().hint}});
      if (!said && !plan.cause) plan.cause = e;
    }
  };
  plan.scope = scope_of(o, copy);
  std::optional<value::Position> position;
  attempt("start-position", [&] {
    const Start start = where_to_start(pair);
    position = start.position;
    plan.scope = start.scope;
  });
  attempt("source-address", [&] { plan.request = channel_request(pair, position.value_or(value::Position{}), plan.scope); });
  inform(pair, copy, false);
  for (auto& f : all_findings(pair, plan.scope, o.create_repl_user ? "" : o.repl_user)) plan.findings.push_back(std::move(f));
  if (position && plan.request) attempt("start-position", [&] { plan.script = pair.new_side->describe_start(*plan.request); });
  return plan;
}

base::Exit start_following(Pair& pair) {
  const auto& o = pair.options;
  if (const auto s = pair.new_side->channel(o.channel); s.exists) return go_on(pair, s);
  const StartPlan plan = plan_start(pair);
  const auto blocking = print_findings(plan.findings, pair.out);
  if (plan.cause) throw *plan.cause;
  const auto& request = *plan.request;
  const Start start{request.position, request.scope};
  if (o.dry_run) {
    print_script(pair.out, pair.target.endpoint().display(), plan.script);
    return blocking == 0 ? Exit::done : Exit::refused;
  }
  if (blocking != 0) throw Error(Exit::refused, concat(blocking, " finding(s) stand in the way; nothing was changed"));

  Journal journal = journal_for(o, pair.ctx, pair.source, &pair.target);
  const std::string settings = pair.new_side->fence_settings();
  journal.append({.kind = "channel", .step = "start", .mark = "intent", .facts = facts_of(start_facts(pair, start.position, start.scope, settings))});
  bool account_made = false;
  try {
    if (o.create_repl_user) {
      pair.old_side->create_channel_account(o.repl_user, o.repl_password, std::string(kAnyHost));
      account_made = true;
    }
    pair.new_side->fence(kCloseTarget);  // nobody but the channel writes on a target
    pair.new_side->start_channel(request);
    prove_route(pair, request);
    pair.new_side->resume_channel(o.channel);
    prove_applying(pair, o.channel);
  } catch (const Error& e) {
    put_back(pair, request, settings, account_made);
    journal.append({.kind = "channel", .step = "start", .mark = "failed", .facts = facts_of({{"error", e.text()}})});
    throw;
  }
  journal.append({.kind = "channel", .step = "start", .mark = "done"});
  pair.out.line(concat("following ", request.source_host, ":", request.source_port, " from ", start.position.display(), ", limited to ", start.scope.display()));
  pair.out.line("the target is read-only for everybody but the channel until it is promoted");
  print_lines_to_keep(pair, request);
  pair.out.result("position", start.position.display());
  return Exit::done;
}

}  // namespace flytt::task
