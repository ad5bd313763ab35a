// Taking definitions apart: nothing inside a name, a string or a comment is syntax.
// SPDX-License-Identifier: MIT
#include <flytt/engine/mysql_family/definition.hpp>

#include <algorithm>

#include <flytt/base/text.hpp>
#include <flytt/engine/mysql_family/definition_rewrite.hpp>
#include <flytt/engine/mysql_family/definition_tokens.hpp>

#include "support/catch.hpp"

using namespace flytt;
using namespace flytt::engine::mysql_family;
using value::ObjectKind;

namespace {

std::vector<std::string> texts(std::string_view sql) {
  std::vector<std::string> out;
  for (const Token& t : tokenize(sql)) out.emplace_back(token_text(sql, t));
  return out;
}

std::vector<value::SchemaObject> split(std::string_view sql, Indexes indexes = Indexes::deferred) {
  return split_table({"s`1", "t"}, parse_create_table(sql), indexes);
}

}  // namespace

TEST_CASE("tokens know quoting, comments and depth", "[definition]") {
  CHECK(texts("a `b``c` 'd''e\\'f' \"g\" -- x\n h # y\n/* z */i") ==
        std::vector<std::string>{"a", "`b``c`", "'d''e\\'f'", "\"g\"", "h", "i"});
  CHECK(texts("/*!50100 PARTITION */ /*M!100301 X*/") == std::vector<std::string>{"/*!50100", "PARTITION", "*/", "/*M!100301", "X", "*/"});
  CHECK(texts("a-b 5--3") == std::vector<std::string>{"a", "-", "b", "5", "-", "-", "3"});
  const std::string_view nested = "(a (b) c)";
  std::vector<unsigned> depths;
  for (const Token& t : tokenize(nested)) depths.push_back(t.depth);
  CHECK(depths == std::vector<unsigned>{0, 1, 1, 2, 1, 1, 0});
  const std::string_view odd = "'a''b\\n\\\\\\0' `x``y`";
  const auto t = tokenize(odd);
  CHECK(token_value(odd, t[0]) == std::string("a'b\n\\\0", 6));
  CHECK(token_value(odd, t[1]) == "x`y");
}

TEST_CASE("what does not end is refused", "[definition]") {
  for (const auto* sql : {"a 'b", "`c", "(a", "a)", "/* x", "'a\\'"}) {
    INFO(sql);
    CHECK_THROWS_AS(tokenize(sql), base::Error);
  }
  CHECK_THROWS_AS(parse_create_table("SELECT (1)"), base::Error);
  CHECK_THROWS_AS(parse_create_table(""), base::Error);
}

TEST_CASE("keys are deferred, the primary one stays", "[definition]") {
  const auto objects = split(
      "CREATE TABLE `t` (\n  `id` int NOT NULL AUTO_INCREMENT COMMENT 'KEY `k` (`x`),',\n  `a` varchar(9) DEFAULT ',)',\n  PRIMARY KEY (`id`),\n"
      "  UNIQUE KEY `u,)` (`a`(3)),\n  KEY `k` (`a`,`id`),\n  FULLTEXT KEY `f1` (`a`),\n  FULLTEXT KEY `f2` (`a`),\n"
      "  CONSTRAINT `fk` FOREIGN KEY (`a`, `id`) REFERENCES `o`.`p` (`x`, `y`) ON DELETE CASCADE,\n  CONSTRAINT `c` CHECK (`a` <> 'FOREIGN KEY (')\n"
      ") ENGINE=InnoDB AUTO_INCREMENT=7 COMMENT=') x'");
  REQUIRE(objects.size() == 5);
  CHECK(objects[0].kind == ObjectKind::table);
  CHECK(objects[0].statement ==
        "CREATE TABLE `s``1`.`t` (\n  `id` int NOT NULL AUTO_INCREMENT COMMENT 'KEY `k` (`x`),',\n  `a` varchar(9) DEFAULT ',)',\n  PRIMARY KEY (`id`),\n"
        "  CONSTRAINT `c` CHECK (`a` <> 'FOREIGN KEY (')\n) ENGINE=InnoDB AUTO_INCREMENT=7 COMMENT=') x'");
  CHECK(objects[1].statement == "ALTER TABLE `s``1`.`t`\n  ADD UNIQUE KEY `u,)` (`a`(3)),\n  ADD KEY `k` (`a`,`id`)");
  CHECK(objects[2].statement == "ALTER TABLE `s``1`.`t`\n  ADD FULLTEXT KEY `f1` (`a`)");
  CHECK(objects[3].statement == "ALTER TABLE `s``1`.`t`\n  ADD FULLTEXT KEY `f2` (`a`)");
  CHECK(objects[4].kind == ObjectKind::foreign_key);
  CHECK(objects[4].name == "fk");
  CHECK(objects[4].attributes == R"({"child_columns":["a","id"],"parent_schema":"o","parent_table":"p","parent_columns":["x","y"]})");
}

TEST_CASE("kept keys are the first of the server's own order", "[definition]") {
  const auto kept = [](const std::string& keys, const std::string& columns = "`a` int, `n` int NOT NULL, `m` int NOT NULL") {
    return kept_keys(parse_create_table("CREATE TABLE `t` (" + columns + ", " + keys + ")"));
  };
  CHECK(kept("PRIMARY KEY (`n`), UNIQUE KEY `x` (`m`), KEY `y` (`a`)") == 1);
  CHECK(kept("KEY `y` (`a`)") == 0);
  SECTION("without a primary key, the unique one that the rows are stored by") {
    CHECK(kept("UNIQUE KEY `n` (`n`), UNIQUE KEY `m` (`m`), UNIQUE KEY `a` (`a`), KEY `y` (`a`)") == 1);
    CHECK(kept("UNIQUE KEY `a` (`a`), UNIQUE KEY `n` (`n`)") == 2);
    CHECK(kept("UNIQUE KEY `p` (`n`(3)), UNIQUE KEY `e` ((`n` + 1))") == 0);
  }
  SECTION("up to the key of the automatic number") {
    CHECK(kept("PRIMARY KEY (`n`), UNIQUE KEY `u` (`a`), KEY `i` (`id`), KEY `z` (`a`)",
               "`id` int NOT NULL AUTO_INCREMENT, `n` int NOT NULL, `a` int") == 3);
  }
  SECTION("up to a unique key by hash") { CHECK(kept("PRIMARY KEY (`n`), UNIQUE KEY `h` (`a`) USING HASH, KEY `z` (`a`)") == 2); }
}

TEST_CASE("small tables keep their keys, but never their foreign keys", "[definition]") {
  const auto objects = split("CREATE TABLE `t` (`a` int, KEY `a` (`a`), CONSTRAINT `f` FOREIGN KEY (`a`) REFERENCES `p` (`a`)) ENGINE=InnoDB", Indexes::kept);
  REQUIRE(objects.size() == 2);
  CHECK(objects[0].statement == "CREATE TABLE `s``1`.`t` (\n  `a` int,\n  KEY `a` (`a`)\n) ENGINE=InnoDB");
  CHECK(objects[1].attributes.find(R"("parent_schema":"s`1")") != std::string::npos);
}

TEST_CASE("a default that is no text is written as bytes", "[definition]") {
  const auto objects = split("CREATE TABLE `t` (`b` binary(3) DEFAULT '\xff\\0A', `c` char(2) DEFAULT 'ä')");
  CHECK(objects[0].statement.find("DEFAULT X'ff0041'") != std::string::npos);
  CHECK(objects[0].statement.find("DEFAULT 'ä'") != std::string::npos);
}

TEST_CASE("places of the old host are left out and told", "[definition]") {
  const auto d = parse_create_table(
      "CREATE TABLE `t` (`a` int COMMENT 'DATA DIRECTORY=\\'/x\\'') /*!50100 TABLESPACE `ts` */ ENGINE=InnoDB DATA DIRECTORY='/d/' COMMENT='TABLESPACE x'\n"
      " PARTITION BY HASH (`a`) (PARTITION `DATA` INDEX DIRECTORY = '/i' ENGINE = InnoDB) /*!80016 ENCRYPTION='Y' */");
  CHECK(d.dropped == std::vector<std::string>{"TABLESPACE `ts`", "DATA DIRECTORY='/d/'", "INDEX DIRECTORY = '/i'"});
  CHECK(d.options == "/*!50100  */ ENGINE=InnoDB  COMMENT='TABLESPACE x'\n PARTITION BY HASH (`a`) (PARTITION `DATA`  ENGINE = InnoDB) /*!80016 ENCRYPTION='Y' */");
  CHECK(d.encrypted);
  CHECK_FALSE(parse_create_table("CREATE TABLE `t` (`a` int) ENCRYPTION='N'").encrypted);
  CHECK(parse_create_table("CREATE TABLE `t` (`a` int) `ENCRYPTED`=YES").encrypted);
}

TEST_CASE("events are created disabled", "[definition]") {
  CHECK(disabled_event("CREATE DEFINER=`a`@`b` EVENT `DO` ON SCHEDULE EVERY 1 DAY ON COMPLETION NOT PRESERVE ENABLE COMMENT 'ENABLE' DO SET @a = 'PRESERVE ENABLE") ==
        "CREATE DEFINER=`a`@`b` EVENT `DO` ON SCHEDULE EVERY 1 DAY ON COMPLETION NOT PRESERVE DISABLE COMMENT 'ENABLE' DO SET @a = 'PRESERVE ENABLE");
  CHECK(disabled_event("CREATE EVENT e ON SCHEDULE AT 'x' ON COMPLETION PRESERVE DISABLE ON SLAVE DO BEGIN END") ==
        "CREATE EVENT e ON SCHEDULE AT 'x' ON COMPLETION PRESERVE DISABLE DO BEGIN END");
  CHECK_THROWS_AS(disabled_event("CREATE EVENT e DO SELECT 1"), base::Error);
}

TEST_CASE("definers are replaced in the head only", "[definition]") {
  const std::string body = " SQL SECURITY DEFINER VIEW v AS SELECT 'DEFINER=`x`@`y`";
  CHECK(with_definer("CREATE ALGORITHM=MERGE DEFINER=`a``b`@`%`" + body, "n`w@10.%") == "CREATE ALGORITHM=MERGE DEFINER=`n``w`@`10.%`" + body);
  CHECK(with_definer("CREATE DEFINER=`a`@`%`" + body, "") == "CREATE" + body);
  CHECK(with_definer("CREATE DEFINER=\"a\"@\"%\" PROCEDURE \"p\"() SELECT 1", "u@h") == "CREATE DEFINER=`u`@`h` PROCEDURE \"p\"() SELECT 1");
  CHECK(with_definer("CREATE DEFINER=`role` FUNCTION f() RETURN 1", "") == "CREATE FUNCTION f() RETURN 1");
  CHECK(with_definer("CREATE VIEW v AS SELECT 1", "u@h") == "CREATE VIEW v AS SELECT 1");
}

TEST_CASE("what differs between equal tables is not compared", "[definition]") {
  CHECK(comparable_table("CREATE TABLE `t` (`a` int AUTO_INCREMENT COMMENT 'AUTO_INCREMENT=5') ENGINE=InnoDB AUTO_INCREMENT=99 COMMENT='AUTO_INCREMENT=1'") ==
        "CREATE TABLE `t` (`a` int AUTO_INCREMENT COMMENT 'AUTO_INCREMENT=5') ENGINE=InnoDB COMMENT='AUTO_INCREMENT=1'");
  CHECK(comparable_table("CREATE TABLE `t` (`a` int, CHECK (`a` <> _utf8mb4'x'))") == comparable_table("CREATE TABLE `t` (`a` int, CHECK (`a` <> _latin1'x'))"));
  const std::string moved = "CREATE TABLE `t` (`a` varchar(9) DEFAULT 'INVISIBLE, x' COMMENT 'c' INVISIBLE,`b` int NOT NULL INVISIBLE)";
  CHECK(comparable_table("CREATE TABLE `t` (`a` varchar(9) INVISIBLE DEFAULT 'INVISIBLE, x' COMMENT 'c',`b` int NOT NULL INVISIBLE)") == moved);
  CHECK(comparable_table("CREATE TABLE `t` (`a` varchar(9) DEFAULT 'INVISIBLE, x' INVISIBLE COMMENT 'c',`b` int NOT NULL INVISIBLE)") == moved);
  CHECK(comparable_table("CREATE TABLE `t` (`INVISIBLE` decimal(9,2) DEFAULT 1.00,KEY `k` (`a`,`b`)) COMMENT='INVISIBLE, x'") ==
        "CREATE TABLE `t` (`INVISIBLE` decimal(9,2) DEFAULT 1.00,KEY `k` (`a`,`b`)) COMMENT='INVISIBLE, x'");
}

TEST_CASE("accounts: default roles and passwords are taken out", "[definition]") {
  const auto parts = split_default_role("CREATE USER `u`@`%` IDENTIFIED WITH 'p' AS 'DEFAULT ROLE x' DEFAULT ROLE `r`@`%`,`s`@`h` REQUIRE NONE");
  CHECK(parts.create == "CREATE USER `u`@`%` IDENTIFIED WITH 'p' AS 'DEFAULT ROLE x' REQUIRE NONE");
  CHECK(parts.default_role == "`r`@`%`,`s`@`h`");
  CHECK(split_default_role("CREATE USER `u`@`%`").create == "CREATE USER `u`@`%`");
  CHECK(without_password("GRANT ALL PRIVILEGES ON *.* TO `u`@`%` IDENTIFIED BY PASSWORD '*AA' WITH GRANT OPTION") ==
        "GRANT ALL PRIVILEGES ON *.* TO `u`@`%` WITH GRANT OPTION");
  CHECK(without_password("GRANT SELECT ON *.* TO `u`@`%` IDENTIFIED VIA unix_socket OR ed25519 USING 'x'") == "GRANT SELECT ON *.* TO `u`@`%`");
}

TEST_CASE("definitions that end in the middle are refused", "[definition]") {
  for (const char* item : {"CONSTRAINT `f` FOREIGN KEY (`a`) REFERENCES", "CONSTRAINT `f` FOREIGN KEY (`a`) REFERENCES `p`", "FOREIGN KEY (`a`) REFERENCES `o`.",
                           "FOREIGN KEY (`a`) REFERENCES `o`.`p`", "PRIMARY KEY", "KEY `k`"}) {
    INFO(item);
    REQUIRE_ERROR(parse_create_table(base::concat("CREATE TABLE `t` (`a` int, ", item, ")")), base::Exit::data, "without columns");
  }
  for (const char* sql : {"CREATE USER `u` DEFAULT ROLE `r`@", "CREATE USER `u` DEFAULT ROLE `r`,", "CREATE USER `u` DEFAULT ROLE `r`,`s`@"}) {
    INFO(sql);
    REQUIRE_ERROR(split_default_role(sql), base::Exit::data, "an account ends in the middle");
  }
  REQUIRE_ERROR(with_definer("CREATE DEFINER=`a`@", "x@y"), base::Exit::data, "an account ends in the middle");
}

TEST_CASE("only an event's own status is replaced", "[definition]") {
  const std::string head = "CREATE EVENT `e` ON SCHEDULE EVERY 1 DAY ON COMPLETION NOT PRESERVE DISABLE";
  CHECK(disabled_event(head + " ON SLAVE DO x") == head + " DO x");
  CHECK(disabled_event(head + " ON REPLICA COMMENT 'c' DO x") == head + " COMMENT 'c' DO x");
  CHECK(disabled_event(head + " ON") == head + " ON");
  CHECK(disabled_event(head + " ON COMMENT 'c' DO x") == head + " ON COMMENT 'c' DO x");
}

TEST_CASE("an event that would not be kept is kept") {
  CHECK(preserved_event("CREATE DEFINER=`a`@`b` EVENT `NOT PRESERVE` ON SCHEDULE AT '2020-01-01' ON COMPLETION NOT PRESERVE DISABLE DO SELECT 'NOT PRESERVE'") ==
        "CREATE DEFINER=`a`@`b` EVENT `NOT PRESERVE` ON SCHEDULE AT '2020-01-01' ON COMPLETION PRESERVE DISABLE DO SELECT 'NOT PRESERVE'");
  CHECK(preserved_event("CREATE EVENT e ON SCHEDULE AT '2020-01-01' ON COMPLETION PRESERVE DISABLE DO SELECT 1") ==
        "CREATE EVENT e ON SCHEDULE AT '2020-01-01' ON COMPLETION PRESERVE DISABLE DO SELECT 1");
}

TEST_CASE("what is left out of a table is left out once", "[definition]") {
  CHECK(comparable_table("CREATE TABLE `t` (`a` int) AUTO_INCREMENT=_x 'y' ENGINE=z") == "CREATE TABLE `t` (`a` int) AUTO_INCREMENT='y' ENGINE=z");
  CHECK(comparable_table("CREATE TABLE `t` (`a` int) AUTO_INCREMENT AUTO_INCREMENT AUTO_INCREMENT=5 x") ==
        "CREATE TABLE `t` (`a` int) AUTO_INCREMENT AUTO_INCREMENT x");
}
