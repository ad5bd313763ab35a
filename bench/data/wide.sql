-- The data set wide: one table of 19 columns of mixed types and 4 secondary indexes. @rows says how many rows. Runs on MariaDB
-- and MySQL; the same rows each time. FLOAT values have few digits, so that tools which write them as text copy them too.
-- SPDX-License-Identifier: MIT
CREATE TABLE wide (
  id BIGINT NOT NULL AUTO_INCREMENT,
  a_int INT NOT NULL,
  a_varchar VARCHAR(60) NOT NULL,
  a_enum ENUM('new','paid','packed','sent','returned') NOT NULL,
  a_decimal DECIMAL(14,4) NOT NULL,
  a_double DOUBLE NOT NULL,
  a_float FLOAT NULL,
  a_smallint SMALLINT NOT NULL,
  a_text TEXT NOT NULL,
  a_json JSON NULL,
  a_binary BINARY(16) NOT NULL,
  a_varbinary VARBINARY(40) NULL,
  a_datetime DATETIME(6) NOT NULL,
  a_timestamp TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
  a_date DATE NULL,
  a_time TIME(3) NOT NULL,
  a_tinyint TINYINT NOT NULL,
  a_set SET('a','b','c','d','e','f') NOT NULL,
  a_bit BIT(10) NOT NULL,
  PRIMARY KEY (id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;

DELIMITER ;;
CREATE PROCEDURE fill_wide(total BIGINT)
BEGIN
  DECLARE done BIGINT DEFAULT 0;
  WHILE done < total DO
    INSERT INTO wide
      SELECT i, i * 7919 MOD 2000000011 - 1000000000, CONCAT('customer ', SUBSTRING(h, 1, 8), ' of ', i MOD 5000), 1 + i MOD 5,
        (i * 104729 MOD 9000000019) / 10000, EXP(-(i MOD 7001) / 977) * 1e6, IF(i MOD 11 = 0, NULL, (i MOD 4096) / 8),
        i MOD 64000 - 32000, CONCAT('Delivered to ', SUBSTRING(h, 9, 24), '; ', REPEAT(SUBSTRING(h, 20, 9), 1 + i MOD 5), ' æøå €'),
        IF(i MOD 13 = 0, NULL, JSON_OBJECT('at', i MOD 97, 'ok', i MOD 2 = 0, 'by', SUBSTRING(h, 3, 12))), UNHEX(SUBSTRING(h, 1, 32)),
        IF(i MOD 7 = 0, NULL, UNHEX(SUBSTRING(h, 1, 2 * (8 + i MOD 24)))),
        '2021-01-01' + INTERVAL i * 59 SECOND + INTERVAL i MOD 1000000 MICROSECOND, '2022-06-01' + INTERVAL i * 31 SECOND,
        IF(i MOD 17 = 0, NULL, '1970-01-01' + INTERVAL i MOD 20000 DAY), SEC_TO_TIME((i * 77773 MOD 86400000) / 1000),
        i MOD 250 - 125, i MOD 64, i * 37 MOD 1024
      FROM (SELECT CAST(done + n + 1 AS SIGNED) AS i, SHA2(done + n, 256) AS h FROM numbers WHERE done + n < total) AS source;
    SET done = done + 10000;
  END WHILE;
END;;
DELIMITER ;
CALL fill_wide(@rows);
ALTER TABLE wide ADD KEY by_int (a_int), ADD KEY by_varchar (a_varchar), ADD KEY by_datetime (a_datetime),
  ADD KEY by_enum (a_enum, a_decimal, a_smallint);
DROP PROCEDURE fill_wide;
