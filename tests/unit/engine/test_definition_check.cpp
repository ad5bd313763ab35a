// Statements of a stream against what their objects claim: what servers print passes, whatever quotes it has; all else is refused.
// SPDX-License-Identifier: MIT
#include <flytt/engine/mysql_family/definition_check.hpp>

#include <flytt/engine/mysql_family/definition_tokens.hpp>
#include <flytt/engine/postgres/definition_script.hpp>

#include "support/catch.hpp"

using namespace flytt;
using base::Exit;
using engine::mysql_family::check_definition;
using engine::mysql_family::Names;
using value::ObjectKind;

namespace {

value::SchemaObject object(ObjectKind kind, std::string name, std::string statement) {
  value::SchemaObject o;
  o.kind = kind;
  o.schema = "shop";
  o.name = std::move(name);
  o.statement = std::move(statement);
  if (kind == ObjectKind::trigger) o.parent = "orders";
  if (kind == ObjectKind::routine) o.attributes = R"({"type":"PROCEDURE","name":")" + o.name + "\"}";
  return o;
}

void passes(const value::SchemaObject& o, Names names = Names::exact) {
  CAPTURE(o.statement);
  CHECK_NOTHROW(check_definition(o, names));
}

void is_refused(const value::SchemaObject& o, Names names = Names::exact) {
  CAPTURE(o.statement);
  CHECK(test::error_of([&] { check_definition(o, names); }).code() == Exit::data);
}

}  // namespace

TEST_CASE("definitions as servers print them pass") {
  passes(object(ObjectKind::view, "v", "CREATE ALGORITHM=UNDEFINED DEFINER=`a``b`@`%` SQL SECURITY DEFINER VIEW `shop`.`v` AS select 'x;y' AS `;`"));
  passes(object(ObjectKind::trigger, "t", "CREATE DEFINER=`a`@`h` trigger /* ( */ shop . t before insert on orders for each row begin select '; end"));
  passes(object(ObjectKind::trigger, "t", "CREATE TRIGGER `T` AFTER UPDATE ON `Orders` FOR EACH ROW SET @a = 1"), Names::folded);
  passes(object(ObjectKind::event, "e", "CREATE DEFINER=`a`@`h` EVENT `e` ON SCHEDULE AT '2030-01-01' ON COMPLETION NOT PRESERVE DISABLE COMMENT 'a; DO' DO DROP TABLE x"));
  passes(object(ObjectKind::table, "orders", "CREATE TABLE `shop`.`orders` (\n `id` int DEFAULT ';' /*!80023 INVISIBLE */,\n KEY `k` (`id`) COMMENT 'SELECT'\n) ENGINE=InnoDB WITH SYSTEM VERSIONING"
                                             " /*!50100 PARTITION BY RANGE (`id`) (PARTITION p VALUES LESS THAN MAXVALUE) */"));
  passes(object(ObjectKind::sequence_value, "s", "SELECT SETVAL(`shop`.`s`, -5, 0, 1)"));
  auto ansi = object(ObjectKind::routine, "p", R"(CREATE DEFINER="a"@"%" PROCEDURE "p"(a int) SELECT "\")");
  ansi.sql_mode = "PIPES_AS_CONCAT,ANSI_QUOTES";
  passes(ansi);
  auto sjis = object(ObjectKind::routine, "\x95\x5c", "CREATE DEFINER=`a`@`h` PROCEDURE `\x95\x5c`() SELECT 1");
  sjis.charset = "sjis";
  sjis.attributes = "{\"type\":\"PROCEDURE\",\"name\":\"\x95\x5c\"}";
  is_refused(sjis);  // JSON that is no UTF-8; the name itself can be read
  sjis.name = "p", sjis.attributes = R"({"type":"PROCEDURE","name":"p"})", sjis.statement = "CREATE DEFINER=`\x95\x60`@`h` PROCEDURE `p`() SELECT 1";
  passes(sjis);
  auto latin = object(ObjectKind::view, "gr\xc3\xbc\xc3\x9f", "CREATE VIEW `shop`.`gr\xfc\xdf` AS select 1 AS `x`");
  latin.charset = "latin1";
  passes(latin);
  latin.charset = "cp1251";  // the same bytes are other letters there
  is_refused(latin);
  latin.charset = "swe7";
  is_refused(latin);
}

TEST_CASE("definitions that do something else are refused") {
  for (const char* statement : {"", "CREATE", "create user x", "CREATE VIEW `w` AS select 1", "CREATE VIEW mysql.v AS select 1", "CREATE OR REPLACE VIEW v AS select 1",
                                "CREATE VIEW v AS select 1; select 2", "CREATE /*! USER x */ VIEW v AS select 1", "CREATE VIEW v AS select 'no end", "CREATE VIEW v AS select (1"})
    is_refused(object(ObjectKind::view, "v", statement));
  for (const char* statement : {"CREATE TABLE `shop`.`orders` (id int) SELECT 1", "CREATE TABLE `shop`.`orders` (id int) (SELECT 1)", "CREATE TABLE `shop`.`orders` (id int) TABLE mysql.user",
                                "CREATE TABLE `shop`.`orders` (id int) VALUES ROW(1)", "CREATE TABLE `shop`.`orders` (SELECT 1)", "CREATE TABLE `shop`.`orders` (id int) /*!99999 ' */ SELECT 1 /*!99999 ' */",
                                "CREATE TABLE `shop`.`orders` (id int /*!99999 ) */ ) ENGINE=x", "CREATE TABLE `shop`.`orders` (id int) INDEX DIRECTORY = '/x'", "CREATE TABLE `orders2` (id int)"})
    is_refused(object(ObjectKind::table, "orders", statement));
  is_refused(object(ObjectKind::routine, "p", "CREATE FUNCTION p RETURNS INTEGER SONAME 'x.so'"));
  is_refused(object(ObjectKind::event, "e", "CREATE EVENT `e` ON SCHEDULE EVERY 1 DAY ON COMPLETION NOT PRESERVE ENABLE DO SELECT 1"));
  is_refused(object(ObjectKind::event, "e", "CREATE EVENT `e` ON SCHEDULE EVERY f() DAY ON COMPLETION NOT PRESERVE DISABLE DO SELECT 1"));
  is_refused(object(ObjectKind::sequence_value, "s", "SELECT SETVAL(`shop`.`s`, 1, 0, SLEEP(9))"));
  // Where the server sees the quote end and a reader of another mode or character set does not.
  auto quoted = object(ObjectKind::routine, "p", R"(CREATE DEFINER='a\' EVENT x'@'h' PROCEDURE p() SELECT 1)");
  quoted.sql_mode = "NO_BACKSLASH_ESCAPES";
  is_refused(quoted);
  auto wide = object(ObjectKind::routine, "p", "CREATE DEFINER='\xbf\x27 EVENT x'@'h' PROCEDURE p() SELECT 1");
  wide.charset = "gbk";
  is_refused(wide);
}

TEST_CASE("a script of pg_restore is taken apart as the server takes it apart") {
  using namespace engine::postgres;
  const auto heads = [](std::string_view script) {
    std::string out;
    for (const auto& s : statements_of(script)) out += s.tokens.front().text + "/";
    return out;
  };
  CHECK(heads("\\restrict abc\n-- a; b\nSET x = 'a;b'; CREATE TABLE \"a;\"\"b\" (c text DEFAULT E'\\';'); /* ; /* ; */ ; */ COMMENT ON x IS $q$;$$;$q$;\n\\unrestrict abc\n") ==
        "SET/CREATE/COMMENT/");
  CHECK(heads("CREATE FUNCTION f() BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT begin FROM x; END; GRANT a") == "CREATE/GRANT/");
  CHECK(heads("SELECT 'a\\'; CREATE ROLE x; --'") == "SELECT/CREATE/");
  for (const char* bad : {"SELECT 'a", "SELECT \"a", "SELECT $x$ a", "SELECT (1", "SELECT 1)", "/* /* */", "SELECT 1 \\gexec", "\\! id"})
    CHECK(test::error_of([&] { statements_of(bad); }).code() == Exit::data);
  CHECK(test::error_of([&] { statements_of("CREATE FUNCTION f() BEGIN ATOMIC SELECT 1 case; END; CREATE ROLE x; SELECT 1 end;"); }).code() == Exit::data);
  const auto good = [](std::string_view script, engine::Code code = engine::Code::loaded, Drops drops = Drops::refused) {
    for (const auto& s : statements_of(script))
      try {
        check_statement(s, code, drops);
      } catch (const base::Error&) {
        return false;
      }
    return true;
  };
  CHECK(good("CREATE TABLE a.b (drop int); ALTER TABLE ONLY a.b ALTER COLUMN drop SET DEFAULT 1; GRANT SELECT ON TABLE a.b TO c; CREATE TRUSTED PROCEDURAL LANGUAGE x;"));
  CHECK(good("DROP TABLE IF EXISTS a.b;", engine::Code::loaded, Drops::allowed));
  CHECK_FALSE(good("DROP TABLE IF EXISTS a.b;"));
  CHECK_FALSE(good("DROP ROLE a;", engine::Code::loaded, Drops::allowed));
  CHECK(good("CREATE VIEW a.b AS SELECT 1;"));
  CHECK_FALSE(good("CREATE VIEW a.b AS SELECT 1;", engine::Code::left_out));
  CHECK_FALSE(good("GRANT pg_monitor TO a;"));
  CHECK_FALSE(good("CREATE TABLE a.b AS SELECT 1;"));
  CHECK_FALSE(good("SET client_encoding = 'SJIS';"));
  CHECK_FALSE(good("SELECT pg_catalog.set_config('search_path', 'x', false);"));
}
