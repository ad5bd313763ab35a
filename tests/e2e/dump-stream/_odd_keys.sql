-- Tables that are hard to cut into chunks or to carry exactly. Every table has many rows, so that its key is walked and cut in
-- many places. Lines that begin with "-- mariadb: " or "-- mysql: " are for that product only. Used by odd-keys.sh.
CREATE DATABASE odd CHARACTER SET utf8mb4;
USE odd;
SET NAMES utf8mb4;
SET time_zone = '+00:00', sql_mode = 'ALLOW_INVALID_DATES,NO_AUTO_VALUE_ON_ZERO';
-- mysql: SET SESSION cte_max_recursion_depth = 100000;
CREATE TABLE numbers (n INT PRIMARY KEY, f CHAR(192) CHARACTER SET latin1);
INSERT INTO numbers WITH RECURSIVE s(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM s WHERE n < 2500) SELECT n, REPEAT(LEFT(SHA2(n, 256), 32), 6) FROM s;

-- Every byte of a single-byte character set, in text, ENUM and SET.
CREATE TABLE bytes (id INT PRIMARY KEY, c CHAR(1) CHARACTER SET latin1, v VARCHAR(10) CHARACTER SET latin1, t TEXT CHARACTER SET latin1,
  e ENUM('€','ž','plain') CHARACTER SET latin1, s SET('€','Ÿ') CHARACTER SET latin1);
INSERT INTO bytes SELECT n, CONVERT(UNHEX(LPAD(HEX(n), 2, '0')) USING latin1), CONVERT(UNHEX(REPEAT(LPAD(HEX(n), 2, '0'), 2)) USING latin1),
  CONVERT(UNHEX(LPAD(HEX(n), 2, '0')) USING latin1), 1 + n % 3, n % 4 FROM numbers WHERE n < 256;
CREATE TABLE reals (id INT PRIMARY KEY, f FLOAT, d DOUBLE, u FLOAT UNSIGNED);
INSERT INTO reals SELECT n, (RAND(n) - 0.5) * POW(10, CAST(n % 76 AS SIGNED) - 38), (RAND(n) - 0.5) * POW(10, CAST(n % 600 AS SIGNED) - 300), RAND(n) FROM numbers;
INSERT INTO reals VALUES (-1, -0e0, -0e0, 0), (-2, 1.4e-45, 4.9e-324, 3.40282e38), (-3, 1.17549421e-38, 2.2250738585072009e-308, 1), (-4, 16777215, 9007199254740993, 1);

-- Keys whose collations fold, expand, contract and pad: many rows are equal in the first column.
CREATE TABLE german (k VARCHAR(30) CHARACTER SET latin1 COLLATE latin1_german2_ci, n INT, f CHAR(192), PRIMARY KEY (k, n));
INSERT INTO german SELECT CONCAT(ELT(1 + n % 9, 'ß', 'ss', 'SS', 'ä', 'ae', 'AE', 'a', 's', ' '), n % 17, IF(n % 3 = 0, '  ', ''), IF(n % 5 = 0, CHAR(9), '')), n, f FROM numbers;
CREATE TABLE unicode (k VARCHAR(30) COLLATE utf8mb4_unicode_520_ci, n INT, f CHAR(192), PRIMARY KEY (k, n));
-- mariadb: ALTER TABLE unicode MODIFY k VARCHAR(30) COLLATE utf8mb4_uca1400_ai_ci NOT NULL;
-- mysql: ALTER TABLE unicode MODIFY k VARCHAR(30) COLLATE utf8mb4_0900_ai_ci NOT NULL;
INSERT INTO unicode SELECT CONCAT(ELT(1 + n % 11, 'é', 'e', 'E', 'ß', 'ss', '😀', '', 'ﬁ', 'fi', 'ٱ', CHAR(1 USING utf8mb4)), n % 13, IF(n % 3 = 0, '   ', '')), n, f FROM numbers;
CREATE TABLE cased (k VARCHAR(20) COLLATE utf8mb4_general_ci, l VARCHAR(20) COLLATE utf8mb4_bin, f CHAR(192), PRIMARY KEY (k, l));
INSERT INTO cased SELECT ELT(1 + n % 4, 'abc', 'ABC', 'Abc ', 'aBc'), CONCAT(ELT(1 + n % 2, 'x', 'X'), n), f FROM numbers;
CREATE TABLE czech (k VARCHAR(30) CHARACTER SET latin2 COLLATE latin2_czech_cs, n INT, f CHAR(192), PRIMARY KEY (k, n));
INSERT INTO czech SELECT CONCAT(ELT(1 + n % 6, 'ch', 'h', 'c', 'č', 'ř', 'i'), n % 19), n, f FROM numbers;
CREATE TABLE chinese (k VARCHAR(30) CHARACTER SET gbk, n INT, f CHAR(192), PRIMARY KEY (k, n));
INSERT INTO chinese SELECT CONVERT(CONCAT(UNHEX('815C'), n % 10, UNHEX('BFA1')) USING gbk), n, f FROM numbers;
CREATE TABLE japanese (k VARCHAR(30) CHARACTER SET cp932, n INT, f CHAR(192), PRIMARY KEY (k, n));
INSERT INTO japanese SELECT CONVERT(CONCAT(UNHEX('835C'), n % 10) USING cp932), n, f FROM numbers;
CREATE TABLE wide_letters (k VARCHAR(30) CHARACTER SET ucs2, n INT, f CHAR(192), PRIMARY KEY (k, n));
INSERT INTO wide_letters SELECT CONCAT(ELT(1 + n % 3, 'Ω', 'a', 'ж'), n % 10), n, f FROM numbers;
-- mariadb: CREATE TABLE unpadded (k VARCHAR(30) COLLATE utf8mb4_nopad_bin PRIMARY KEY, f CHAR(192));
-- mariadb: INSERT IGNORE INTO unpadded SELECT CONCAT(n % 1000, REPEAT(' ', n % 5), IF(n % 7 = 0, CHAR(9), '')), f FROM numbers;

-- Keys of every other type.
CREATE TABLE decimals (k DECIMAL(65,30) PRIMARY KEY, f CHAR(192));
INSERT INTO decimals SELECT (CAST(n AS SIGNED) - 1250) * 1.000000000000000000000000000001, f FROM numbers;
CREATE TABLE unsigned_ones (k BIGINT UNSIGNED PRIMARY KEY, f CHAR(192));
INSERT INTO unsigned_ones SELECT CAST(9223372036854773807 AS UNSIGNED) + n, f FROM numbers;
CREATE TABLE signed_ones (k BIGINT PRIMARY KEY, f CHAR(192));
INSERT INTO signed_ones SELECT (CAST(n AS SIGNED) - 1250) * 4611686018427387, f FROM numbers;
CREATE TABLE bits (k BIT(64) PRIMARY KEY, f CHAR(192));
INSERT INTO bits SELECT 18446744073709551615 - CAST(n AS UNSIGNED) * 4500000000000000, f FROM numbers;
CREATE TABLE times (k TIME(6) PRIMARY KEY, f CHAR(192));
INSERT INTO times SELECT SEC_TO_TIME((CAST(n AS SIGNED) - 1250) * 1400.000001), f FROM numbers;
CREATE TABLE dates (k DATE, n SMALLINT, f CHAR(192), PRIMARY KEY (k, n));
INSERT INTO dates SELECT ELT(1 + n % 4, '0000-00-00', '2024-00-00', '2023-02-31', '9999-12-31'), n, f FROM numbers;
CREATE TABLE years (k YEAR, n INT, f CHAR(192), PRIMARY KEY (k, n));
INSERT INTO years SELECT IF(n % 3 = 0, 0, 1901 + n % 250), n, f FROM numbers;
CREATE TABLE stamps (k TIMESTAMP(6) NOT NULL, n INT, f CHAR(192), PRIMARY KEY (k, n));
INSERT INTO stamps SELECT IF(n % 3 = 0, '0000-00-00 00:00:00', FROM_UNIXTIME(1 + n * 500000.000001)), n, f FROM numbers;
CREATE TABLE binaries (k VARBINARY(20) PRIMARY KEY, f CHAR(192));
INSERT IGNORE INTO binaries SELECT CONCAT(UNHEX(LPAD(HEX(n % 256), 2, '0')), REPEAT(UNHEX('00'), n % 5), IF(n % 2 = 0, LEFT(UNHEX(SHA2(n, 256)), 15), '')), f FROM numbers;
INSERT INTO binaries VALUES ('', 'empty');
CREATE TABLE short_binaries (k BINARY(3) PRIMARY KEY, f CHAR(192));
INSERT INTO short_binaries SELECT UNHEX(LPAD(HEX(n * 256), 6, '0')), f FROM numbers;
CREATE TABLE floats (k FLOAT, n INT, f CHAR(192), PRIMARY KEY (k, n));
INSERT INTO floats SELECT n / 7, n, f FROM numbers;
CREATE TABLE enums (k ENUM('z','a','m','b') NOT NULL, n INT, f CHAR(192), PRIMARY KEY (k, n));
INSERT INTO enums SELECT 1 + n % 4, n, f FROM numbers;
CREATE TABLE sets (k SET('z','a','m','b') NOT NULL, n INT, f CHAR(192), PRIMARY KEY (k, n));
INSERT INTO sets SELECT n % 16, n, f FROM numbers;
-- mariadb: CREATE TABLE addresses (k INET6 PRIMARY KEY, f CHAR(192));
-- mariadb: INSERT INTO addresses SELECT CONCAT('2001:db8::', HEX(n % 1000), ':', HEX(n)), f FROM numbers;
-- mariadb: CREATE TABLE uuids (k UUID PRIMARY KEY, f CHAR(192));
-- mariadb: INSERT INTO uuids SELECT UUID(), f FROM numbers;

-- Keys that look usable and are not, or only in part.
CREATE TABLE falling (a INT, b INT, f CHAR(192), PRIMARY KEY (a DESC, b DESC));
INSERT INTO falling SELECT n % 9, n, f FROM numbers;
CREATE TABLE both_ways (a INT, b INT, f CHAR(192), PRIMARY KEY (a DESC, b));
INSERT INTO both_ways SELECT n % 9, n, f FROM numbers;
CREATE TABLE prefixes (k VARCHAR(100) NOT NULL, f CHAR(192), UNIQUE KEY (k(4)));
INSERT IGNORE INTO prefixes SELECT SHA2(n, 256), f FROM numbers;
CREATE TABLE nulls (a INT, b INT, f CHAR(192), UNIQUE KEY (a, b));
INSERT INTO nulls SELECT IF(n % 2, NULL, n), n % 50, f FROM numbers;
CREATE TABLE computed (a INT NOT NULL, g INT AS (a * 2) STORED, f CHAR(192), PRIMARY KEY (a), UNIQUE KEY (g));
INSERT INTO computed (a, f) SELECT n, f FROM numbers;
CREATE TABLE unseen (id INT AUTO_INCREMENT INVISIBLE PRIMARY KEY, f CHAR(192));
INSERT INTO unseen (f) SELECT f FROM numbers;
CREATE TABLE hashed (id INT PRIMARY KEY, f CHAR(192)) PARTITION BY KEY (id) PARTITIONS 5;
INSERT INTO hashed SELECT n, f FROM numbers;
CREATE TABLE halves (id INT, d DATE NOT NULL, PRIMARY KEY (id, d)) PARTITION BY RANGE (TO_DAYS(d)) SUBPARTITION BY HASH (id) SUBPARTITIONS 2
  (PARTITION a VALUES LESS THAN (738000), PARTITION b VALUES LESS THAN MAXVALUE);
INSERT INTO halves SELECT n, '2020-01-01' + INTERVAL n DAY FROM numbers;

-- Other things that a copy may lose.
CREATE TABLE long_ones (id INT PRIMARY KEY, v VARCHAR(2000), t TEXT, l LONGTEXT, j JSON);
INSERT INTO long_ones SELECT n, REPEAT('ä', n * 7 % 1000), REPEAT('c', n * 200), REPEAT('😀', n * 50), JSON_OBJECT('k', n) FROM numbers WHERE n < 300;
CREATE TABLE one_column (only_one VARCHAR(5));
INSERT INTO one_column VALUES (''), (NULL), ('\\N'), ('a'), ('\n'), ('\\');
CREATE TABLE zeros (id INT AUTO_INCREMENT PRIMARY KEY, s VARCHAR(10) NOT NULL DEFAULT '');
INSERT INTO zeros (id) VALUES (0), (-5), (7);
CREATE TABLE defaults (id INT PRIMARY KEY, a DATETIME DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP, b VARCHAR(50) DEFAULT (CONCAT('a', 'b')),
  c INT DEFAULT NULL, d TIMESTAMP NOT NULL DEFAULT '0000-00-00 00:00:00');
INSERT INTO defaults (id) VALUES (1), (2);
CREATE TABLE squeezed (id INT PRIMARY KEY, t TEXT) ROW_FORMAT=COMPRESSED KEY_BLOCK_SIZE=8;
INSERT INTO squeezed SELECT n, REPEAT('x', n) FROM numbers WHERE n < 500;
-- mariadb: CREATE TABLE packed (id INT PRIMARY KEY, t TEXT COMPRESSED, b BLOB COMPRESSED, v VARCHAR(200) COMPRESSED);
-- mariadb: INSERT INTO packed SELECT n, REPEAT('x', n), REPEAT(CHAR(0), n), REPEAT('y', 100) FROM numbers WHERE n < 500;
-- mariadb: CREATE TABLE ignored (id INT PRIMARY KEY, a INT, KEY a (a) IGNORED);
-- mariadb: INSERT INTO ignored VALUES (1, 1);
-- mariadb: CREATE TABLE periods (id INT, s DATE, e DATE, PERIOD FOR p (s, e), UNIQUE (id, p WITHOUT OVERLAPS));
-- mariadb: INSERT INTO periods VALUES (1, '2020-01-01', '2020-02-01'), (1, '2020-02-01', '2020-03-01');
-- mariadb: CREATE TABLE long_unique (id INT PRIMARY KEY, t TEXT, UNIQUE KEY (t));
-- mariadb: INSERT INTO long_unique VALUES (1, 'a'), (2, 'b'), (3, NULL), (4, NULL);
-- mysql: CREATE TABLE functional (id INT NOT NULL, v VARCHAR(20), UNIQUE KEY (id), UNIQUE KEY ((UPPER(v))), KEY ((id + 1)));
-- mysql: INSERT INTO functional SELECT n, CONCAT('v', n) FROM numbers;
-- mysql: CREATE TABLE jsons (id INT PRIMARY KEY, j JSON, KEY many ((CAST(j->'$.a' AS UNSIGNED ARRAY))));
-- mysql: INSERT INTO jsons SELECT n, JSON_OBJECT('a', JSON_ARRAY(n, n + 1), 'd', n / 7e0, 's', CONCAT('\\', n, '"')) FROM numbers;
-- mysql: INSERT INTO jsons VALUES (-1, '1.0'), (-2, '-0.0'), (-3, '1e300'), (-4, 'null'), (-5, '18446744073709551615'), (-6, '"\\ud83d\\ude00"'), (-7, NULL);
