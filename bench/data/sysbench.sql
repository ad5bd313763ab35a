-- The data set sysbench: four tables with the layout, the values and the k index of sysbench's oltp tests. @rows is for each of
-- them. Runs on MariaDB and MySQL.
-- SPDX-License-Identifier: MIT
CREATE TABLE sbtest1 (
  id INT NOT NULL AUTO_INCREMENT,
  k INT NOT NULL DEFAULT 0,
  c CHAR(120) NOT NULL DEFAULT '',
  pad CHAR(60) NOT NULL DEFAULT '',
  PRIMARY KEY (id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;
CREATE TABLE sbtest2 LIKE sbtest1;
CREATE TABLE sbtest3 LIKE sbtest1;
CREATE TABLE sbtest4 LIKE sbtest1;

DELIMITER ;;
CREATE PROCEDURE fill_sbtest(name VARCHAR(20), total BIGINT)
BEGIN
  -- Groups of eleven digits: ten for c, five for pad.
  DECLARE done BIGINT DEFAULT 0;
  SET @digits = 'LPAD(FLOOR(RAND() * 99999999999), 11, ''0'')';
  SET @c = CONCAT('CONCAT_WS(''-'',', @digits, REPEAT(CONCAT(',', @digits), 9), ')');
  SET @pad = CONCAT('CONCAT_WS(''-'',', @digits, REPEAT(CONCAT(',', @digits), 4), ')');
  SET @statement = CONCAT('INSERT INTO ', name, ' SELECT ? + n + 1, 1 + FLOOR(RAND() * ', total, '), ', @c, ', ', @pad,
    ' FROM numbers WHERE ? + n < ', total);
  PREPARE fill FROM @statement;
  WHILE done < total DO
    SET @done = done;
    EXECUTE fill USING @done, @done;
    SET done = done + 10000;
  END WHILE;
  DEALLOCATE PREPARE fill;
END;;
DELIMITER ;
CALL fill_sbtest('sbtest1', @rows);
CALL fill_sbtest('sbtest2', @rows);
CALL fill_sbtest('sbtest3', @rows);
CALL fill_sbtest('sbtest4', @rows);
ALTER TABLE sbtest1 ADD KEY k_1 (k);
ALTER TABLE sbtest2 ADD KEY k_2 (k);
ALTER TABLE sbtest3 ADD KEY k_3 (k);
ALTER TABLE sbtest4 ADD KEY k_4 (k);
DROP PROCEDURE fill_sbtest;
