// A subscription's text and a fence's grants: what following decides without a server.
// SPDX-License-Identifier: MIT
#include <flytt/engine/postgres/archive.hpp>
#include <flytt/engine/postgres/replication_acl.hpp>
#include <flytt/engine/postgres/replication_conninfo.hpp>

#include <algorithm>

#include "support/catch.hpp"

using namespace flytt;
using namespace flytt::engine;
using namespace flytt::engine::postgres;

namespace {

using Statements = std::vector<std::string>;

ChannelRequest request() {
  ChannelRequest r;
  r.source_host = "old.example";
  r.source_port = 5432;
  r.user = "flytt_repl";
  r.password = "it's\\secret";
  r.source.uuid = "7301/shop";
  r.source.server_id = 7301;
  r.source.settings["database"] = "my shop";
  return r;
}

/// As a database is made: its owner may do everything, everybody may connect.
Fence fresh() {
  Fence f;
  f.database = "shop";
  f.role = "flytt_ctl";
  f.grants = {{"", "CONNECT", false}, {"", "TEMPORARY", false}, {"app", "CONNECT", false}, {"app", "CREATE", false}, {"team", "CONNECT", true}};
  f.let_in = {"reader", "flytt_ctl"};
  return f;
}

bool has(const Statements& all, const std::string& one) { return std::find(all.begin(), all.end(), one) != all.end(); }

}  // namespace

TEST_CASE("conninfo quotes whatever a value holds", "[postgres]") {
  CHECK(conninfo_part("password", R"(it's\)") == R"(password='it\'s\\')");
  CHECK(conninfo_part("dbname", "") == "dbname=''");
  const auto text = conninfo(request(), {.uuid = "9/new"}, request().password);
  CHECK(text.find(R"(password='it\'s\\secret')") != std::string::npos);
  CHECK(text.find("dbname='my shop'") != std::string::npos);
  CHECK(text.find("sslmode='verify-full'") != std::string::npos);
}

TEST_CASE("a password file takes the password's place", "[postgres]") {
  auto r = request();
  r.password_file = "/etc/flytt/pass";
  const auto text = conninfo(r, {.uuid = "9/new"}, r.password);
  CHECK(text.find("passfile='/etc/flytt/pass'") != std::string::npos);
  CHECK(text.find("secret") == std::string::npos);
}

TEST_CASE("no two followers have one mark, and it fits a name", "[postgres]") {
  const auto a = follower_mark({.uuid = "9/new"}), b = follower_mark({.uuid = "9/other"});
  CHECK(a != b);
  CHECK(a == follower_mark({.uuid = "9/new"}));
  CHECK(a.size() < 64);
}

TEST_CASE("a subscription asks for what its server knows", "[postgres]") {
  const auto old = create_subscription(request(), "host='x'", "move", "move", capabilities_of(140010));
  CHECK(old.find("disable_on_error") == std::string::npos);
  const auto now = create_subscription(request(), "host='x'", "move", "move", capabilities_of(180000));
  CHECK(now.find("disable_on_error = true") != std::string::npos);
  CHECK(now.find("copy_data = false, create_slot = false, enabled = false, streaming = off") != std::string::npos);
  CHECK(now.find("slot_name = 'move'") != std::string::npos);
}

TEST_CASE("a subscription's note comes back, and another's comment does not", "[postgres]") {
  const auto note = parse_note(subscription_note(request()));
  CHECK(note.address == "old.example:5432");
  CHECK(note.source_uuid == "7301/shop");
  CHECK(note.source_id == 7301);
  CHECK(parse_note("made by hand").source_id == 0);
  CHECK(parse_note("[1]").address.empty());
}

TEST_CASE("a fence as JSON and back", "[postgres]") {
  auto f = fresh();
  f.read_only = "off";
  f.database = "a\"b";
  CHECK(parse_fence(fence_json(f)) == f);
  CHECK_THROWS_AS(parse_fence("{}"), base::Error);
}

TEST_CASE("closing lets in whom it must before it shuts the others out", "[postgres]") {
  const auto all = closing_statements(fresh());
  CHECK(has(all, "GRANT CONNECT ON DATABASE \"shop\" TO \"reader\""));
  CHECK(has(all, "REVOKE CONNECT ON DATABASE \"shop\" FROM PUBLIC CASCADE"));
  CHECK(has(all, "REVOKE CONNECT ON DATABASE \"shop\" FROM \"team\" CASCADE"));
  CHECK(std::find(all.begin(), all.end(), "GRANT CONNECT ON DATABASE \"shop\" TO \"reader\"") <
        std::find(all.begin(), all.end(), "REVOKE CONNECT ON DATABASE \"shop\" FROM PUBLIC CASCADE"));
  for (const auto& sql : all) CHECK(sql.find("CREATE") == std::string::npos);  // only the right to connect is touched
}

TEST_CASE("opening gives back exactly what closing took", "[postgres]") {
  const auto before = fresh();
  Fence closed = before;
  closed.read_only = "on";
  closed.grants = {{"", "TEMPORARY", false}, {"app", "CREATE", false}, {"reader", "CONNECT", false}, {"flytt_ctl", "CONNECT", false}};
  const auto all = opening_statements(closed, before, {"app", "team", "reader", "flytt_ctl"});
  CHECK(has(all, "GRANT CONNECT ON DATABASE \"shop\" TO PUBLIC"));
  CHECK(has(all, "GRANT CONNECT ON DATABASE \"shop\" TO \"team\" WITH GRANT OPTION"));
  CHECK(has(all, "REVOKE CONNECT ON DATABASE \"shop\" FROM \"reader\" CASCADE"));
  CHECK(has(all, "ALTER DATABASE \"shop\" RESET default_transaction_read_only"));
  SECTION("again: nothing but the settings") {
    const auto again = opening_statements(before, before, {"app", "team"});
    CHECK(again.size() == 2);
  }
  SECTION("what somebody granted meanwhile stays") {
    closed.grants.push_back({"newcomer", "CONNECT", false});
    for (const auto& sql : opening_statements(closed, before, {"app", "team"})) CHECK(sql.find("newcomer") == std::string::npos);
  }
  SECTION("a role that was dropped meanwhile is passed over") {
    for (const auto& sql : opening_statements(closed, before, {"app"})) CHECK(sql.find("team") == std::string::npos);
  }
}

TEST_CASE("the items of an archive without the publications that are marked as ours") {
  const std::vector<std::string> items{"1; 1259 16385 TABLE public t postgres", "2; 6104 16400 PUBLICATION - move postgres", "3; 6106 16401 PUBLICATION TABLE public move t postgres",
                                       "4; 0 0 COMMENT - PUBLICATION move postgres", "5; 6104 16402 PUBLICATION - theirs postgres", "6; 6106 16403 PUBLICATION TABLE public theirs t postgres",
                                       "7; 0 0 COMMENT - PUBLICATION theirs postgres"};
  const auto left = without_own_publications(items, "COMMENT ON PUBLICATION move IS 'flytt: what the slot sends';\nCOMMENT ON PUBLICATION theirs IS 'not flytt: ours';\n");
  CHECK(left == std::vector<std::string>{items[0], items[4], items[5], items[6]});
  CHECK(without_own_publications(items, "COMMENT ON PUBLICATION theirs IS 'x';") == items);
  // Which of two the lines of "move x" belong to cannot be told: nothing is left out then.
  auto two = items;
  two.push_back("8; 6104 16404 PUBLICATION - move x postgres");
  CHECK(without_own_publications(two, "COMMENT ON PUBLICATION move IS 'flytt: what the slot sends';") == two);
}
