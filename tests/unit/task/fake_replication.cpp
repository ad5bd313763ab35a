// SPDX-License-Identifier: MIT
#include <algorithm>

#include "fake_replication.hpp"

#include <flytt/base/text.hpp>

namespace flytt::test {
namespace {

class FakeLedger final : public engine::Ledger {
 public:
  explicit FakeLedger(FakeWorld& w) : w_(w) {}
  std::vector<engine::LedgerCopy> copies() override {
    if (!w_.copy) return {};
    engine::LedgerCopy c;
    c.uuid = "copy";
    c.state = "done";
    c.position = *w_.copy;
    c.scope.databases = {"shop"};
    c.source = w_.source.identity();
    return {c};
  }
  std::optional<engine::LedgerCopy> find(const std::string&) override { return {}; }
  void begin(const value::Manifest&) override {}
  void intend(const std::string&, const std::string&) override {}
  void done(const std::string&, const std::string&, const std::string&) override {}
  std::vector<std::pair<std::string, std::string>> remarks(const std::string&) override { return {}; }
  void finish(const std::string&) override {}
  void forget(const std::string&) override {}

 private:
  FakeWorld& w_;
};

class FakeTarget final : public engine::Target {
 public:
  explicit FakeTarget(FakeWorld& w) : ledger_(w) {}
  std::vector<engine::Finding> preflight(const value::Manifest&, const engine::LoadRequest&) override { return {}; }
  std::vector<value::SchemaObject> existing(const value::Manifest&) override { return {}; }
  engine::Ledger& ledger() override { return ledger_; }
  std::unique_ptr<engine::BulkWriter> writer() override { return nullptr; }
  std::unique_ptr<engine::SchemaWriter> schema_writer(const engine::LoadRequest&) override { return nullptr; }

 private:
  FakeLedger ledger_;
};

std::uint64_t number(const value::Position& p) { return base::parse_u64(p.gtid).value_or(0); }

}  // namespace

FakeWorld::FakeWorld() {
  status.exists = status.receiving = status.applying = true;
  status.source_address = "old:1";
  status.source_server_id = 1;
}

FakeServer::FakeServer(FakeWorld& world, bool source) : world_(world), source_(source) {
  identity_.uuid = endpoint_.host = source ? "old" : "new";
  identity_.server_id = source ? 1 : 2;
  endpoint_.scheme = "fake";
  endpoint_.port = 1;
}

std::unique_ptr<engine::Target> FakeServer::target() { return std::make_unique<FakeTarget>(world_); }

void FakeReplication::act(const std::string& what) {
  const std::string full = (source_ ? "old " : "new ") + what;
  if (w_.on_act) w_.on_act(full);
  w_.log.push_back(full);
}

value::Position FakeReplication::current_position() {
  if (source_ && w_.writes_through) ++w_.written;
  value::Position p;
  p.gtid = std::to_string(source_ ? w_.written : w_.applied);
  return p;
}
std::vector<engine::Finding> FakeReplication::source_findings(const value::Scope&, const std::string&) { return {}; }
void FakeReplication::create_channel_account(const std::string&, const std::string&, const std::string&) { act("create account"); }
void FakeReplication::drop_channel_account(const std::string&, const std::string&) { act("drop account"); }
bool FakeReplication::serves(const value::ServerIdentity&) { return true; }
std::vector<engine::FixedDefinition> FakeReplication::fixed_definitions(const value::Scope&) { return source_ ? w_.old_definitions : w_.new_definitions; }
std::vector<engine::SequenceState> FakeReplication::sequences(const value::Scope&) { return {{{"shop", "n"}, w_.number, true}}; }
void FakeReplication::set_sequences(const std::vector<engine::SequenceState>& states, std::uint64_t ahead) {
  act("set sequences");
  w_.set_number = states.at(0).last + static_cast<std::int64_t>(ahead);
}
void FakeReplication::forget_follower(engine::Forget how_much) { act(how_much == engine::Forget::everything ? "forget everything" : "forget history"); }
std::string FakeReplication::fence_settings() { return (source_ ? w_.source_open : w_.target_open) ? "{\"open\":true}" : "{\"open\":false}"; }
void FakeReplication::fence(std::chrono::milliseconds) {
  act("fence");
  if (w_.fence_lies && source_) return;
  (source_ ? w_.source_open : w_.target_open) = false;
}
engine::FenceState FakeReplication::fence_state() {
  engine::FenceState s;
  s.fenced = !(source_ ? w_.source_open : w_.target_open);
  return s;
}
void FakeReplication::unfence(const std::string& previous) {
  act("unfence");
  (source_ ? w_.source_open : w_.target_open) = previous == "{\"open\":true}";
}
engine::ChannelStatus FakeReplication::channel(const std::string&) {
  w_.status.applied = std::to_string(w_.applied);
  return w_.status;
}
void FakeReplication::start_channel(const engine::ChannelRequest&) {
  act("start channel");
  w_.status.exists = w_.status.receiving = true;
}
void FakeReplication::resume_channel(const std::string&) {
  act("resume channel");
  w_.status.applying = true;
}
void FakeReplication::stop_channel(const std::string&) { act("stop channel"); }
void FakeReplication::drop_channel(const std::string&) {
  act("drop channel");
  w_.status.exists = false;
}
engine::Applied FakeReplication::applied(const std::string&, const value::Position& p) {
  if (w_.applied >= number(p)) return engine::Applied::yes;
  const auto& s = w_.status;
  return !s.exists || !s.applying || (!s.receiving && !s.connecting) ? engine::Applied::stopped : engine::Applied::not_yet;
}
engine::Applied FakeReplication::wait_applied(const std::string& channel, const value::Position& p, std::chrono::milliseconds within) {
  if (applied(channel, p) == engine::Applied::not_yet) {
    w_.clock.advance(within);
    if (w_.applies) w_.applied = number(p);
  }
  return applied(channel, p);
}
std::optional<std::uint64_t> FakeReplication::bytes_behind(const std::string&, const value::Position& p) { return (number(p) - w_.applied) * 10; }
std::string FakeReplication::local_history() { return w_.local; }
std::vector<engine::EventState> FakeReplication::events(const value::Scope&) { return source_ ? w_.old_events : w_.new_events; }
std::vector<std::string> FakeReplication::set_events(const std::vector<engine::EventState>& wanted) {
  act("set events");
  w_.set_to = wanted;
  return w_.events_fail;
}
std::vector<std::string> FakeReplication::channel_faults(const std::string&, const value::Scope& scope) {
  if (w_.limited) return {};
  return {"channel flytt carries everything, and was limited to " + scope.display() + " when it was started"};
}
void FakeReplication::limit_channel(const std::string&, const value::Scope&) {
  act("limit channel");
  w_.limited = true;
}
void FakeReplication::open_writes(const std::string&) {
  act("open");
  w_.target_open = true;
}

}  // namespace flytt::test
