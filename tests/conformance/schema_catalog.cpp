// What a catalog says of real tables: columns, keys, identities, and what it refuses by name.
// SPDX-License-Identifier: MIT
#include <algorithm>

#include <flytt/engine/mysql_family/catalog.hpp>

#include "schema_objects.hpp"

using namespace flytt;
using namespace flytt::test;
using namespace flytt::engine::mysql_family;
using value::Type;

namespace {

const value::Table& table(const engine::Contents& contents, const std::string& name) {
  const auto at = std::find_if(contents.tables.begin(), contents.tables.end(), [&](const auto& t) { return t.name.table == name; });
  if (at == contents.tables.end()) FAIL("no table " << name);
  return *at;
}

std::vector<std::string> codes(const std::vector<engine::Finding>& findings) {
  std::vector<std::string> out;
  for (const auto& f : findings) out.push_back(f.code + " " + f.object);
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace

TEST_CASE("columns, keys and order", "[catalog]") {
  Fixture f;
  Scratch db(f, "flytt_catalog");
  f.run(odd_tables(f.mariadb()));
  f.run("CREATE TABLE types (a TINYINT UNSIGNED, b MEDIUMINT, c BIGINT UNSIGNED, d FLOAT, e DECIMAL(10,2), f BIT(10), g DATETIME(3), h TIMESTAMP(6) NULL,"
        " i TIME(2), j YEAR, k CHAR(3) CHARACTER SET utf8mb4, l VARBINARY(9), m BINARY(16), n SET('a','b'), o JSON, p LONGBLOB, q POINT)");
  f.run("INSERT INTO types (a) VALUES (1)");
  f.fresh();
  const auto contents = read_contents(*f.c, f.server, scope_of({db.name()}));

  const auto& types = table(contents, "types");
  std::vector<Type> got;
  for (const auto& c : types.columns) got.push_back(c.type);
  CHECK(got == std::vector<Type>{Type::uint8, Type::int32, Type::uint64, Type::float32, Type::decimal, Type::bits, Type::datetime, Type::timestamp, Type::time,
                                 Type::year, Type::text, Type::bytes, Type::bytes, Type::set, f.mariadb() ? Type::text : Type::json, Type::bytes, Type::geometry});
  CHECK(types.columns[5].length == 2);
  CHECK(types.columns[6].fraction == 3);
  CHECK(types.columns[10].charset == "utf8mb4");
  CHECK(types.columns[12].length == 16);
  CHECK_FALSE(types.has_key());

  CHECK(table(contents, "generated_ones").columns.size() == 2);
  const auto& hidden = table(contents, "hidden");
  CHECK(hidden.columns.size() == 3);
  CHECK(hidden.columns[1].invisible);
  CHECK(table(contents, "no_primary").key.name == "b_u");
  CHECK(table(contents, "enum_key").key.name == "t");
  CHECK(table(contents, "enum_key").seekable);
  CHECK(table(contents, "auto_key").key.name == "PRIMARY");
  if (!f.mariadb()) CHECK_FALSE(table(contents, "keys_down").seekable);
  CHECK(std::is_sorted(contents.tables.begin(), contents.tables.end(), [](const auto& a, const auto& b) { return a.bytes_estimate > b.bytes_estimate; }));
}

TEST_CASE("identities change when a table is replaced, truncated or rebuilt", "[catalog]") {
  Fixture f;
  Scratch db(f, "flytt ident ☃");
  const std::string odd = quote_name(kOddName);
  f.run("CREATE TABLE " + odd + " (id INT PRIMARY KEY) ");
  f.run("CREATE TABLE twin (id INT PRIMARY KEY)");
  f.run("CREATE TABLE parts (id INT PRIMARY KEY) PARTITION BY HASH (id) PARTITIONS 3");
  const auto contents = read_contents(*f.c, f.server, scope_of({db.name()}));
  const value::TableName name{db.name(), kOddName}, parts{db.name(), "parts"}, twin{db.name(), "twin"};
  const auto before = read_identities(*f.c, f.server, contents.tables);
  REQUIRE(before.size() == 3);
  CHECK(before.at(name).find(':') != std::string::npos);
  CHECK(std::count(before.at(parts).begin(), before.at(parts).end(), ':') >= 5);  // three partitions and a time
  CHECK(table(contents, kOddName).identity == before.at(name));
  CHECK(read_identities(*f.c, f.server, contents.tables) == before);

  const auto now = [&] { return read_identities(*f.c, f.server, contents.tables); };
  SECTION("RENAME swap") {
    f.run("RENAME TABLE " + odd + " TO other, twin TO " + odd);
    CHECK(now().at(name) != before.at(name));
    CHECK(now().count(twin) == 0);
  }
  SECTION("TRUNCATE") {
    f.run("TRUNCATE " + odd);
    CHECK(now().at(name) != before.at(name));
    CHECK(now().at(twin) == before.at(twin));
  }
  SECTION("rebuild") {
    f.run("ALTER TABLE " + odd + " ENGINE=InnoDB, FORCE");
    CHECK(now().at(name) != before.at(name));
  }
  SECTION("a column added at once") {
    f.run("ALTER TABLE " + odd + " ADD COLUMN x INT");
    CHECK(now().at(name) != before.at(name));
  }
  SECTION("one partition") {
    f.run("ALTER TABLE parts TRUNCATE PARTITION p1");
    CHECK(now().at(parts) != before.at(parts));
  }
}

TEST_CASE("what cannot be carried is refused by name", "[catalog]") {
  Fixture f;
  Scratch db(f, "flytt_refused");
  f.run("CREATE TABLE fine (id INT PRIMARY KEY)");
  f.run("CREATE TABLE isam (id INT PRIMARY KEY) ENGINE=MyISAM");
  f.run("CREATE TABLE mem (id INT PRIMARY KEY) ENGINE=MEMORY");
  f.run("CREATE VIEW broken AS SELECT id FROM isam");
  f.run("CREATE TABLE merged (id INT PRIMARY KEY) ENGINE=MERGE UNION=(isam)");
  f.run("ALTER TABLE isam RENAME COLUMN id TO x");
  std::vector<std::string> expected{"engine-foreign flytt_refused.merged", "not-transactional flytt_refused.isam", "not-transactional flytt_refused.mem",
                                    "view-invalid flytt_refused.broken"};
  if (f.mariadb()) {
    f.run("CREATE TABLE versioned (id INT PRIMARY KEY) WITH SYSTEM VERSIONING");
    expected.insert(expected.begin() + 3, "system-versioned flytt_refused.versioned");
  } else {
    f.run("CREATE TABLE vec (id INT PRIMARY KEY, v VECTOR(3))");
    expected.insert(expected.begin() + 3, "vector-column flytt_refused.vec");
  }
  CHECK(codes(read_contents(*f.c, f.server, scope_of({db.name()})).refusals) == expected);
  std::erase_if(expected, [](const auto& e) { return e.starts_with("not-trans"); });
  CHECK(codes(read_contents(*f.c, f.server, scope_of({db.name()}), NonTransactional::under_lock).refusals) == expected);

  SECTION("tables left out are not looked at") {
    auto scope = scope_of({db.name()});
    scope.include_tables = {"flytt_refused.fine"};
    const auto contents = read_contents(*f.c, f.server, scope);
    CHECK(contents.refusals.empty());
    CHECK(contents.tables.size() == 1);
  }
}

TEST_CASE("values that no server stores again are found", "[catalog]") {
  Fixture f;
  Scratch db(f, "flytt_values");
  f.run("CREATE TABLE e (id INT PRIMARY KEY, a ENUM('x',''), b ENUM('x'))");
  f.run("INSERT INTO e VALUES (1, 'x', 'x'), (2, '', NULL), (3, NULL, 'x')");
  f.run("CREATE TABLE j (id INT PRIMARY KEY, j JSON)");
  f.run("INSERT INTO j VALUES (1, '{\"a\": [1, 2.5, -0.0, 1e300, \"x\", null, true, {\"b\": 18446744073709551615}]}'), (2, '5'), (3, NULL), (4, '[]')");
  const auto scope = scope_of({db.name()});
  const auto contents = read_contents(*f.c, f.server, scope);
  CHECK(codes(scan_values(*f.c, f.server, contents.tables, scope)).empty());

  f.run("SET SESSION sql_mode = ''");
  f.run("INSERT INTO e VALUES (9, 'x', 'wrong')");
  std::vector<std::string> expected{"enum-zero flytt_values.e.b"};
  if (!f.mariadb()) {
    const std::string typed = GENERATE("JSON_OBJECT('a', CAST(123456.25 AS DECIMAL(8,2)))", "JSON_ARRAY(1, JSON_ARRAY(CURDATE()))", "CAST(NOW() AS JSON)",
                                       "JSON_OBJECT('x', JSON_OBJECT('b', x'00ff'))", "JSON_ARRAY('x', 1, 2.5)");
    CAPTURE(typed);
    f.run("INSERT INTO j VALUES (9, " + typed + ")");
    expected.push_back("json-opaque flytt_values.j.j");
  }
  CHECK(codes(scan_values(*f.c, f.server, contents.tables, scope)) == expected);

  auto filtered = scope;
  filtered.where = {{"flytt_values.e", "id < 9"}, {"flytt_values.j", "id < 9"}};
  CHECK(codes(scan_values(*f.c, f.server, contents.tables, filtered)).empty());
}

TEST_CASE("a database that is not there is named", "[catalog]") {
  Fixture f;
  REQUIRE_ERROR(read_contents(*f.c, f.server, scope_of({"no such `db`"})), base::Exit::unavailable, "no such `db`");
  REQUIRE_ERROR(read_contents(*f.c, f.server, scope_of({"mysql"})), base::Exit::refused, "mysql");
}

TEST_CASE("accounts, roles and grants", "[catalog]") {
  Fixture f;
  Scratch db(f, "flytt_accounts");
  const std::string user = "`o'b@\"x`@`10.%`", role = f.mariadb() ? "`flytt_role`" : "`flytt_role`@`%`";
  const auto drop_all = [&] { f.run({"DROP USER IF EXISTS " + user, "DROP ROLE IF EXISTS " + role}); };
  drop_all();
  f.run({"CREATE ROLE " + role, "CREATE USER " + user + " IDENTIFIED BY 'sec`r''et'", "GRANT SELECT, INSERT ON flytt_accounts.* TO " + role,
         "GRANT " + role + " TO " + user, "GRANT UPDATE ON flytt_accounts.* TO " + user + " WITH GRANT OPTION",
         f.mariadb() ? "SET DEFAULT ROLE " + role + " FOR " + user : "ALTER USER " + user + " DEFAULT ROLE " + role});
  const auto shown = [&] {
    std::vector<std::string> out;
    for (const auto& q : {"SHOW CREATE USER " + user, "SHOW GRANTS FOR " + user, "SHOW GRANTS FOR " + role})
      for (const auto& row : f.c->query(q).rows) out.push_back(row[0].value_or(""));
    return out;
  };
  if (!f.mariadb()) f.run("SET SESSION print_identified_with_as_hex = 1");
  const auto before = shown();
  auto scope = scope_of({db.name()});
  scope.users = true;
  const auto contents = read_contents(*f.c, f.server, scope);
  drop_all();
  auto writer = f.server.target()->schema_writer({});
  for (const auto& object : contents.objects)
    if (object.kind == value::ObjectKind::account || object.kind == value::ObjectKind::grant) {
      INFO(object.statement);
      writer->create(object);
    }
  CHECK(shown() == before);
  for (const auto& object : contents.objects) CHECK(object.name.find("root@") != 0);
  drop_all();
}
