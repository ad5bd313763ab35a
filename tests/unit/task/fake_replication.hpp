// Two servers in memory that follow one another: enough of replication for lag-wait and replica-ctl.
// A position is a number in `gtid`. What goes wrong is said by the members, and every act is noted in `log`.
// SPDX-License-Identifier: MIT
#pragma once

#include <flytt/engine/engine.hpp>

#include <functional>
#include <string>
#include <vector>

namespace flytt::test {

struct FakeWorld;

/// One side's Replication.
class FakeReplication final : public engine::Replication {
 public:
  FakeReplication(FakeWorld& world, bool source) : w_(world), source_(source) {}
  value::Position current_position() override;
  std::vector<engine::Finding> source_findings(const value::Scope&, const std::string&) override;
  void create_channel_account(const std::string&, const std::string&, const std::string&) override;
  void drop_channel_account(const std::string&, const std::string&) override;
  bool serves(const value::ServerIdentity&) override;
  std::vector<std::string> accounts() override { return {}; }
  std::vector<std::string> definers(const value::Scope&) override { return {}; }
  std::vector<engine::FixedDefinition> fixed_definitions(const value::Scope&) override;
  std::vector<engine::SequenceState> sequences(const value::Scope&) override;
  void set_sequences(const std::vector<engine::SequenceState>& states, std::uint64_t ahead) override;
  void forget_follower(engine::Forget how_much) override;
  std::string fence_settings() override;
  void fence(std::chrono::milliseconds) override;
  engine::FenceState fence_state() override;
  void unfence(const std::string& previous) override;
  unsigned end_sessions() override { return 0; }
  std::vector<engine::Finding> target_findings(const value::ServerIdentity&, const value::Scope&) override { return {}; }
  engine::ChannelStatus channel(const std::string&) override;
  void start_channel(const engine::ChannelRequest&) override;
  void resume_channel(const std::string&) override;
  void stop_channel(const std::string&) override;
  void drop_channel(const std::string&) override;
  engine::Applied applied(const std::string&, const value::Position&) override;
  engine::Applied wait_applied(const std::string&, const value::Position&, std::chrono::milliseconds) override;
  std::optional<std::uint64_t> bytes_behind(const std::string&, const value::Position&) override;
  std::string local_history() override;
  void open_writes(const std::string&) override;
  void enable_events(const std::vector<std::pair<std::string, std::string>>&) override {}
  std::vector<engine::EventState> events(const value::Scope&) override;
  std::vector<std::string> set_events(const std::vector<engine::EventState>& wanted) override;
  std::vector<std::string> channel_faults(const std::string&, const value::Scope&) override;
  void limit_channel(const std::string&, const value::Scope&) override;
  engine::Script describe_start(const engine::ChannelRequest&) override { return {"start"}; }
  engine::Script describe_fence() override { return {"fence"}; }
  engine::Script describe_promote(const std::string&) override { return {"promote"}; }
  std::string persistent_configuration(const engine::ChannelRequest&) override { return {}; }
  void lock_operator() override {}
  void unlock_operator() noexcept override {}

 private:
  void act(const std::string& what);
  FakeWorld& w_;
  bool source_;
};

class FakeServer final : public engine::Server {
 public:
  FakeServer(FakeWorld& world, bool source);
  const value::ServerIdentity& identity() override { return identity_; }
  const engine::Endpoint& endpoint() const noexcept override { return endpoint_; }
  const engine::Dialect& dialect() const noexcept override { std::abort(); }
  std::unique_ptr<engine::Catalog> catalog() override { return nullptr; }
  std::unique_ptr<engine::Snapshot> snapshot(const engine::SnapshotRequest&) override { return nullptr; }
  std::unique_ptr<engine::BulkReader> reader() override { return nullptr; }
  std::unique_ptr<engine::Target> target() override;
  std::unique_ptr<engine::Replication> replication() override { return std::make_unique<FakeReplication>(world_, source_); }
  std::unique_ptr<engine::Tuning> tuning() override { return nullptr; }
  void cancel_all() noexcept override {}

 private:
  FakeWorld& world_;
  bool source_;
  value::ServerIdentity identity_;
  engine::Endpoint endpoint_;
};

struct FakeWorld {
  base::ManualClock clock;
  base::MemoryLog messages;
  std::uint64_t written = 100;   ///< the source's position
  std::uint64_t applied = 100;   ///< the target's
  bool source_open = true, target_open = false;
  std::string local = "none";    ///< what the target wrote itself
  engine::ChannelStatus status;
  std::vector<engine::FixedDefinition> old_definitions, new_definitions;  ///< what the channel does not carry
  std::int64_t number = 0, set_number = 0;  ///< a sequence of the source, and of the target
  std::vector<engine::EventState> old_events, new_events, set_to;  ///< what they are, and what they were set to by the promotion
  std::vector<std::string> events_fail;                            ///< what set_events() says
  bool limited = true;           ///< the channel is, to what its copy holds
  bool applies = true;           ///< the target catches up when it is waited for
  bool fence_lies = false;       ///< fence() succeeds and closes nothing
  bool writes_through = false;   ///< somebody writes through the fence
  std::optional<value::Position> copy = value::Position{.gtid = "50", .file = {}, .offset = 0, .lsn = {}};
  std::vector<std::string> log;
  std::function<void(const std::string&)> on_act;  ///< may throw

  FakeServer source{*this, true}, target{*this, false};

  FakeWorld();
  base::Context context(std::stop_token stop = {}) { return {clock, messages, std::move(stop)}; }
  bool did(const std::string& what) const { return std::find(log.begin(), log.end(), what) != log.end(); }
};

}  // namespace flytt::test
