// Following and fencing for the family: composes the variant's statements.
// Layer: engine/mysql_family (3).  Thread rule: one thread per object.
// Parts: replication.cpp positions and channels, replication_fence.cpp, replication_accounts.cpp, replication_events.cpp,
// replication_findings.cpp.
// SPDX-License-Identifier: MIT
#pragma once

#include <memory>

#include <flytt/engine/mysql_family/family_server.hpp>
#include <flytt/engine/mysql_family/variant.hpp>

namespace flytt::engine::mysql_family {

std::unique_ptr<Replication> make_replication(FamilyServer& server);

/// What of the server's settings, and of the scope, keeps a copy that is taken now from being followed.
std::vector<Finding> following_findings(Connection& c, FamilyServer& server, const value::Scope& scope);

class FamilyReplication final : public Replication {
 public:
  explicit FamilyReplication(FamilyServer& server) : server_(server) {}

  void set_copy(const FollowedCopy& copy) override { copy_ = copy; }
  value::Position current_position() override;
  std::vector<Finding> source_findings(const value::Scope& scope, const std::string& repl_user) override;
  void create_channel_account(const std::string& user, const std::string& password, const std::string& from) override;
  void drop_channel_account(const std::string& user, const std::string& from) override;
  bool carries_definitions() override { return true; }
  bool serves(const value::ServerIdentity& replica) override;
  std::vector<std::string> accounts() override;
  std::vector<std::string> definers(const value::Scope& scope) override;

  std::string fence_settings() override;
  void fence(std::chrono::milliseconds within) override;
  FenceState fence_state() override;
  void unfence(const std::string& previous) override;
  std::string fence_configuration() override;
  unsigned end_sessions() override;

  std::vector<Finding> target_findings(const value::ServerIdentity& source, const value::Scope& scope) override;
  ChannelStatus channel(const std::string& channel) override;
  void start_channel(const ChannelRequest& request) override;
  void resume_channel(const std::string& channel) override;
  void stop_channel(const std::string& channel) override;
  void drop_channel(const std::string& channel) override;
  std::vector<std::string> channel_faults(const std::string& channel, const value::Scope& scope) override;
  void limit_channel(const std::string& channel, const value::Scope& scope) override;
  Applied applied(const std::string& channel, const value::Position& position) override;
  Applied wait_applied(const std::string& channel, const value::Position& position, std::chrono::milliseconds within) override;
  std::optional<std::uint64_t> bytes_behind(const std::string& channel, const value::Position& position) override;
  std::string local_history() override;
  void open_writes(const std::string& settings_of_predecessor) override;
  void enable_events(const std::vector<std::pair<std::string, std::string>>& statuses) override;
  std::vector<EventState> events(const value::Scope& scope) override;
  std::vector<std::string> set_events(const std::vector<EventState>& wanted) override;
  Script describe_events(const std::vector<EventState>& wanted) override;

  Script describe_start(const ChannelRequest& request) override;
  Script describe_fence() override;
  Script describe_promote(const std::string& channel) override;
  std::string persistent_configuration(const ChannelRequest& request) override;

  void lock_operator() override;
  void unlock_operator() noexcept override;

 private:
  /// The session, made anew when it was lost: what must be put back must not depend on one connection.
  Connection& session();
  const Variant& variant() { return server_.variant(); }
  /// The request with what this server can follow: no GTIDs where they are off.
  ChannelRequest fitted(ChannelRequest request);
  /// Keeps the session's statements out of the general log. Throws Error{Exit::refused} when it is on and cannot be kept out.
  void quiet_session();
  void kill_pending_fences();
  std::string who_holds_up();
  std::string who_may_hold_locks();
  bool mine(const std::string& connection_id) const;
  Result other_sessions();
  std::vector<std::string> fence_statements();
  std::string close_statement();

  FamilyServer& server_;
  FollowedCopy copy_{};
  std::unique_ptr<Connection> session_;
  std::unique_ptr<Connection> lock_;  // GET_LOCK lives as long as its session
};

}  // namespace flytt::engine::mysql_family
