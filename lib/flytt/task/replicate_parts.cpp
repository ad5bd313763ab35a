// What the verbs of replica-ctl share.
// SPDX-License-Identifier: MIT
#include <flytt/task/replicate_parts.hpp>

#include <algorithm>

#include <flytt/base/text.hpp>
#include <flytt/engine/ledger_json.hpp>
#include <flytt/os/dir.hpp>
#include <flytt/os/process.hpp>

namespace flytt::task {

using base::concat;
using base::Error;
using base::Exit;

void Pair::lock() {
  old_side->lock_operator();
  new_side->lock_operator();
}

Pair::~Pair() {
  if (old_side) old_side->unlock_operator();
  if (new_side) new_side->unlock_operator();
}

std::optional<engine::LedgerCopy> newest_copy(engine::Server& target) {
  const auto door = target.target();
  const auto copies = door->ledger().copies();
  for (auto c = copies.rbegin(); c != copies.rend(); ++c)
    if (c->state == "done") return *c;
  return std::nullopt;
}

void inform(Pair& pair, const std::optional<engine::LedgerCopy>& copy, bool begun) {
  if (!copy) return;
  const engine::FollowedCopy followed{copy->source, copy->position, pair.target.identity(), begun};
  pair.old_side->set_copy(followed);
  pair.new_side->set_copy(followed);
}

value::Scope scope_of(const ReplicateOptions& options, const std::optional<engine::LedgerCopy>& copy) {
  value::Scope scope;
  if (options.database.empty()) {
    if (copy) return copy->scope;
    scope.all_databases = true;
    return scope;
  }
  for (const auto name : base::split(options.database, ',')) scope.databases.emplace_back(base::trim(name));
  return scope;
}

namespace {

std::vector<std::string> lacking(const std::vector<std::string>& wanted, const std::vector<std::string>& has) {
  std::vector<std::string> out;
  for (const auto& w : wanted)
    if (!std::binary_search(has.begin(), has.end(), w)) out.push_back(w);
  return out;
}

/// Without accounts nobody can log in after the switchover; without definers views and routines fail.
void compare_accounts(Pair& pair, const value::Scope& scope, std::vector<RoleFinding>& out) {
  try {
    auto there = pair.new_side->accounts();
    std::sort(there.begin(), there.end());
    if (const auto missing = lacking(pair.old_side->accounts(), there); !missing.empty())
      out.push_back({"target", {false, "account-missing", missing.front(), "accounts of the source that the target lacks: " + base::join(missing, ", "),
                                "Create those that applications use before the switchover."}});
    if (const auto missing = lacking(pair.old_side->definers(scope), there); !missing.empty())
      out.push_back({"target", {false, "definer-missing", missing.front(), "views, routines, triggers or events run as accounts that the target lacks: " + base::join(missing, ", "),
                                "Create these accounts, or load with --definer."}});
  } catch (const Error& e) {
    if (e.code() != Exit::privilege) throw;
    out.push_back({"target", {false, "accounts-unseen", "", "accounts could not be compared: " + e.message(), "Compare them by hand, or give this account what flytt(7), ACCOUNTS, says."}});
  }
}

/// Databases that stay, and that the user has named as such.
void accept_others(const std::vector<std::string>& accepted, std::vector<RoleFinding>& findings) {
  std::erase_if(findings, [&](const RoleFinding& f) {
    return f.finding.code == "fenced-too" && std::find(accepted.begin(), accepted.end(), f.finding.object) != accepted.end();
  });
  for (auto& f : findings)
    if (f.finding.code == "fenced-too") f.finding.remedy = "Move it too, or, when that may be, say --also-fences " + base::quote_for_shell(f.finding.object);
}

}  // namespace

std::vector<RoleFinding> all_findings(Pair& pair, const value::Scope& scope, const std::string& repl_user, Definitions definitions) {
  std::vector<RoleFinding> out;
  for (auto& f : pair.old_side->source_findings(scope, repl_user)) out.push_back({"source", std::move(f)});
  for (auto& f : pair.new_side->target_findings(pair.source.identity(), scope)) out.push_back({"target", std::move(f)});
  accept_others(pair.options.also_fences, out);
  if (definitions == Definitions::must_agree || !pair.old_side->carries_definitions()) compare_definitions(pair, scope, definitions, out);
  compare_accounts(pair, scope, out);
  return out;
}

std::string swapped(Pair& pair) {
  const std::string told = concat("SOURCE and TARGET look swapped: ", pair.source.endpoint().display());
  try {
    if (const auto there = newest_copy(pair.source); there && there->source.uuid == pair.target.identity().uuid) {
      if (const auto here = newest_copy(pair.target); here && here->source.uuid == pair.source.identity().uuid) return {};  // a way back
      return concat(told, " holds the copy ", there->uuid, " of ", pair.target.endpoint().display());
    }
    if (pair.new_side->channel(pair.options.channel).exists) return {};
    if (pair.old_side->channel(pair.options.channel).exists && pair.new_side->serves(pair.source.identity()))
      return concat(told, " follows ", pair.target.endpoint().display());
  } catch (const Error&) {
    return {};  // whoever may not look there suspects nothing
  }
  return {};
}

std::size_t print_findings(const std::vector<RoleFinding>& findings, Output& out) {
  std::size_t blocking = 0;
  for (const auto& [role, f] : findings) {
    blocking += f.blocks ? 1 : 0;
    const auto say = [&](const std::string& text) { f.blocks ? out.line_always(text) : out.line(text); };
    out.marked(f.blocks ? Weight::blocks : Weight::warning, f.blocks ? "blocks" : "warning", concat(f.blocks ? "  " : " ", role, "  ", f.code, ": ", f.message));
    if (!f.remedy.empty()) say("        " + f.remedy);
    out.event("finding", {{"role", role}, {"blocks", f.blocks}, {"code", f.code}, {"object", f.object}, {"message", f.message}, {"remedy", f.remedy}});
  }
  return blocking;
}

void print_script(Output& out, const std::string& where, const engine::Script& script) {
  out.line_always("-- on " + where);
  for (const auto& statement : script) {
    out.line_always(statement + ";");
    out.event("statement", {{"server", where}, {"statement", statement}});
  }
}

void print_configuration(Output& out, const std::string& what_for, const std::string& lines) {
  if (lines.empty()) return;
  out.line(what_for);
  for (const auto line : base::split(base::trim(lines), '\n')) out.line(concat("    ", line));
}

std::optional<value::Scope> followed_scope(Pair& pair) {
  if (!pair.options.database.empty()) return scope_of(pair.options, {});
  std::optional<value::Scope> noted;
  if (const auto path = journal_path(pair.options, pair.ctx, pair.source, &pair.target); os::exists(path)) {
    const Journal journal(path, pair.ctx.clock, Journal::Access::read);
    for (const auto& r : journal.records()) {
      if (r.kind == "dropped" && (r.facts.is_null() || is_about(r, "target_uuid", pair.target))) noted.reset();
      if (r.kind != "channel" || !is_about(r, "target_uuid", pair.target) || !r.facts.has("follows")) continue;
      engine::LedgerCopy copy;
      engine::read_copy_json(r.facts.get_string("follows"), copy);
      noted = copy.scope;
    }
  }
  if (noted) return noted;
  // Of several copies the ledger does not say which one the channel went on from.
  const auto door = pair.target.target();
  for (const auto& copy : door->ledger().copies()) {
    if (copy.state != "done" || copy.source.uuid != pair.source.identity().uuid) continue;
    if (noted && *noted != copy.scope) return std::nullopt;
    noted = copy.scope;
  }
  return noted;
}

Undone undone_by_restart(Pair& pair) {
  Undone out;
  if (!pair.new_side->channel(pair.options.channel).exists) return out;
  if (const auto scope = followed_scope(pair)) out.limits = pair.new_side->channel_faults(pair.options.channel, *scope);
  if (const auto state = pair.new_side->fence_state(); !state.fenced) out.open = "the target is not closed to the writes of others while it follows: " + state.evidence;
  return out;
}

std::vector<RoleFinding> undone_findings(const Undone& undone, bool may_be_closed_again) {
  const std::string remedy = "A restart of the target undoes it where its configuration does not say so: replica-ctl start puts it back. What came or was written meanwhile stays.";
  std::vector<RoleFinding> out;
  for (const auto& text : undone.limits) out.push_back({"target", {true, "channel-limits", "", text, remedy}});
  if (!undone.open.empty()) out.push_back({"target", {!may_be_closed_again, "target-open", "", undone.open, remedy}});
  return out;
}

namespace {

std::pair<std::string, std::uint16_t> address_of(Pair& pair) {
  const auto& o = pair.options;
  if (o.source_address.empty()) {
    const auto& e = pair.source.endpoint();
    if (e.host.empty() || !e.param("socket").empty() || e.host == "localhost")
      throw Error(Exit::refused, concat("the target cannot reach ", e.display(), " by its socket"), {.hint = "Say how it does: --source-address HOST:PORT."});
    const auto port = pair.source.identity().settings.find("port");
    const auto own = port == pair.source.identity().settings.end() ? 0 : base::parse_u64(port->second).value_or(0);
    return {e.host, e.port != 0 ? e.port : static_cast<std::uint16_t>(own)};
  }
  const auto colon = o.source_address.rfind(':');
  const auto port = colon == std::string::npos ? std::nullopt : base::parse_u64(std::string_view(o.source_address).substr(colon + 1));
  if (!port || *port == 0 || *port > 65535 || colon == 0)
    throw Error(Exit::usage, concat("--source-address ", base::quote_for_message(o.source_address), " is not HOST:PORT"));
  return {o.source_address.substr(0, colon), static_cast<std::uint16_t>(*port)};
}

}  // namespace

engine::ChannelRequest channel_request(Pair& pair, const value::Position& position, const value::Scope& scope) {
  const auto& o = pair.options;
  engine::ChannelRequest r;
  r.channel = o.channel;
  std::tie(r.source_host, r.source_port) = address_of(pair);
  r.user = o.repl_user;
  r.password = o.repl_password;
  r.password_file = o.channel_password_file;
  if (r.password.empty() && r.password_file.empty() && !o.dry_run && o.verb != ReplicaVerb::preflight)
    throw Error(Exit::usage, concat("the channel's account ", o.repl_user, " has no password"), {.hint = "Set FLYTT_REPL_PASSWORD."});
  r.ssl_ca = o.channel_ssl_ca;
  const bool loopback = engine::is_local_host(r.source_host);
  if (!o.channel_ssl && !loopback)
    throw Error(Exit::refused, concat("the channel to ", r.source_host, " would carry rows over the network in clear"), {.hint = "Leave --no-channel-ssl out."});
  // On one host TLS is used when there is something to verify it by.
  r.ssl = o.channel_ssl && (!loopback || !r.ssl_ca.empty());
  r.position = position;
  r.scope = scope;
  r.source = pair.source.identity();
  return r;
}

std::vector<std::pair<std::string, std::string>> position_facts(const value::Position& p) {
  return {{"position", p.display()}, {"gtid", p.gtid}, {"file", p.file}, {"offset", std::to_string(p.offset)}, {"lsn", p.lsn}};
}

std::string journal_path(const ReplicateOptions& o, const base::Context& ctx, engine::Server& source, engine::Server* target) {
  if (!o.journal.empty()) return o.journal;
  const std::string first = source.identity().uuid, second = target != nullptr ? target->identity().uuid : "";
  std::string path = default_journal(first, second);
  if (os::exists(path)) return path;
  std::vector<Error> unreadable;
  if (auto earlier = earlier_journal(first, second, ctx.clock, unreadable)) return *std::move(earlier);
  for (const auto& e : unreadable) ctx.log.warn(concat("this journal may be about these servers, and cannot be read: ", e.text()));
  return path;
}

Journal journal_for(const ReplicateOptions& o, const base::Context& ctx, engine::Server& source, engine::Server* target) {
  if (o.journal.empty()) os::state_directory();
  return Journal(journal_path(o, ctx, source, target), ctx.clock, Journal::Access::append);
}

void refuse_other_servers(Pair& pair, const Journal& journal, const std::string& run) {
  const auto check = [&](const char* role, engine::Server& server) {
    const auto uuid = journal.fact(run, plan::Step::preflight, concat(role, "_uuid"));
    if (uuid && *uuid != server.identity().uuid)
      throw Error(Exit::refused, concat("the journal is about a ", role, " ", *uuid, ", and ", server.endpoint().display(), " is ", server.identity().uuid));
  };
  check("source", pair.source);
  check("target", pair.target);
}

std::string newest_run(const Journal& journal, Pair& pair) {
  std::string own = journal.newest_run(pair.source.identity().uuid, pair.target.identity().uuid);
  if (own.empty() && !pair.options.journal.empty() && !journal.newest_run().empty()) refuse_other_servers(pair, journal, journal.newest_run());
  return own;
}

std::string open_again(const engine::Server& server) {
  return concat("A switchover that was begun on another host is rolled back there. Else, when nobody has closed it for a reason and no other server took its place: replica-ctl unfence --yes ",
                server.endpoint().shell_word());
}

std::vector<std::pair<std::string, std::string>> pair_facts(Pair& pair) {
  return {{"source", pair.source.endpoint().display()}, {"source_uuid", pair.source.identity().uuid},
          {"target", pair.target.endpoint().display()}, {"target_uuid", pair.target.identity().uuid}};
}

bool is_about(const JournalRecord& record, std::string_view fact, engine::Server& server) {
  return !record.facts.is_null() && record.facts.get_string(fact, "") == server.identity().uuid;
}

std::string contradiction(plan::Phase phase, Pair& pair) {
  if (phase != plan::Phase::undone && phase != plan::Phase::finished) return {};
  engine::Server& server = phase == plan::Phase::undone ? pair.source : pair.target;
  const auto state = (phase == plan::Phase::undone ? pair.old_side : pair.new_side)->fence_state();
  if (state.takes_writes()) return {};
  return concat("by the journal the switchover is ", plan::name(phase), ", and ", server.endpoint().display(), " is closed to writes: ", state.evidence);
}

std::string target_settings_before(const Journal& journal, engine::Server& target) {
  // The oldest since the last drop: a start that was repeated has seen a target that was closed already.
  std::string out;
  for (auto r = journal.records().rbegin(); r != journal.records().rend(); ++r) {
    if (r->kind == "dropped" && (r->facts.is_null() || is_about(*r, "target_uuid", target))) break;
    if (r->kind == "channel" && is_about(*r, "target_uuid", target) && r->facts.has("target_settings")) out = r->facts.get_string("target_settings");
  }
  return out;
}

void run_hook(const std::string& command, const std::string& name, const std::vector<std::pair<std::string, std::string>>& environment,
              std::chrono::nanoseconds within) {
  if (command.empty()) return;
  os::Command c;
  c.program = "/bin/sh";
  c.args = {"-c", command};
  for (const auto& [key, value] : environment) c.environment[key] = value;
  c.environment["FLYTT_HOOK"] = name;
  c.deadline = within;
  c.capture_limit = 1U << 20;
  const auto finished = os::run(c);
  if (finished.status.success()) return;
  const auto said = base::trim(finished.err);
  throw Error(Exit::refused, concat("hook ", name, ": ", finished.status.text(), said.empty() ? "" : ": ", said.substr(0, said.find('\n'))));
}

}  // namespace flytt::task
