// Positions and channels.
// SPDX-License-Identifier: MIT
#include <flytt/engine/mysql_family/replication.hpp>

#include <algorithm>

#include <flytt/base/text.hpp>
#include <flytt/engine/mysql_family/replication_scope.hpp>

namespace flytt::engine::mysql_family {

using base::concat;
using base::Error;
using base::Exit;
using std::chrono::milliseconds;

namespace {

constexpr std::string_view kOperatorLock = "flytt.replica-ctl";
constexpr int kLockSeconds = 5;
constexpr milliseconds kSlice{250};  // a wait in the server does not notice that the applier stopped
constexpr milliseconds kPoll{20};

Applied verdict(const ChannelStatus& s, bool reached) {
  if (reached) return Applied::yes;
  // A receiver that connects again is waited for; one that gave up, or an applier that stopped, never arrives.
  return !s.exists || !s.applying || (!s.receiving && !s.connecting) ? Applied::stopped : Applied::not_yet;
}

}  // namespace

std::unique_ptr<Replication> make_replication(FamilyServer& server) { return std::make_unique<FamilyReplication>(server); }

Connection& FamilyReplication::session() {
  if (!session_ || !session_->alive()) session_ = server_.connect();
  return *session_;
}

value::Position FamilyReplication::current_position() {
  auto p = variant().log_end(session());
  if (!p.known())
    throw Error(Exit::refused, concat(server_.endpoint().display(), ": the binary log is off, so nothing can follow this server"),
                {.hint = "Set log_bin and restart the server."});
  return p;
}

bool FamilyReplication::serves(const value::ServerIdentity& replica) { return variant().has_replica(session(), replica); }

ChannelStatus FamilyReplication::channel(const std::string& channel) { return variant().channel_status(session(), channel); }

ChannelRequest FamilyReplication::fitted(ChannelRequest request) {
  const auto& settings = server_.identity().settings;
  const auto mode = settings.find("gtid_mode");
  if (mode != settings.end() && mode->second != "ON" && !request.position.file.empty()) request.position.gtid.clear();
  return request;
}

void FamilyReplication::quiet_session() {
  Connection& c = session();
  c.execute("SET SESSION long_query_time=31536000");  // a slow log may be set to take all, and one product writes passwords to it
  try {
    c.execute("SET SESSION sql_log_off=1");
  } catch (const Error& e) {
    if (e.code() != Exit::privilege) throw;
    if (c.scalar("SELECT @@GLOBAL.general_log") == "1" && server_.caps().gtid_domains)
      throw Error(Exit::refused, concat(c.endpoint(), ": the general log is on and would show the channel's password"),
                  {.hint = "Turn it off (SET GLOBAL general_log=0), or let this account set sql_log_off (SUPER)."});
  }
}

void FamilyReplication::start_channel(const ChannelRequest& given) {
  const ChannelRequest r = fitted(given);
  if (!r.password_file.empty()) throw Error(Exit::refused, "a channel of this product reads its password from no file", {.hint = "Set FLYTT_REPL_PASSWORD."});
  const ScopeFilter filter = scope_filter(r.scope);
  Connection& c = session();
  const auto position = variant().set_start_position(c, r);
  quiet_session();
  for (const auto& sql : position) c.execute(sql);
  c.execute_secret(variant().change_source(r, quote_text(r.password)), variant().change_source(r, "'***'"));
  try {
    for (const auto& sql : variant().channel_filters(r.channel, filter)) c.execute(sql);
    c.execute(variant().start_receiver(r.channel));
  } catch (const Error& e) {
    for (const auto& sql : variant().forget_channel(r.channel)) c.execute(sql);
    throw e.within("starting the channel, which was removed again");
  }
}

void FamilyReplication::resume_channel(const std::string& channel) { session().execute(variant().start_channel(channel)); }

void FamilyReplication::stop_channel(const std::string& channel) {
  if (this->channel(channel).exists) session().execute(variant().stop_channel(channel));
}

void FamilyReplication::drop_channel(const std::string& channel) {
  stop_channel(channel);
  if (!this->channel(channel).exists) return;
  for (const auto& sql : variant().forget_channel(channel)) session().execute(sql);
}

std::vector<std::string> FamilyReplication::channel_faults(const std::string& channel, const value::Scope& scope) {
  const ChannelStatus s = this->channel(channel);
  if (!s.exists) return {};
  const std::string wanted = filter_text(scope_filter(scope));
  if (s.filters == wanted) return {};
  const auto words = [](const std::string& filters) { return filters.empty() ? std::string("everything") : filters; };
  return {concat("channel ", channel, " carries ", words(s.filters), ", and was limited to ", words(wanted), " when it was started")};
}

void FamilyReplication::limit_channel(const std::string& channel, const value::Scope& scope) {
  const ScopeFilter filter = scope_filter(scope);
  stop_channel(channel);
  for (const auto& sql : variant().clear_filters(channel)) session().execute(sql);
  for (const auto& sql : variant().channel_filters(channel, filter)) session().execute(sql);
}

Applied FamilyReplication::applied(const std::string& channel, const value::Position& position) {
  const ChannelStatus s = this->channel(channel);
  return verdict(s, s.exists && variant().wait_position(session(), channel, position, milliseconds(0)));
}

Applied FamilyReplication::wait_applied(const std::string& channel, const value::Position& position, milliseconds within) {
  auto& clock = server_.context().clock;
  const auto end = clock.now() + within;
  for (;;) {
    const Applied now = applied(channel, position);
    const auto left = std::chrono::duration_cast<milliseconds>(end - clock.now());
    if (now != Applied::not_yet || left.count() <= 0 || server_.context().stop.stop_requested()) return now;
    const auto begun = clock.now();
    if (!position.gtid.empty() && variant().wait_position(session(), channel, position, std::min(kSlice, left))) return Applied::yes;
    if (clock.now() - begun < kPoll) clock.sleep_for(std::min(kPoll, left), server_.context().stop);  // not every channel can be waited for in the server
  }
}

std::optional<std::uint64_t> FamilyReplication::bytes_behind(const std::string& channel, const value::Position& position) {
  const std::string applied = this->channel(channel).applied;
  const auto blank = applied.rfind(' '), colon = applied.rfind(':');
  if (blank == std::string::npos || colon == std::string::npos || colon < blank) return std::nullopt;
  const auto offset = base::parse_u64(std::string_view(applied).substr(colon + 1));
  if (!offset || applied.substr(blank + 1, colon - blank - 1) != position.file) return std::nullopt;
  return position.offset > *offset ? position.offset - *offset : 0;
}

std::string FamilyReplication::local_history() { return variant().local_history(session()); }

Script FamilyReplication::describe_start(const ChannelRequest& given) {
  const ChannelRequest r = fitted(given);
  Script out = variant().set_start_position(session(), r);
  out.push_back(variant().change_source(r, "'***'"));
  for (const auto& sql : variant().channel_filters(r.channel, scope_filter(r.scope))) out.push_back(sql);
  out.push_back(variant().start_receiver(r.channel));
  out.push_back(variant().start_channel(r.channel));
  return out;
}

Script FamilyReplication::describe_promote(const std::string& channel) {
  Script out{variant().stop_channel(channel)};
  for (const auto& sql : variant().forget_channel(channel)) out.push_back(sql);
  if (server_.caps().super_read_only) out.push_back("SET GLOBAL super_read_only=0");
  out.push_back("SET GLOBAL read_only=0");
  return out;
}

std::string FamilyReplication::persistent_configuration(const ChannelRequest& request) {
  return variant().filter_configuration(request.channel, scope_filter(request.scope));
}

void FamilyReplication::lock_operator() {
  if (lock_) return;
  auto c = server_.connect();
  // The server ends the session of an operator that was killed within moments; only a living one keeps it longer.
  if (c->scalar(concat("SELECT GET_LOCK(", quote_text(kOperatorLock), ", ", kLockSeconds, ")")) == "1") {
    lock_ = std::move(c);
    return;
  }
  const auto holder = c->scalar(concat("SELECT IS_USED_LOCK(", quote_text(kOperatorLock), ")"));
  throw Error(Exit::locked, concat(c->endpoint(), ": another replica-ctl works on this server, in connection ", holder.value_or("unknown")),
              {.hint = "Wait for it; when it is dead, KILL that connection."});
}

void FamilyReplication::unlock_operator() noexcept { lock_.reset(); }

}  // namespace flytt::engine::mysql_family
