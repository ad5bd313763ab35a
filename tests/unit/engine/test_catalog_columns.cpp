// Types, the choice of the key, InnoDB's names, grants and GTID domains: what the catalog decides without a server.
// SPDX-License-Identifier: MIT
#include <flytt/engine/mysql_family/catalog_columns.hpp>

#include <flytt/engine/mysql_family/catalog_identity.hpp>
#include <flytt/engine/mysql_family/preflight_positions.hpp>
#include <flytt/engine/mysql_family/privileges.hpp>

#include "support/catch.hpp"

using namespace flytt;
using namespace flytt::engine::mysql_family;
using value::Type;

namespace {

value::Table table_of(std::vector<Type> types) {
  value::Table t;
  for (std::size_t i = 0; i < types.size(); ++i) {
    value::Column c;
    c.name = std::string(1, static_cast<char>('a' + i));
    c.type = types[i];
    t.columns.push_back(c);
  }
  return t;
}

KeyPartFacts part(std::string index, std::string column) { return {.index = std::move(index), .column = std::move(column), .unique = true}; }

}  // namespace

TEST_CASE("types by their native names", "[catalog]") {
  CHECK(logical_type({.data_type = "int", .column_type = "int(10) unsigned"}) == Type::uint32);
  CHECK(logical_type({.data_type = "mediumint", .column_type = "mediumint(9)"}) == Type::int32);
  CHECK(logical_type({.data_type = "GEOMCOLLECTION", .column_type = "geomcollection"}) == Type::geometry);
  CHECK_FALSE(logical_type({.data_type = "vector", .column_type = "vector(3)"}));
  const auto bits = column_of({.name = "b", .data_type = "bit", .column_type = "bit(10)", .precision = 10});
  REQUIRE(bits);
  CHECK(bits->length == 2);
  CHECK(column_of({.data_type = "int", .extra = "VIRTUAL GENERATED"})->generated);
  CHECK_FALSE(column_of({.data_type = "timestamp", .extra = "DEFAULT_GENERATED on update CURRENT_TIMESTAMP"})->generated);
  CHECK(column_of({.data_type = "int", .extra = "INVISIBLE"})->invisible);
}

TEST_CASE("the key that rows are read by", "[catalog]") {
  auto t = table_of({Type::int64, Type::text, Type::enumeration, Type::int32});
  SECTION("the primary key") {
    choose_key(t, {part("A", "d"), part("PRIMARY", "a"), part("PRIMARY", "b")});
    CHECK(t.key.name == "PRIMARY");
    CHECK(t.key.columns == std::vector<std::uint32_t>{0, 1});
    CHECK(t.seekable);
  }
  SECTION("the smallest unique key when there is none") {
    choose_key(t, {part("u_b", "b"), part("u_d", "d")});
    CHECK(t.key.name == "u_d");
  }
  SECTION("one that can be cut rather than a primary key that cannot") {
    choose_key(t, {part("PRIMARY", "c"), part("u", "b")});
    CHECK(t.key.name == "u");
  }
  SECTION("a primary key that cannot be cut rather than none") {
    choose_key(t, {part("PRIMARY", "c")});
    CHECK(t.key.name == "PRIMARY");
    CHECK_FALSE(t.seekable);
  }
  SECTION("neither NULLs, prefixes, expressions nor hidden indexes") {
    auto nullable = part("n", "a"), prefix = part("p", "b"), expression = part("e", ""), hidden = part("h", "d"), many = part("m", "a");
    nullable.nullable = true;
    prefix.prefix = true;
    hidden.usable = false;
    many.unique = false;
    choose_key(t, {nullable, prefix, expression, hidden, many});
    CHECK_FALSE(t.has_key());
  }
  SECTION("both directions in one key cannot be cut") {
    auto down = part("PRIMARY", "d");
    down.descending = true;
    choose_key(t, {part("PRIMARY", "a"), down});
    CHECK_FALSE(t.seekable);
  }
}

TEST_CASE("InnoDB's names are recognised", "[catalog]") {
  CHECK(may_be_name("orders_1", "orders_1"));
  CHECK_FALSE(may_be_name("orders_1", "orders_2"));
  CHECK_FALSE(may_be_name("orders", "orders_1"));
  CHECK_FALSE(may_be_name("orders_1", "orders"));
  CHECK(may_be_name("select@0020@0022x@0022@003b@0020@0060@2603@0p@0020@m0", "select \"x\"; `☃é ж"));
  CHECK_FALSE(may_be_name("select@0020@0022x@0022@003b@0020@0060@2604@0p@0020", "select \"x\"; `☃é "));
  CHECK(may_be_name("a@0024b@002dc", "a$b-c"));
  CHECK(may_be_name("con@@@", "con"));
  const auto cut = cut_stored_name("x@0022/p1#P#P@00201#SP#s");
  CHECK(cut.schema == "x@0022");
  CHECK(cut.table == "p1");
  CHECK(cut.partition == "#P#P@00201#SP#s");
  CHECK(cut_stored_name("SYS_FOREIGN").table.empty());
  CHECK(cut_stored_name("db/#sql-ib12").table.empty());
}

TEST_CASE("grants are added up", "[privileges]") {
  Grants g;
  g.add("GRANT RELOAD, PROCESS ON *.* TO `u`@`%` IDENTIFIED BY PASSWORD '*X'");
  g.add("GRANT SELECT, SHOW VIEW ON `sh\\_p`.* TO `u`@`%`");
  g.add("GRANT ALL PRIVILEGES ON `te%`.* TO `u`@`%` WITH GRANT OPTION");
  g.add("GRANT SELECT, INSERT (`a`, `SELECT`) ON `mysql`.`proc` TO `u`@`%`");
  g.add("GRANT EXECUTE ON PROCEDURE `x`.`y` TO `u`@`%`");
  g.add("GRANT PROXY ON ``@`%` TO `u`@`%`");
  g.add("GRANT `role`@`%` TO `u`@`%`");
  CHECK(g.global("PROCESS"));
  CHECK_FALSE(g.global("SELECT"));
  CHECK_FALSE(g.global("EXECUTE"));
  CHECK(g.database("SHOW VIEW", "sh_p"));
  CHECK_FALSE(g.database("SELECT", "shop"));
  CHECK(g.database("EVENT", "test_1"));
  CHECK_FALSE(g.database("EVENT", "t"));
  CHECK(g.table("SELECT", "mysql", "proc"));
  CHECK_FALSE(g.table("INSERT", "mysql", "proc"));
  CHECK_FALSE(g.table("SELECT", "mysql", "user"));
}

TEST_CASE("the most specific pattern decides, for each grantee", "[privileges]") {
  Grants g;
  g.add("GRANT SELECT, EVENT ON `sh_p`.* TO `u`@`%`");
  g.add("GRANT TRIGGER ON `sh\\_p`.* TO `u`@`%`");
  g.add("GRANT INSERT ON `%`.* TO `u`@`%`");
  g.add("GRANT UPDATE ON `sh%`.* TO `role`");
  CHECK(g.database("TRIGGER", "sh_p"));
  CHECK_FALSE(g.database("SELECT", "sh_p"));
  CHECK(g.database("SELECT", "shop"));
  CHECK_FALSE(g.database("INSERT", "shop"));
  CHECK(g.database("INSERT", "other"));
  CHECK(g.database("UPDATE", "sh_p"));
  CHECK(g.pattern_for("sh_p") == "sh\\_p");
  CHECK(g.pattern_for("shop") == "sh_p");
  CHECK(g.pattern_for("x") == "%");
}

TEST_CASE("partial revokes count", "[privileges]") {
  Grants g;
  g.add("GRANT SELECT ON *.* TO `u`@`%`");
  g.add("REVOKE SELECT ON `hr`.* FROM `u`@`%`");
  CHECK(g.database("SELECT", "shop"));
  CHECK_FALSE(g.database("SELECT", "hr"));
}

TEST_CASE("patterns of database names", "[privileges]") {
  CHECK(grant_pattern_matches("a_c", "abc"));
  CHECK_FALSE(grant_pattern_matches("a\\_c", "abc"));
  CHECK(grant_pattern_matches("a\\_c", "a_c"));
  CHECK(grant_pattern_matches("%x%", "axb"));
  CHECK(grant_pattern_matches("%", ""));
  CHECK_FALSE(grant_pattern_matches("a", "ab"));
}

TEST_CASE("the newest of each GTID domain", "[positions]") {
  const auto d = domain_positions("0-1-100, 2-7-3,0-2-101");
  REQUIRE(d.size() == 2);
  CHECK(d.at(0).server == 2);
  CHECK(d.at(0).sequence == 101);
  CHECK(d.at(2).sequence == 3);
  CHECK(domain_positions("").empty());
}
