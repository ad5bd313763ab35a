// Logical replication from a copy's slot, and fencing: what replica-ctl and lag-wait ask of one PostgreSQL server.
// Layer: engine/postgres (3).  Thread rule: one thread per object.
// Parts: replication.cpp positions and locks, replication_channel.cpp subscriptions, replication_fence.cpp,
// replication_sessions.cpp who else is connected, replication_accounts.cpp, replication_definitions.cpp, replication_sequences.cpp,
// replication_source.cpp and replication_target.cpp findings.
// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <flytt/engine/postgres/pg_server.hpp>
#include <flytt/engine/postgres/replication_acl.hpp>
#include <flytt/engine/replication.hpp>

namespace flytt::engine::postgres {

std::unique_ptr<Replication> make_replication(PgServer& server);

class PgReplication final : public Replication {
 public:
  explicit PgReplication(PgServer& server) : server_(server) {}

  void set_copy(const FollowedCopy& copy) override { copy_ = copy; }

  value::Position current_position() override;
  bool written_since(const value::Position& position) override;
  std::vector<Finding> source_findings(const value::Scope& scope, const std::string& repl_user) override;
  void create_channel_account(const std::string& user, const std::string& password, const std::string& from) override;
  void drop_channel_account(const std::string& user, const std::string& from) override;
  bool serves(const value::ServerIdentity& replica) override;
  std::vector<std::string> accounts() override;
  std::vector<std::string> definers(const value::Scope& scope) override;
  bool carries_definitions() override { return false; }
  std::string definitions_mark() override;
  std::vector<FixedDefinition> fixed_definitions(const value::Scope& scope) override;
  std::vector<SequenceState> sequences(const value::Scope& scope) override;
  void forget_follower(Forget how_much) override;

  std::string fence_settings() override;
  void fence(std::chrono::milliseconds within) override;
  FenceState fence_state() override;
  void unfence(const std::string& previous) override;
  unsigned end_sessions() override;

  std::vector<Finding> target_findings(const value::ServerIdentity& source, const value::Scope& scope) override;
  ChannelStatus channel(const std::string& channel) override;
  void start_channel(const ChannelRequest& request) override;
  void resume_channel(const std::string& channel) override;
  void stop_channel(const std::string& channel) override;
  void drop_channel(const std::string& channel) override;
  Applied applied(const std::string& channel, const value::Position& position) override;
  Applied wait_applied(const std::string& channel, const value::Position& position, std::chrono::milliseconds within) override;
  std::optional<std::uint64_t> bytes_behind(const std::string& channel, const value::Position& position) override;
  std::string local_history() override;
  void set_sequences(const std::vector<SequenceState>& states, std::uint64_t ahead) override;
  void sequences_from_rows() override;
  void open_writes(const std::string& settings_of_predecessor) override;
  void enable_events(const std::vector<std::pair<std::string, std::string>>&) override {}

  Script describe_start(const ChannelRequest& request) override;
  Script describe_fence() override;
  Script describe_promote(const std::string& channel) override;
  std::string persistent_configuration(const ChannelRequest&) override { return {}; }

  void lock_operator() override;
  void unlock_operator() noexcept override { lock_.reset(); }

 private:
  struct OtherSession {
    std::string pid, started, user, from;
    bool may_write = true;
  };

  /// The session, made anew when it was lost: what must be put back must not depend on one connection.
  Connection& session();
  bool standby();
  bool superuser();
  /// Keeps the session's statements out of the server's logs and statistics.
  /// Throws Error{Exit::refused} when they are logged and this role cannot keep them out.
  void quiet_session();
  /// Rows of this database that were inserted, changed or deleted, as the server counts them.
  std::uint64_t rows_written();
  ChannelStatus standby_status();
  /// Throws Error{Exit::refused} when the copy kept no slot.
  const std::string& slot() const;
  void prove_publication(const ChannelRequest& request);
  Script drop_statements(const std::string& channel) const;
  void hold_tables(const std::string& channel);
  void enable(const std::string& channel);

  /// Client sessions in this database that are not ours. Readers are marked.
  std::vector<OtherSession> other_sessions();
  std::string own_session_condition();
  /// Processes of sessions that are not in the list of sessions yet.
  std::set<std::string> starting_sessions();
  /// Roles that can log in here and cannot write by any privilege; asked once.
  const std::vector<std::string>& readers();
  std::vector<std::string> login_roles(bool only_writers);

  Fence read_fence();
  Fence fence_now();
  void send_away(std::chrono::steady_clock::time_point end, std::chrono::milliseconds within);
  /// What stood before the fence that stands now, as the database itself keeps it; "" when it keeps none.
  std::string stored_fence();
  std::vector<std::string> roles_here();
  void put_back(const Fence& before);

  PgServer& server_;
  FollowedCopy copy_;
  std::unique_ptr<Connection> session_;
  std::unique_ptr<Connection> lock_;  ///< the operator's advisory lock lives as long as its session
  std::unique_ptr<Connection> hold_;  ///< keeps the apply worker from writing until the route is proved
  std::optional<std::vector<std::string>> readers_;
  value::Position proved_;  ///< applied, as we have seen
  value::Position last_position_;
  std::string last_insert_;  ///< where the log ended right after last_position_ was taken
};

}  // namespace flytt::engine::postgres
