# --no-code, and --list --statements, on a server of the MySQL family. Arguments: the product as servers.sh names it.
# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# shellcheck source=tests/support/servers.sh
. "$FLYTT_SRC/tests/support/servers.sh"
# shellcheck source=tests/support/assert.sh
. "$FLYTT_SRC/tests/support/assert.sh"
product=$1

server_start "$product" old
server_start "$product" new
sql old "CREATE USER app@'%' IDENTIFIED BY 'a secret'; GRANT SELECT ON *.* TO app@'%'; CREATE USER owner@localhost; GRANT ALL ON *.* TO owner@localhost"
sql_file old <<'SQL'
CREATE DATABASE shop; USE shop;
CREATE TABLE parent (id INT PRIMARY KEY, note VARCHAR(200), KEY by_note (note), FULLTEXT KEY words (note)) DEFAULT CHARSET utf8mb4;
CREATE TABLE child (id INT AUTO_INCREMENT PRIMARY KEY, p INT, twice INT AS (p * 2) STORED, KEY q (p, id), CHECK (p > 0), CONSTRAINT belongs FOREIGN KEY (p) REFERENCES parent (id));
CREATE TABLE parts (id INT PRIMARY KEY, v VARCHAR(20) DEFAULT 'it''s; here') COMMENT 'a ; comment' PARTITION BY RANGE (id) (PARTITION a VALUES LESS THAN (100), PARTITION b VALUES LESS THAN MAXVALUE);
INSERT INTO parent VALUES (1, 'one'), (2, 'two');
INSERT INTO child (p) VALUES (1), (2);
INSERT INTO parts VALUES (1, 'x'), (500, 'y');
DELIMITER ;;
CREATE DEFINER = owner@localhost VIEW seen AS SELECT note FROM parent WHERE note <> 'a;b' ;;
CREATE DEFINER = owner@localhost FUNCTION one(a INT) RETURNS INT DETERMINISTIC RETURN 1 ;;
SET sql_mode = 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES' ;;
CREATE DEFINER = owner@localhost PROCEDURE "two words"(IN a INT) BEGIN SELECT 'a\'; SELECT "id" FROM "parent"; END ;;
SET sql_mode = DEFAULT ;;
CREATE DEFINER = owner@localhost TRIGGER on_child /* ( */ BEFORE INSERT ON shop . child FOR EACH ROW SET NEW.p = ABS(NEW.p) ;;
CREATE DEFINER = owner@localhost EVENT nightly ON SCHEDULE EVERY 1 DAY STARTS '2030-01-01 00:00:00' COMMENT 'clears; DO it' DO DELETE FROM child WHERE p IS NULL ;;
DELIMITER ;
SQL
run_expect 0 dump-stream --users -o "$T/stream" "$S_OLD_URL" -d shop
objects() { # what is there beside tables
    sql new "SELECT (SELECT COUNT(*) FROM information_schema.VIEWS WHERE TABLE_SCHEMA = 'shop') + (SELECT COUNT(*) FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = 'shop')
        + (SELECT COUNT(*) FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = 'shop') + (SELECT COUNT(*) FROM information_schema.EVENTS WHERE EVENT_SCHEMA = 'shop')"
}

step "all statements can be read before they run, without what stands for a password"
run_expect 0 load-stream --list --statements -i "$T/stream"
for line in '-- view shop.seen' '-- routine shop.two words (sql_mode ' '-- account app@%' '    CREATE DATABASE IF NOT EXISTS' 'KEY `by_note`' 'ADD CONSTRAINT `belongs`' '-- trigger shop.on_child' 'COMMENT '\''clears; DO it'\'; do
    assert_contains "$OUT" "$line" "statements"
done
assert_not_contains "$OUT" "IDENTIFIED BY PASSWORD '*" "statements"
assert_not_contains "$OUT" "AS 0x" "statements"
order=$(grep -oE '^-- (account|database|table|foreign key|routine|view|trigger|event|grant)' "$T/out" | uniq | tr -d '\n')
assert_eq "$order" "-- account-- database-- table-- routine-- view-- foreign key-- trigger-- event-- grant" "order"
run_expect 0 load-stream --list --statements --no-code -i "$T/stream"
assert_contains "$OUT" "-- table shop.parent"
assert_not_contains "$OUT" "-- view"
assert_not_contains "$OUT" "-- account"
run_expect 0 load-stream --json --list --statements -i "$T/stream"
assert_contains "$OUT" '"event":"statement"'
run_expect 64 load-stream --statements --check -i "$T/stream"
run_expect 64 load-stream --no-code --check -i "$T/stream"

step "a genuine stream is good, and with --no-code its tables come with all that is theirs"
run_expect 0 load-stream --check -i "$T/stream"
run_expect 0 load-stream --dry-run --no-code -i "$T/stream" "$S_NEW_URL"
assert_contains "$OUT" "would leave out: "
run_expect 10 load-stream --no-code -i "$T/stream" "$S_NEW_URL"
assert_matches "$OUT" 'left out, as --no-code says: [0-9]+ accounts?, 1 event, [0-9]+ grants?, 2 routines, 1 trigger, 1 view'
assert_eq "$(objects)" 0 "objects that are code"
assert_sql new "SELECT COUNT(*) FROM mysql.user WHERE User IN ('app', 'owner')" 0
assert_sql new "SELECT GROUP_CONCAT(twice ORDER BY id) FROM shop.child" "2,4"
for table in parent child parts; do
    assert_eq "$(sql new "SHOW CREATE TABLE shop.$table")" "$(sql old "SHOW CREATE TABLE shop.$table")" "table $table"
done

step "the same stream again does not say that all of it is in"
run_expect 10 load-stream -i "$T/stream" "$S_NEW_URL"
assert_contains "$OUT" "is in already, without its code: it was loaded with --no-code"

step "and with its code it is whole"
sql new "DROP DATABASE shop; DROP DATABASE flytt"
run_expect 0 load-stream -i "$T/stream" "$S_NEW_URL"
assert_eq "$(objects)" 5 "objects that are code"
sql new "DROP DATABASE shop; DROP DATABASE flytt"
run_expect 0 load-stream --definer root@localhost -i "$T/stream" "$S_NEW_URL"
assert_sql new "SELECT COUNT(DISTINCT DEFINER), MIN(DEFINER) FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = 'shop'" $'1\troot@localhost'
