// The accounts of the manual: what they hold is enough, and each right that is taken away is named, all at once.
// SPDX-License-Identifier: MIT
#include <algorithm>

#include <flytt/engine/mysql_family/catalog.hpp>
#include <flytt/engine/mysql_family/ledger.hpp>
#include <flytt/engine/mysql_family/privileges.hpp>
#include <flytt/engine/mysql_family/schema_writer.hpp>

#include "schema_objects.hpp"

using namespace flytt;
using namespace flytt::test;
using namespace flytt::engine::mysql_family;

namespace {

/// A server as one of the accounts of tests/support/grants-*.sql, which may use the database flytt_rights.
struct Account {
  explicit Account(const char* variable) {
    auto endpoint = engine::parse_url(Fixture::url_in(variable));
    const char* password = std::getenv("FLYTT_CONFORMANCE_PASSWORD");
    endpoint.password = password != nullptr ? password : "";
    endpoint.has_password = true;
    server.emplace(endpoint, context);
  }
  base::SystemClock clock;
  base::NullLog log;
  base::Context context{clock, log, {}};
  std::optional<FamilyServer> server;
};

void fill(Fixture& f) {
  f.run(odd_tables(f.mariadb()));
  f.run(odd_objects(f.mariadb()));
  f.run("CREATE DEFINER = `nobody`@`nowhere` VIEW of_nobody AS SELECT 1 AS x");
  f.fresh();
}

std::vector<std::string> objects(const std::vector<engine::Finding>& findings) {
  std::vector<std::string> out;
  for (const auto& f : findings) out.push_back(f.object);
  return out;
}

value::Manifest manifest_of(FamilyServer& server, const engine::Contents& contents) {
  value::Manifest m;
  m.uuid = "11111111-2222-3333-4444-555555555555";
  m.source = server.identity();
  m.source.uuid = "another";
  m.scope = scope_of({"flytt_rights"});
  m.databases = contents.databases;
  m.tables = contents.tables;
  return m;
}

}  // namespace

TEST_CASE("the dump account is enough, and sees all", "[rights]") {
  Fixture f;
  Scratch db(f, "flytt_rights");
  fill(f);
  Account dump("FLYTT_CONFORMANCE_DUMP_URL");
  const auto scope = scope_of({db.name()});
  for (const auto& missing : dump.server->catalog()->missing_privileges(scope)) FAIL(missing.remedy);
  const auto all = read_contents(*f.c, f.server, scope);
  const auto session = dump.server->connect();
  const auto seen = read_contents(*session, *dump.server, scope);
  REQUIRE(seen.objects.size() == all.objects.size());
  for (std::size_t i = 0; i < all.objects.size(); ++i) CHECK(seen.objects[i].statement == all.objects[i].statement);
  CHECK(read_identities(*session, *dump.server, seen.tables) == read_identities(*f.c, f.server, all.tables));
  CHECK(scan_values(*session, *dump.server, seen.tables, scope).empty());
}

TEST_CASE("routines are read without mysql.proc where a privilege of their own exists", "[rights]") {
  Fixture f;
  if (!f.mariadb()) return;
  Scratch db(f, "flytt_rights");
  fill(f);
  const auto scope = scope_of({db.name()});
  f.run("REVOKE SELECT ON mysql.* FROM flytt_dump@'%'");
  Account dump("FLYTT_CONFORMANCE_DUMP_URL");
  const auto missing = dump.server->catalog()->missing_privileges(scope);
  const bool own = f.server.identity().version_number >= 110300;
  const std::string right = own ? "SHOW CREATE ROUTINE ON `flytt_rights`.*" : "SELECT ON `mysql`.`proc`";
  CHECK(objects(missing) == std::vector<std::string>{right});
  for (const auto& finding : missing) f.run(finding.remedy);
  {
    Account granted("FLYTT_CONFORMANCE_DUMP_URL");
    const auto session = granted.server->connect();
    CHECK(granted.server->catalog()->missing_privileges(scope).empty());
    CHECK(read_contents(*session, *granted.server, scope).objects.size() == read_contents(*f.c, f.server, scope).objects.size());
  }
  f.run("REVOKE " + right + " FROM flytt_dump@'%'");
  f.run("GRANT SELECT ON mysql.* TO flytt_dump@'%'");
}

TEST_CASE("each right that the dump account lacks is named", "[rights]") {
  Fixture f;
  Scratch db(f, "flytt_rights");
  f.run("CREATE TABLE t (id INT PRIMARY KEY)");
  const std::string user = "flytt_dump@'%'", on = "`flytt_rights`.*";
  const auto missing = [&](value::Scope scope = scope_of({"flytt_rights"})) {
    Account dump("FLYTT_CONFORMANCE_DUMP_URL");
    return dump.server->catalog()->missing_privileges(scope);
  };
  std::vector<std::pair<std::string, std::string>> rights{{"PROCESS", "*.*"}, {"SELECT", on}, {"SHOW VIEW", on}, {"TRIGGER", on}, {"EVENT", on}};
  if (f.mariadb()) {
    rights.emplace_back("RELOAD", "*.*");
    rights.emplace_back("BINLOG MONITOR", "*.*");
    if (f.one("SELECT @@GLOBAL.log_slave_updates + 0") == "0") rights.emplace_back("SLAVE MONITOR", "*.*");
  }
  if (!f.mariadb()) rights.insert(rights.end(), {{"REPLICATION CLIENT", "*.*"}, {"BACKUP_ADMIN", "*.*"}, {"SHOW_ROUTINE", "*.*"}, {"LOCK TABLES", on}});
  for (const auto& [right, where] : rights) {
    INFO(right);
    f.run("REVOKE " + right + " ON " + where + " FROM " + user);
    const auto found = missing();
    f.run("GRANT " + right + " ON " + where + " TO " + user);
    REQUIRE(found.size() == 1);
    // Under the pattern that the account's other grants stand under: an exact name would hide them all.
    CHECK(found[0].object == right + " ON " + where);
    CHECK(found[0].remedy == "GRANT " + right + " ON " + where + " TO `flytt_dump`@`%`");
    CHECK(found[0].blocks);
  }
  // All at once, and only what the scope needs.
  f.run("REVOKE ALL PRIVILEGES ON " + on + " FROM " + user);
  const auto all = missing();
  CHECK(all.size() == (f.mariadb() ? 4 : 5));
  for (const auto& finding : all) CHECK(finding.object.find("`flytt\\_rights`.*") != std::string::npos);
  auto one_table = scope_of({"flytt_rights"});
  one_table.include_tables = {"flytt_rights.t"};
  f.run("GRANT SELECT, SHOW VIEW, TRIGGER ON flytt_rights.t TO " + user);
  if (!f.mariadb()) f.run("GRANT LOCK TABLES ON " + on + " TO " + user);
  CHECK(missing(one_table).empty());
  f.run("REVOKE SELECT, SHOW VIEW, TRIGGER ON flytt_rights.t FROM " + user);
  f.run("GRANT SELECT, SHOW VIEW, TRIGGER, EVENT, LOCK TABLES ON " + on + " TO " + user);
}

TEST_CASE("the load account is enough", "[rights]") {
  Fixture f;
  Scratch db(f, "flytt_rights");
  fill(f);
  const auto contents = read_contents(*f.c, f.server, scope_of({db.name()}));
  db.drop();
  Account load("FLYTT_CONFORMANCE_LOAD_URL");
  auto target = load.server->target();
  // Functions and triggers need it, where the binary log is on and the account has no SUPER.
  const auto settings = load.server->tuning()->load_settings();
  CHECK(std::any_of(settings.begin(), settings.end(), [](const auto& s) { return s.name == "log_bin_trust_function_creators"; }));
  load.server->tuning()->apply(settings);
  const auto manifest = manifest_of(*load.server, contents);
  for (const auto& finding : target->preflight(manifest, {}))
    if (finding.blocks) FAIL(finding.message << ": " << finding.remedy);
  auto& ledger = target->ledger();
  ledger.begin(manifest);
  auto writer = target->schema_writer({});
  auto objects = contents.objects;
  for (int round = 0; round < 3 && !objects.empty(); ++round) {
    std::vector<value::SchemaObject> later;
    for (const auto& object : objects) {
      try {
        writer->create(object);
      } catch (const base::Error& e) {
        INFO(e.text());
        REQUIRE(writer->depends_on_missing(e));
        later.push_back(object);
      }
    }
    objects = later;
  }
  CHECK(objects.empty());
  for (const auto& object : contents.objects)
    if (object.kind == value::ObjectKind::foreign_key) CHECK(writer->orphans(object) == 0);
  for (const auto& object : contents.objects)
    if (object.kind != value::ObjectKind::index && object.kind != value::ObjectKind::foreign_key) writer->recreate(object);
  ledger.finish(manifest.uuid);
  ledger.forget(manifest.uuid);
  for (auto it = contents.objects.rbegin(); it != contents.objects.rend(); ++it)
    if (it->kind != value::ObjectKind::index && it->kind != value::ObjectKind::foreign_key) writer->drop(*it);
  CHECK(load.server->tuning()->restore().size() == settings.size());
  CHECK(f.one("SELECT @@GLOBAL.log_bin_trust_function_creators") == "0");
}

TEST_CASE("each right that the load account lacks is named", "[rights]") {
  Fixture f;
  Scratch db(f, "flytt_rights");
  const std::string user = "flytt_load@'%'", on = "`flytt_rights`.*";
  LoadNeeds needs{.databases = {"flytt_rights"}, .users = false, .schema = true, .definers = true};
  const auto missing = [&] {
    Account load("FLYTT_CONFORMANCE_LOAD_URL");
    const auto session = load.server->connect();
    return objects(missing_load_privileges(*session, *load.server, needs));
  };
  REQUIRE(missing().empty());
  std::vector<std::pair<std::string, std::string>> rights{{"PROCESS", "*.*"}, {"CREATE", on}, {"INSERT", on}, {"REFERENCES", on}, {"EVENT", on}, {"UPDATE", "`flytt`.*"},
                                                          {f.mariadb() ? "BINLOG ADMIN" : "SYSTEM_VARIABLES_ADMIN", "*.*"},
                                                          {f.mariadb() ? "SET USER" : "SET_ANY_DEFINER", "*.*"}};
  for (const auto& [right, where] : rights) {
    INFO(right);
    f.run("REVOKE " + right + " ON " + where + " FROM " + user);
    const auto found = missing();
    f.run("GRANT " + right + " ON " + where + " TO " + user);
    REQUIRE(found.size() == 1);
  }
}

TEST_CASE("rights that come by a role count", "[rights]") {
  Fixture f;
  Scratch db(f, "flytt_rights");
  const std::string role = f.mariadb() ? "flytt_role" : "flytt_role@'%'";
  const auto drop_all = [&] { f.run({"DROP USER IF EXISTS flytt_by_role@'%'", "DROP ROLE IF EXISTS " + role}); };
  drop_all();
  f.run({"CREATE ROLE " + role, "GRANT SELECT ON *.* TO " + role, "CREATE USER flytt_by_role@'%' IDENTIFIED BY 'x'", "GRANT " + role + " TO flytt_by_role@'%'",
         f.mariadb() ? "SET DEFAULT ROLE flytt_role FOR flytt_by_role@'%'" : "ALTER USER flytt_by_role@'%' DEFAULT ROLE " + role});
  auto endpoint = engine::parse_url(Fixture::url_in("FLYTT_CONFORMANCE_DUMP_URL"));
  endpoint.user = "flytt_by_role";
  endpoint.password = "x";
  endpoint.has_password = true;
  {
    FamilyServer server(endpoint, f.context);
    const auto session = server.connect();
    const auto grants = current_grants(*session, server);
    CHECK(grants.database("SELECT", "flytt_rights"));
    CHECK_FALSE(grants.database("INSERT", "flytt_rights"));
  }
  drop_all();
}
