// Preflight, ledger, tuning and loading sessions on a real server.
// SPDX-License-Identifier: MIT
#include <algorithm>
#include <filesystem>

#include <flytt/engine/mysql_family/catalog.hpp>
#include <flytt/engine/mysql_family/ledger.hpp>
#include <flytt/engine/mysql_family/schema_writer.hpp>

#include "fixture.hpp"

using namespace flytt;
using namespace flytt::test;
using namespace flytt::engine::mysql_family;

namespace {

value::Manifest manifest_for(Fixture& f, const std::string& db) {
  value::Manifest m;
  m.uuid = "aaaaaaaa-0000-0000-0000-000000000001";
  m.source = f.server.identity();
  m.source.uuid = "somebody else";
  m.scope = scope_of({db});
  m.position.gtid = "";
  m.databases = {{db, "latin1", "latin1_swedish_ci"}};
  value::Table t;
  t.name = {db, "t"};
  value::Column c;
  c.name = "id";
  c.type = value::Type::int32;
  c.native = "int";
  t.columns = {c};
  t.key = {"PRIMARY", {0}};
  m.tables = {t};
  return m;
}

bool blocked_by(const std::vector<engine::Finding>& findings, const std::string& code) {
  return std::any_of(findings.begin(), findings.end(), [&](const auto& f) { return f.blocks && f.code == code; });
}

bool blocked(const std::vector<engine::Finding>& findings) {
  return std::any_of(findings.begin(), findings.end(), [](const auto& f) { return f.blocks; });
}

}  // namespace

TEST_CASE("preflight names everything that stands in the way, at once", "[target]") {
  Fixture f;
  Scratch db(f, "flytt_target");
  auto target = f.server.target();
  auto m = manifest_for(f, db.name());
  CHECK_FALSE(blocked(target->preflight(m, {})));

  SECTION("an older or other server") {
    m.source.version_number += 100;
    CHECK(blocked_by(target->preflight(m, {}), "version-older"));
    m.source.product = "OtherSQL";
    CHECK(blocked_by(target->preflight(m, {}), "product"));
  }
  SECTION("the same server") {
    m.source = f.server.identity();
    CHECK(blocked_by(target->preflight(m, {}), "same-server"));
  }
  SECTION("names, character sets, collations, packets, system databases: all of them") {
    m.source.settings["lower_case_table_names"] = "9";
    m.source.settings["max_allowed_packet"] = "99999999999";
    m.tables[0].columns[0].charset = "klingon";
    m.tables[0].columns[0].native = "longtext";
    m.databases[0].collation = "klingon_ci";
    m.databases.push_back({"mysql", "utf8mb4", "utf8mb4_bin"});
    m.tables[0].bytes_estimate = std::uint64_t{1} << 60;
    const auto found = target->preflight(m, {});
    // A server in a changed root has its files elsewhere: its space cannot be told.
    if (std::filesystem::is_directory(f.one("SELECT @@GLOBAL.datadir"))) CHECK(blocked_by(found, "space"));
    for (const auto* code : {"lower-case-table-names", "max-allowed-packet", "charset", "collation", "system-database"}) {
      INFO(code);
      CHECK(blocked_by(found, code));
    }
  }
  SECTION("tables without a primary key, where the server wants one") {
    const std::string name = f.mariadb() ? "innodb_force_primary_key" : "sql_require_primary_key";
    m.tables[0].key = {};
    CHECK_FALSE(blocked(target->preflight(m, {})));
    f.run("SET GLOBAL " + name + " = ON");
    const auto found = f.server.target()->preflight(m, {});
    f.run("SET GLOBAL " + name + " = OFF");
    CHECK(blocked_by(found, "primary-key"));
  }
  SECTION("what is already there") {
    f.run("CREATE TABLE flytt_target.t (x INT)");
    f.run("CREATE VIEW flytt_target.v AS SELECT 1");
    CHECK(target->existing(m).size() == 2);
    CHECK(blocked_by(target->preflight(m, {}), "target-not-empty"));
    CHECK_FALSE(blocked(target->preflight(m, {.if_exists = engine::IfExists::drop})));
    CHECK(blocked_by(target->preflight(m, {.if_exists = engine::IfExists::append}), "columns-differ"));
    f.run("ALTER TABLE flytt_target.t ADD id INT");
    const engine::LoadRequest append{.if_exists = engine::IfExists::append};
    CHECK_FALSE(blocked(target->preflight(m, append)));
    SECTION("a column that would take the values for others") {
      for (const auto* type : {"BIGINT", "INT UNSIGNED", "DOUBLE"}) {
        f.run("ALTER TABLE flytt_target.t MODIFY id " + std::string(type));
        CHECK(blocked_by(target->preflight(m, append), "columns-differ"));
      }
      m.tables[0].columns[0].native = "varchar(10)";
      m.tables[0].columns[0].charset = "latin1";
      f.run("ALTER TABLE flytt_target.t MODIFY id VARCHAR(10) CHARACTER SET latin1");
      CHECK_FALSE(blocked(target->preflight(m, append)));
      f.run("ALTER TABLE flytt_target.t MODIFY id VARCHAR(10) CHARACTER SET utf8mb4");
      CHECK(blocked_by(target->preflight(m, append), "columns-differ"));
    }
    SECTION("a trigger that would fire on every row that is loaded") {
      f.run("CREATE TRIGGER flytt_target.bell BEFORE INSERT ON flytt_target.t FOR EACH ROW SET NEW.id = 7");
      CHECK(blocked_by(target->preflight(m, append), "trigger-fires"));
    }
    SECTION("unless it is this copy's own") {
      target->ledger().begin(m);
      CHECK_FALSE(blocked(target->preflight(m, {})));
      target->ledger().forget(m.uuid);
    }
    SECTION("drop removes it") {
      auto writer = target->schema_writer({});
      for (const auto& object : target->existing(m)) writer->drop(object);
      CHECK(target->existing(m).empty());
    }
  }
  SECTION("accounts that objects run as") {
    const auto told = [&](const engine::LoadRequest& request) {
      const auto found = target->preflight(m, request);
      const auto at = std::find_if(found.begin(), found.end(), [](const auto& x) { return x.code == "definer-missing"; });
      return at == found.end() ? std::string() : at->message;
    };
    m.definers = {"root@localhost"};
    CHECK(told({}).empty());
    m.definers.push_back("nobody@here");
    CHECK_THAT(told({}), contains("nobody@here") && !contains("root@localhost"));
    CHECK(told({.skip_definers = true}).empty());
    CHECK(told({.definer = "root@localhost"}).empty());
  }
  SECTION("local writes that a channel would stumble over are told") {
    m.position.gtid = f.mariadb() ? f.one("SELECT @@GLOBAL.gtid_domain_id") + "-4711-1" : "00000000-0000-0000-0000-000000000001:1-5";
    const auto found = target->preflight(m, {});
    CHECK(std::any_of(found.begin(), found.end(), [](const auto& x) { return x.code == "gtid-local-writes" && !x.blocks; }));
  }
}

TEST_CASE("the ledger remembers a copy", "[target]") {
  Fixture f;
  auto m = manifest_for(f, "flytt_ledger_db");
  m.position = {"0-1-5", "bin.000001", 4711, ""};
  m.scope.where = {{"a.b", "x > 'y'"}};
  m.scope.include_tables = {"a.*"};
  auto ledger = make_ledger(f.server);
  ledger->begin(m);
  ledger->forget(m.uuid);
  CHECK_FALSE(ledger->find(m.uuid));

  ledger->begin(m);
  ledger->begin(m);
  // Nobody else may load the same copy meanwhile.
  CHECK(error_of([&] { make_ledger(f.server)->begin(m); }).code() == base::Exit::locked);
  const std::string long_phase = "index a." + std::string(3000, 'x') + "☃'\\";
  ledger->intend(m.uuid, "table a.b");
  ledger->intend(m.uuid, long_phase);
  ledger->done(m.uuid, "table a.b", "");
  ledger->done(m.uuid, "event a.e", "ENABLED");
  f.run("START TRANSACTION");
  f.run(ledger_chunk_insert(m.uuid, {7, 3, 100}));
  CHECK(make_ledger(f.server)->find(m.uuid)->chunks.empty());
  f.run("COMMIT");
  CHECK(error_of([&] { f.run(ledger_chunk_insert(m.uuid, {7, 3, 100})); }).facts().native == 1062);

  const auto copy = make_ledger(f.server)->find(m.uuid);
  REQUIRE(copy);
  CHECK(copy->state == "loading");
  CHECK(copy->position == m.position);
  CHECK(copy->scope == m.scope);
  CHECK(copy->source.version == m.source.version);
  CHECK(copy->source.settings == m.source.settings);
  CHECK(copy->chunks == std::set<std::uint32_t>{7});
  CHECK(copy->done == std::set<std::string>{"table a.b", "event a.e"});
  CHECK(copy->intents.contains(long_phase));
  CHECK(ledger->remarks(m.uuid) == std::vector<std::pair<std::string, std::string>>{{"event a.e", "ENABLED"}});
  ledger->finish(m.uuid);
  CHECK(ledger->find(m.uuid)->state == "done");
  ledger->forget(m.uuid);
  CHECK(f.c->number("SELECT COUNT(*) FROM flytt.ledger WHERE uuid = " + quote_text(m.uuid)) == 0);
}

TEST_CASE("settings are noted before they change, and put back once", "[target]") {
  Fixture f;
  f.run("SET GLOBAL innodb_flush_log_at_trx_commit = 1");
  f.run("SET GLOBAL sync_binlog = 7");
  const auto settings = f.server.tuning()->import_settings();
  REQUIRE(settings.size() == 2);
  f.server.tuning()->apply(settings);
  CHECK(f.one("SELECT @@GLOBAL.sync_binlog") == "0");
  // A second run that starts from the changed values must not take them for the old ones.
  f.server.tuning()->apply({{"sync_binlog", "0", "100"}});
  const auto restored = f.server.tuning()->restore();
  CHECK(restored.size() == 2);
  CHECK(f.one("SELECT @@GLOBAL.sync_binlog") == "7");
  CHECK(f.one("SELECT @@GLOBAL.innodb_flush_log_at_trx_commit") == "1");
  f.run("SET GLOBAL sync_binlog = 1");
  CHECK(f.server.tuning()->restore().empty());
  CHECK(f.one("SELECT @@GLOBAL.sync_binlog") == "1");
  // root may do everything, so nothing but LOAD DATA asks for a setting.
  CHECK(f.server.tuning()->load_settings().empty() == (f.mariadb() || f.one("SELECT @@GLOBAL.local_infile") == "1"));
}

TEST_CASE("a loading session is strict, and leaves no trace in the binary log", "[target]") {
  Fixture f;
  Scratch db(f, "flytt_session");
  f.run("CREATE TABLE flytt_session.t (id INT PRIMARY KEY AUTO_INCREMENT, d DATE NOT NULL, s VARCHAR(2), p INT, CHECK (p < 1000))");
  prepare_load_session(*f.c, f.server);
  CHECK(f.one("SELECT @@SESSION.sql_log_bin") == "0");
  CHECK(f.one("SELECT CONCAT(@@SESSION.unique_checks + 0, @@SESSION.foreign_key_checks + 0, @@SESSION.time_zone)") == "10+00:00");
  f.run("INSERT INTO flytt_session.t VALUES (0, '0000-00-00', 'ab', 1), (5, '2023-02-31', 'c', 2)");
  CHECK(f.one("SELECT GROUP_CONCAT(id, ' ', d ORDER BY id) FROM flytt_session.t") == "0 0000-00-00,5 2023-02-31");
  CHECK_THROWS_AS(f.run("INSERT INTO flytt_session.t VALUES (6, '2023-01-01', 'abc', 1)"), base::Error);
  CHECK_THROWS_AS(f.run("INSERT INTO flytt_session.t VALUES (5, '2023-01-01', 'x', 1)"), base::Error);
  if (f.mariadb()) f.run("INSERT INTO flytt_session.t VALUES (9, '2023-01-01', 'x', 2000)");
}
