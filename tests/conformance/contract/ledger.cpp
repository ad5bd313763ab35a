// The ledger remembers how far a copy has come, and lets one load of it work at a time.
// SPDX-License-Identifier: MIT
#include <future>

#include "copy.hpp"

using namespace flytt;
using namespace flytt::test;

namespace {

constexpr const char* kLedgerUuid = "00000000-0000-4000-8000-000000000020";
constexpr const char* kOther = "00000000-0000-4000-8000-000000000021";

/// A loader by itself, as another process would be.
struct Loader {
  explicit Loader(Fixture& f) : server(f.server("flytt_load")), target(server->target()), ledger(target->ledger()) {}
  ServerPtr server;
  std::unique_ptr<engine::Target> target;
  engine::Ledger& ledger;
};

value::Manifest manifest(Fixture& f, const std::string& uuid) {
  value::Manifest out;
  out.uuid = uuid;
  out.source = f.server()->identity();
  out.scope = scope();
  out.scope.where = {{"contract.t", "k > 'it''s'"}};
  out.position = value::parse_position("binlog.000007:4711");
  return out;
}

}  // namespace

TEST_CASE("a ledger that is not there holds nothing, and asking does not make it") {
  Fixture f;
  Loader loader(f);
  CHECK(loader.ledger.copies().empty());
  CHECK_FALSE(loader.ledger.find(kLedgerUuid));
  CHECK(Loader(f).ledger.copies().empty());
}

TEST_CASE("what a ledger was told it tells again, to whoever asks") {
  Fixture f;
  const auto told = manifest(f, kLedgerUuid);
  {
    Loader loader(f);
    loader.ledger.begin(told);
    loader.ledger.begin(told);  // noted already
    loader.ledger.intend(kLedgerUuid, "table contract.t");
    loader.ledger.done(kLedgerUuid, "table contract.t", "");
    loader.ledger.intend(kLedgerUuid, "event contract.e");
    loader.ledger.done(kLedgerUuid, "event contract.e", "{\"status\":\"it's on\"}");
    loader.ledger.intend(kLedgerUuid, "view " + std::string(300, 'v'));
  }
  Loader later(f);
  const auto copy = later.ledger.find(kLedgerUuid);
  REQUIRE(copy);
  CHECK(copy->uuid == kLedgerUuid);
  CHECK(copy->state == "loading");
  CHECK(copy->started.size() >= 20);
  CHECK((copy->position == told.position));
  CHECK((copy->scope == told.scope));
  CHECK(copy->source.uuid == told.source.uuid);
  CHECK((copy->source.settings == told.source.settings));
  CHECK(copy->chunks.empty());
  CHECK(copy->intents == std::set<std::string>{"table contract.t", "event contract.e", "view " + std::string(300, 'v')});
  CHECK(copy->done == std::set<std::string>{"table contract.t", "event contract.e"});
  const auto remarks = later.ledger.remarks(kLedgerUuid);
  REQUIRE(remarks.size() == 1);
  CHECK(remarks[0].first == "event contract.e");
  CHECK(remarks[0].second == "{\"status\":\"it's on\"}");
}

TEST_CASE("copies are told apart, the newest last, and one can be forgotten") {
  Fixture f;
  Loader first(f), second(f);
  first.ledger.begin(manifest(f, kLedgerUuid));
  second.ledger.begin(manifest(f, kOther));
  first.ledger.intend(kLedgerUuid, "table contract.t");
  first.ledger.finish(kLedgerUuid);
  const auto copies = Loader(f).ledger.copies();
  REQUIRE(copies.size() == 2);
  CHECK(copies[0].uuid == kLedgerUuid);
  CHECK(copies[0].state == "done");
  CHECK(copies[1].uuid == kOther);
  CHECK(copies[1].state == "loading");
  CHECK(copies[1].intents.empty());
  first.ledger.forget(kLedgerUuid);
  CHECK_FALSE(first.ledger.find(kLedgerUuid));
  CHECK(second.ledger.find(kOther));
}

TEST_CASE("one load of a copy, and one operator of a server, at a time") {
  Fixture f;
  auto loader = std::make_unique<Loader>(f);
  loader->ledger.begin(manifest(f, kLedgerUuid));
  const auto server = f.server("flytt_ctl");
  const auto operating = server->replication();
  operating->lock_operator();
  operating->lock_operator();  // has it

  // Both wait for a holder that might just be dying, so they wait together.
  auto load = std::async(std::launch::async, [&] { return error_of([&] { Loader(f).ledger.begin(manifest(f, kLedgerUuid)); }); });
  auto operate = std::async(std::launch::async, [&] { return error_of([&] { f.server("flytt_ctl")->replication()->lock_operator(); }); });
  Loader(f).ledger.begin(manifest(f, kOther));  // another copy is nobody's business
  const auto refused = load.get();
  CHECK(refused.code() == Exit::locked);
  CHECK_THAT(refused.text(), contains(kLedgerUuid));
  const auto second = operate.get();
  CHECK(second.code() == Exit::locked);

  loader.reset();
  Loader(f).ledger.begin(manifest(f, kLedgerUuid));
  operating->unlock_operator();
  f.server("flytt_ctl")->replication()->lock_operator();
}
