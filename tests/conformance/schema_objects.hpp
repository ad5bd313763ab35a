// A database with every kind of object and every trap in its definitions that we know.
// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

#include "fixture.hpp"

namespace flytt::test {

/// 64 characters: quotes, backquotes, a semicolon, letters of three alphabets, a snowman.
inline const std::string kOddName = "select \"x\"; 'it`s' ☃éжΩ-$ xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";

inline std::vector<std::string> odd_tables(bool mariadb) {
  const std::string odd = family::quote_name(kOddName);
  std::vector<std::string> out{
      "CREATE TABLE " + odd + " (`a``b` INT UNSIGNED NOT NULL AUTO_INCREMENT, b BINARY(4) DEFAULT 0xfffe0041, c VARCHAR(40) DEFAULT 'a\\\\b''c\\n) ENGINE=x',"
      " d ENUM('a','b''x','c,)') COMMENT 'it''s; -- x ) `', e VARCHAR(20) CHARACTER SET latin1 DEFAULT 'ÿä', PRIMARY KEY (`a``b`), KEY `k)(` (c(3)),"
      " CONSTRAINT `ch``k` CHECK (c <> 'a\\\\b''c)')) COMMENT='x /* y */ ) \\\\ z' AUTO_INCREMENT=77",
      "CREATE TABLE parent (id INT NOT NULL, code CHAR(5) NOT NULL, PRIMARY KEY (id), UNIQUE KEY code (code, id)) ENGINE=InnoDB",
      "CREATE TABLE child (id BIGINT NOT NULL, p INT, pc CHAR(5), self BIGINT, PRIMARY KEY (id), KEY self_i (self), KEY pp (pc, p),"
      " CONSTRAINT fk_p FOREIGN KEY (p) REFERENCES parent (id) ON DELETE SET NULL ON UPDATE CASCADE,"
      " CONSTRAINT fk_two FOREIGN KEY (pc, p) REFERENCES parent (code, id), CONSTRAINT fk_self FOREIGN KEY (self) REFERENCES child (id))",
      "CREATE TABLE auto_key (a INT NOT NULL, n INT NOT NULL AUTO_INCREMENT, u INT NOT NULL, v INT, UNIQUE KEY v (v), UNIQUE KEY u (u), KEY a (a), KEY n (n), KEY z (v, a), PRIMARY KEY (a, n))",
      "CREATE TABLE no_primary (a INT, b INT NOT NULL, c INT NOT NULL, KEY a (a), UNIQUE KEY a_u (a), UNIQUE KEY b_u (b), UNIQUE KEY c_u (c))",
      "CREATE TABLE full_text (id INT PRIMARY KEY, a TEXT, b TEXT, FULLTEXT KEY fa (a), KEY ba (b(10)), FULLTEXT KEY fb (b), FULLTEXT KEY fab (a, b))",
      "CREATE TABLE places (id INT PRIMARY KEY, g GEOMETRY NOT NULL, p POINT NOT NULL, SPATIAL KEY g (g), KEY i (id))",
      "CREATE TABLE generated_ones (id INT PRIMARY KEY, a INT, v INT GENERATED ALWAYS AS (a + 1) VIRTUAL, s INT GENERATED ALWAYS AS (a * 2) STORED, KEY v (v), KEY s (s))",
      "CREATE TABLE parts (id INT NOT NULL, d DATE NOT NULL, x INT, PRIMARY KEY (id, d), KEY x (x)) PARTITION BY RANGE (YEAR(d))"
      " SUBPARTITION BY HASH (id) SUBPARTITIONS 2 (PARTITION `p 1ä` VALUES LESS THAN (2000), PARTITION p2 VALUES LESS THAN MAXVALUE)",
      "CREATE TABLE keyless (a INT, b TEXT)",
      "CREATE TABLE enum_key (e ENUM('z','a') NOT NULL, f FLOAT NOT NULL, t VARCHAR(20) NOT NULL, PRIMARY KEY (e, f), UNIQUE KEY t (t))",
  };
  if (mariadb) {
    out.push_back("CREATE TABLE hidden (id INT PRIMARY KEY, h INT INVISIBLE DEFAULT 3, k INT, KEY k (k) IGNORED)");
    out.push_back("CREATE TABLE long_unique (id INT PRIMARY KEY, a TEXT, b INT, KEY b (b), UNIQUE KEY a (a))");
  } else {
    out.push_back("CREATE TABLE hidden (id INT PRIMARY KEY, h INT DEFAULT 3 INVISIBLE, k INT, KEY k (k) INVISIBLE, KEY ex ((k + 1)), KEY de (k DESC))");
    out.push_back("CREATE TABLE keys_down (a INT NOT NULL, b INT NOT NULL, PRIMARY KEY (a DESC, b))");
  }
  return out;
}

inline std::vector<std::string> odd_objects(bool mariadb) {
  std::vector<std::string> out{
      "CREATE VIEW zz_first AS SELECT id FROM parent",
      "CREATE VIEW aa_second AS SELECT id + 1 AS `n\"ext` FROM zz_first",
      "SET SESSION sql_mode = 'ANSI_QUOTES,PIPES_AS_CONCAT', character_set_client = latin1, collation_connection = latin1_german1_ci",
      "CREATE VIEW latin AS SELECT '\xe4' || \"code\" AS c FROM \"parent\"",
      "CREATE PROCEDURE both_names() COMMENT 'x' SELECT '\xe4', \"id\" FROM parent",
      "CREATE FUNCTION both_names(a INT) RETURNS VARCHAR(20) CHARSET latin1 DETERMINISTIC RETURN '\xe4' || 'DEFINER=x'",
      "CREATE TRIGGER t1 BEFORE INSERT ON parent FOR EACH ROW SET @a = 'first'",
      "SET SESSION sql_mode = '', character_set_client = utf8mb4, collation_connection = utf8mb4_bin",
      "CREATE TRIGGER a0 BEFORE INSERT ON parent FOR EACH ROW FOLLOWS t1 SET @a = \"last ж\"",
      "CREATE TRIGGER z0 BEFORE INSERT ON parent FOR EACH ROW PRECEDES t1 BEGIN SET @a = 1; SET @b = 2; END",
      "SET SESSION time_zone = '+03:00'",
      "CREATE EVENT `ev;1` ON SCHEDULE EVERY 1 HOUR STARTS '2030-01-01 00:00:00' ON COMPLETION PRESERVE ENABLE COMMENT 'PRESERVE ENABLE DO' DO DELETE FROM keyless",
      "CREATE EVENT ev2 ON SCHEDULE AT '2031-05-05 10:00:00' DISABLE DO BEGIN SELECT 1; END",
      "SET SESSION time_zone = '+00:00', collation_connection = utf8mb4_general_ci",
  };
  if (mariadb) {
    out.push_back("CREATE SEQUENCE numbers START WITH 10 MINVALUE -5 INCREMENT BY 3 CACHE 20 CYCLE");
    out.push_back("SELECT NEXTVAL(numbers)");
    out.push_back("CREATE TABLE from_numbers (id BIGINT NOT NULL DEFAULT NEXTVAL(numbers) PRIMARY KEY)");
    out.push_back("SET SESSION sql_mode = 'ORACLE'");
    out.push_back("CREATE PACKAGE pkg AS FUNCTION f RETURN INT; END");
    out.push_back("CREATE PACKAGE BODY pkg AS FUNCTION f RETURN INT AS BEGIN RETURN 1; END; END");
    out.push_back("SET SESSION sql_mode = ''");
  }
  return out;
}

}  // namespace flytt::test
