# What stands around the rows, on a server of the MySQL family: it arrives as it was, is named, or is refused before the first row.
# Each step is a copy that once ended with 0, or after all rows. Arguments: the product as servers.sh names it.
# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# shellcheck source=tests/support/servers.sh
. "$FLYTT_SRC/tests/support/servers.sh"
# shellcheck source=tests/support/assert.sh
. "$FLYTT_SRC/tests/support/assert.sh"
product=$1
of_mariadb() { [[ $product == mariadb* ]]; }

server_start "$product" old
server_start "$product" new

# fresh DATABASE...: nothing of it, and no copy's ledger, is on the new server.
fresh() {
    local database
    for database; do sql new "DROP DATABASE IF EXISTS \`$database\`"; done
    sql new "DROP DATABASE IF EXISTS flytt"
}

# routines DATABASE SERVER: what it has of them and of events, one line.
code() { sql "$2" "SELECT GROUP_CONCAT(n ORDER BY n) FROM (SELECT CONCAT(LOWER(ROUTINE_TYPE), ' ', ROUTINE_NAME) AS n FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = '$1' UNION ALL SELECT CONCAT('event ', EVENT_NAME) FROM information_schema.EVENTS WHERE EVENT_SCHEMA = '$1') AS t"; }

sql_file old <<'SQL'
CREATE DATABASE shop; USE shop;
CREATE TABLE orders (id INT PRIMARY KEY, q INT, note VARCHAR(20), KEY by_note (note));
CREATE TABLE cache_a (id INT PRIMARY KEY, o INT);
INSERT INTO orders VALUES (1, 1, 'a'), (2, 2, 'b');
INSERT INTO cache_a VALUES (1, 1);
DELIMITER ;;
CREATE FUNCTION twice(a INT) RETURNS INT DETERMINISTIC RETURN thrice(a) - a ;;
CREATE FUNCTION thrice(a INT) RETURNS INT DETERMINISTIC BEGIN CALL logged; RETURN a * 3; END ;;
CREATE PROCEDURE logged() SET @seen = 1 ;;
CREATE PROCEDURE lonely() SELECT 1 ;;
CREATE FUNCTION lonely() RETURNS INT DETERMINISTIC RETURN 1 ;;
CREATE TRIGGER on_order BEFORE UPDATE ON orders FOR EACH ROW SET NEW.q = twice(NEW.q) ;;
CREATE VIEW seen AS SELECT * FROM orders ;;
CREATE VIEW keyed AS SELECT id FROM orders FORCE INDEX (by_note) ;;
CREATE VIEW on_keyed AS SELECT id FROM keyed ;;
CREATE EVENT nightly ON SCHEDULE EVERY 1 DAY STARTS '2030-01-01 00:00:00' DO DELETE FROM cache_a ;;
DELIMITER ;
SQL
all_code=$(code shop old)

step "--exclude-table takes away tables and nothing else, and what stays behind is named"
run_expect 0 dump-stream -o "$T/without" "$S_OLD_URL" -d shop --exclude-table 'shop.cache_*'
assert_contains "$ERR" "left out: 1 table, excluded by --exclude-table"
run_expect 0 dump-stream -v -o "$T/without" "$S_OLD_URL" -d shop --exclude-table 'shop.cache_*'
assert_contains "$ERR" "left out: table shop.cache_a"
run_expect 0 load-stream --list -i "$T/without"
assert_contains "$OUT" "left out: 1 table, excluded by --exclude-table"
run_expect 0 load-stream --json --list -i "$T/without"
assert_contains "$OUT" '"event":"left_out"'
assert_contains "$OUT" '"name":"shop.cache_a"'
run_expect 0 load-stream -i "$T/without" "$S_NEW_URL"
assert_eq "$(code shop new)" "$all_code" "routines and events"
run_expect 0 verify-rows "$S_OLD_URL" "$S_NEW_URL" -d shop --exclude-table 'shop.cache_*'
sql new "DROP EVENT shop.nightly"
run_expect 1 verify-rows "$S_OLD_URL" "$S_NEW_URL" -d shop --exclude-table 'shop.cache_*'
assert_contains "$OUT" "event shop.nightly"
fresh shop
run_expect 0 dump-stream -v -o "$T/without" "$S_OLD_URL" -d shop --exclude-table shop.orders
assert_contains "$ERR" "left out: 3 views, reads what is left out"
assert_contains "$ERR" "left out: view shop.on_keyed"
run_expect 0 load-stream -i "$T/without" "$S_NEW_URL"
run_expect 0 verify-rows "$S_OLD_URL" "$S_NEW_URL" -d shop --exclude-table shop.orders

step "--table brings what the chosen table calls, and names what stays"
fresh shop
run_expect 0 dump-stream -o "$T/one" "$S_OLD_URL" -d shop --table shop.orders
assert_contains "$ERR" "left out: 1 table, not named by --table"
assert_contains "$ERR" "left out: 3 views, not named by --table"
assert_contains "$ERR" "left out: 1 routine, not called by what --table names"
assert_contains "$ERR" "left out: 1 event, not part of any table that --table names"
run_expect 0 load-stream -i "$T/one" "$S_NEW_URL"
assert_eq "$(code shop new)" "function thrice,function twice,procedure logged" "routines"
assert_sql new "UPDATE shop.orders SET q = 5 WHERE id = 1; SELECT q FROM shop.orders WHERE id = 1" 10
sql new "UPDATE shop.orders SET q = 1 WHERE id = 1; UPDATE shop.orders SET q = -q"
run_expect 1 verify-rows "$S_OLD_URL" "$S_NEW_URL" -d shop --table shop.orders

step "--if-exists drop drops what the copy brings, and nothing of others"
fresh shop
run_expect 0 dump-stream -o "$T/shop" "$S_OLD_URL" -d shop
sql_file new <<'SQL'
CREATE DATABASE shop; USE shop;
CREATE TABLE mine (id INT); INSERT INTO mine VALUES (1);
CREATE TABLE orders (another INT);
CREATE VIEW my_view AS SELECT id FROM mine;
CREATE PROCEDURE mine() SELECT 1;
CREATE PROCEDURE thrice() SELECT 'a procedure of that name is another thing';
CREATE EVENT my_event ON SCHEDULE EVERY 1 DAY STARTS '2030-01-01 00:00:00' DO DELETE FROM mine;
SQL
run_expect 13 load-stream --dry-run --if-exists drop -i "$T/shop" "$S_NEW_URL"
assert_contains "$OUT" "would drop: table shop.orders"
assert_not_contains "$OUT" "would drop: table shop.mine"
assert_not_contains "$OUT" "would drop: routine"
run_expect 13 load-stream -i "$T/shop" "$S_NEW_URL"
assert_contains "$ERR" "table shop.mine is there already"
run_expect 0 load-stream --if-exists drop --yes -v -i "$T/shop" "$S_NEW_URL"
assert_contains "$ERR" "there already: 1 table, not in the copy, so left as they are"
assert_contains "$ERR" "there already: event shop.my_event"
assert_sql new "SELECT COUNT(*) FROM shop.my_view" 1
assert_eq "$(code shop new)" "event my_event,event nightly,function lonely,function thrice,function twice,procedure logged,procedure lonely,procedure mine,procedure thrice" "routines and events"
sql new "DROP DATABASE shop; CREATE DATABASE shop; CREATE TABLE shop.seen (id INT); DROP DATABASE flytt"
run_expect 13 load-stream --if-exists drop --yes -i "$T/shop" "$S_NEW_URL"
assert_contains "$ERR" "table shop.seen is there already, and the copy has a view of that name"

step "what the server says of columns that it computes is not said of the rows"
sql_file old <<'SQL'
CREATE DATABASE computed; USE computed; SET sql_mode = '';
CREATE TABLE priced (id INT PRIMARY KEY, qty INT, price DECIMAL(10,4), tax DECIMAL(5,4), note VARCHAR(20), body LONGTEXT,
    total DECIMAL(10,2) AS (qty * price * (1 + tax)) STORED, n INT AS (CAST(note AS SIGNED)) STORED, at DATE AS (STR_TO_DATE(note, '%Y-%m-%d')) STORED,
    short VARCHAR(3) AS (note) STORED, KEY k (at));
INSERT INTO priced (id, qty, price, tax, note, body) VALUES (1, 3, 1.3333, 0.0825, '12 pieces', REPEAT('x', 2000000)), (2, 1, 2, 0.1, '2026-11-30', ''), (3, NULL, NULL, NULL, NULL, NULL);
INSERT INTO priced (id, qty, price, tax, note, body) SELECT a.n * 100 + b.n * 10 + c.n + 10, a.n, 1.0001, 0.0077, 'many words', '' FROM
    (SELECT 0 AS n UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7 UNION ALL SELECT 8 UNION ALL SELECT 9) AS a,
    (SELECT 0 AS n UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7 UNION ALL SELECT 8 UNION ALL SELECT 9) AS b,
    (SELECT 0 AS n UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7 UNION ALL SELECT 8 UNION ALL SELECT 9) AS c;
SQL
run_expect 0 dump-stream -o "$T/computed" "$S_OLD_URL" -d computed
run_expect 0 load-stream -i "$T/computed" "$S_NEW_URL"
values="SELECT COUNT(*), BIT_XOR(CRC32(CONCAT_WS(',', id, total, IFNULL(n, 'null'), IFNULL(at, 'null'), short))) FROM computed.priced"
assert_eq "$(sql new "$values")" "$(sql old "$values")" "computed values"

step "a value that the source has computed in another time zone is told, by table and column"
sql_file old <<'SQL'
CREATE DATABASE zoned; USE zoned; SET time_zone = '+00:00';
CREATE TABLE same (id INT PRIMARY KEY, ts TIMESTAMP NOT NULL, d DATE AS (CAST(ts AS DATE)) STORED, e INT AS (id + 1) STORED);
INSERT INTO same (id, ts) VALUES (1, '2026-11-30 20:00:00');
SET time_zone = '+05:30';
CREATE TABLE other LIKE same;
INSERT INTO other (id, ts) VALUES (1, '2026-11-30 01:00:00'), (2, '2026-11-30 12:00:00');
SQL
run_expect 0 dump-stream -o "$T/zoned" "$S_OLD_URL" -d zoned
run_expect 10 load-stream -i "$T/zoned" "$S_NEW_URL"
assert_contains "$OUT" "column d of zoned.other: this server computes other values from the same rows than the source has stored"
assert_not_contains "$OUT" "zoned.same"
assert_not_contains "$OUT" "column e"

step "settings of the target that rewrite definitions"
of_mariadb || sql old "SET GLOBAL restrict_fk_on_non_standard_key = OFF" # each sql is a session of its own
sql_file old <<'SQL'
CREATE DATABASE rewritten; USE rewritten; SET explicit_defaults_for_timestamp = ON;
CREATE TABLE stamped (id INT, at TIMESTAMP NOT NULL, other TIMESTAMP NULL);
CREATE TABLE parent (a INT, b INT, PRIMARY KEY (a, b));
CREATE TABLE child (id INT PRIMARY KEY, a INT, CONSTRAINT loose FOREIGN KEY (a) REFERENCES parent (a));
INSERT INTO parent VALUES (1, 1), (1, 2); INSERT INTO child VALUES (1, 1);
SQL
run_expect 0 dump-stream -o "$T/rewritten" "$S_OLD_URL" -d rewritten
sql new "SET GLOBAL explicit_defaults_for_timestamp = OFF"
of_mariadb || sql new "SET GLOBAL sql_generate_invisible_primary_key = ON, GLOBAL restrict_fk_on_non_standard_key = ON"
run_expect 0 load-stream -i "$T/rewritten" "$S_NEW_URL"
for table in stamped parent child; do
    assert_eq "$(sql new "SHOW CREATE TABLE rewritten.$table")" "$(sql old "SHOW CREATE TABLE rewritten.$table")" "table $table"
done
sql new "SET GLOBAL explicit_defaults_for_timestamp = ON"
of_mariadb || sql new "SET GLOBAL sql_generate_invisible_primary_key = OFF"
if of_mariadb; then
    fresh rewritten
    sql new "SET GLOBAL enforce_storage_engine = 'Aria'"
    run_expect 0 load-stream -i "$T/rewritten" "$S_NEW_URL"
    assert_sql new "SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'rewritten' AND ENGINE = 'InnoDB'" 3
    fresh rewritten
    accounts_for new rewritten
    FLYTT_TARGET_PASSWORD=$S_NEW_PASSWORD run_expect 13 load-stream -i "$T/rewritten" "$(url_as new flytt_load)"
    assert_contains "$ERR" "enforce_storage_engine is Aria here and would change definitions"
    sql new "SET GLOBAL enforce_storage_engine = DEFAULT"
fi

step "a database that is there has to be what it is on the source"
sql old "CREATE DATABASE letters CHARACTER SET latin1 COLLATE latin1_german1_ci; CREATE TABLE letters.t (id INT PRIMARY KEY)"
of_mariadb && sql old "ALTER DATABASE letters COMMENT 'the ''letters'''"
run_expect 0 dump-stream -o "$T/letters" "$S_OLD_URL" -d letters
sql new "CREATE DATABASE letters CHARACTER SET utf8mb4"
run_expect 13 load-stream -i "$T/letters" "$S_NEW_URL"
assert_contains "$ERR" "database letters is there with the default character set utf8mb4"
assert_contains "$ERR" "ALTER DATABASE \`letters\` CHARACTER SET latin1 COLLATE latin1_german1_ci"
if of_mariadb; then
    sql new "ALTER DATABASE letters CHARACTER SET latin1 COLLATE latin1_german1_ci"
    run_expect 10 load-stream -i "$T/letters" "$S_NEW_URL"
    assert_contains "$OUT" "database letters: its comment is '', and 'the \\'letters\\'' on the source"
fi
fresh letters
run_expect 0 load-stream -i "$T/letters" "$S_NEW_URL"
assert_eq "$(sql new "SHOW CREATE DATABASE letters")" "$(sql old "SHOW CREATE DATABASE letters")" "database"

step "an account that is not there is told before the rows, and the same stream goes on without it"
sql_file old <<'SQL'
CREATE USER app@'%'; GRANT ALL ON *.* TO app@'%';
CREATE DATABASE defined; USE defined;
CREATE TABLE t (id INT PRIMARY KEY, a INT); INSERT INTO t VALUES (1, 1);
CREATE DEFINER = app@'%' VIEW z_app AS SELECT * FROM t;
CREATE DEFINER = app@'%' FUNCTION gf(n INT) RETURNS INT DETERMINISTIC RETURN n;
CREATE VIEW a_on_app AS SELECT id, gf(id) AS f FROM z_app;
SQL
run_expect 0 dump-stream -o "$T/defined" "$S_OLD_URL" -d defined
run_expect 69 load-stream -i "$T/defined" "$S_NEW_URL"
assert_contains "$ERR" "view defined.a_on_app"
assert_contains "$ERR" "app"
assert_contains "$ERR" "--skip-definers"
assert_sql new "SELECT COUNT(*) FROM defined.t" 0
run_expect 0 load-stream --skip-definers -i "$T/defined" "$S_NEW_URL"
assert_sql new "SELECT f FROM defined.a_on_app" 1
assert_sql new "SELECT COUNT(*) FROM information_schema.VIEWS WHERE TABLE_SCHEMA = 'defined' AND DEFINER LIKE 'app@%'" 0

step "a definer that is gone from the source is no reason to stop, or is named with the view"
sql old "DROP USER app@'%'"
run dump-stream -o "$T/ghost" "$S_OLD_URL" -d defined
assert_matches "$STATUS $ERR" '^(0|13 .*defined\.a_on_app: cannot be read: .*app)'

step "a column that only a lax server makes is made as it is"
sql_file old <<'SQL'
SET sql_mode = ''; CREATE DATABASE lax; USE lax;
CREATE TABLE e (id INT PRIMARY KEY, yn ENUM('Y','N','y','n') CHARACTER SET latin1 COLLATE latin1_swedish_ci);
INSERT INTO e VALUES (1, 'Y'), (2, 3);
SQL
run_expect 13 dump-stream -o "$T/lax" "$S_OLD_URL" -d lax
assert_contains "$ERR" "lax.e.yn: holds values of an ENUM that names them twice"
sql old "UPDATE lax.e SET yn = 'N' WHERE id = 2"
run_expect 0 dump-stream -o "$T/lax" "$S_OLD_URL" -d lax
run_expect 0 load-stream -i "$T/lax" "$S_NEW_URL"
assert_eq "$(sql new "SHOW CREATE TABLE lax.e; SELECT id, yn + 0 FROM lax.e")" "$(sql old "SHOW CREATE TABLE lax.e; SELECT id, yn + 0 FROM lax.e")" "table"

step "characters that a server cannot show in its own words about columns arrive, or are refused by name"
sql_file old <<'SQL'
SET NAMES utf8mb4; CREATE DATABASE faces CHARACTER SET utf8mb4; USE faces;
CREATE TABLE d (id INT PRIMARY KEY, v VARCHAR(20) NOT NULL DEFAULT 'what? 😀 it''s \\', w VARCHAR(9) DEFAULT (CONCAT('😀')) CHECK (w <> '😀x'), u VARCHAR(9) CHARACTER SET utf16 DEFAULT '😀',
    g VARCHAR(30) AS (CONCAT(v, '😀')) STORED, plain VARCHAR(9) DEFAULT '?', n VARCHAR(9) DEFAULT 'é');
INSERT INTO d (id) VALUES (1);
CREATE TABLE e (id INT PRIMARY KEY, a ENUM('😀','x','why?') CHARACTER SET utf8mb4 DEFAULT '😀', s SET('?','a😀') CHARACTER SET utf8mb4 NOT NULL DEFAULT 'a😀', o SET('','b')); INSERT INTO e VALUES (1, 'x', 1, 2), (2, 'why?', 2, 0), (3, '😀', 3, 2);
CREATE TABLE hollow (e ENUM('no','😀'));
SQL
run_expect 0 dump-stream -o "$T/faces" "$S_OLD_URL" -d faces --exclude-table faces.e
of_mariadb || assert_contains "$ERR" "faces.hollow.e: names a value with ?, which may stand for a character that this server cannot show"
run_expect 0 load-stream -i "$T/faces" "$S_NEW_URL"
assert_sql new "INSERT INTO faces.d (id) VALUES (2); SELECT COUNT(*), COUNT(DISTINCT v, w, u, g, plain, n), MAX(HEX(u)), MAX(HEX(g)) FROM faces.d" $'2\t1\tD83DDE00\t776861743F20F09F98802069742773205CF09F9880'
assert_eq "$(sql new "SELECT HEX(v), HEX(w) FROM faces.d LIMIT 1")" "$(sql old "SELECT HEX(v), HEX(w) FROM faces.d")" "what comes by default"
if of_mariadb; then
    fresh faces
    run_expect 0 dump-stream -o "$T/faces" "$S_OLD_URL" -d faces
    run_expect 0 load-stream -i "$T/faces" "$S_NEW_URL"
    assert_sql new "SELECT HEX(a), HEX(s), s + 0, o + 0 FROM faces.e ORDER BY id" $'78\t3F\t1\t2\n7768793F\t61F09F9880\t2\t0\nF09F9880\t3F2C61F09F9880\t3\t2'
    assert_sql new "INSERT INTO faces.e (id) VALUES (9); SELECT HEX(a), HEX(s) FROM faces.e WHERE id = 9" $'F09F9880\t61F09F9880'
    assert_sql new "INSERT INTO faces.hollow VALUES (2); SELECT HEX(e) FROM faces.hollow" F09F9880
else
    run_expect 13 dump-stream -o "$T/faces" "$S_OLD_URL" -d faces
    assert_contains "$ERR" "faces.e.a: holds values of an ENUM that this server shows with"
    assert_contains "$ERR" "faces.e.s: holds values of a SET that this server shows with"
fi
sql old "INSERT INTO faces.e VALUES (4, 'x', 0, 3)"
run_expect 13 dump-stream -o "$T/faces" "$S_OLD_URL" -d faces
assert_contains "$ERR" "faces.e.o: holds the empty member of a SET"

step "a foreign key whose parent is gone"
sql_file old <<'SQL'
CREATE DATABASE dangling; USE dangling; SET foreign_key_checks = 0;
CREATE TABLE child (id INT PRIMARY KEY, p INT, CONSTRAINT dangles FOREIGN KEY (p) REFERENCES gone (id));
INSERT INTO child VALUES (1, 1), (2, NULL);
SQL
run_expect 0 dump-stream -o "$T/dangling" "$S_OLD_URL" -d dangling
assert_contains "$ERR" "foreign key dangles of dangling.child refers to dangling.gone, which is not there"
run_expect 10 load-stream -i "$T/dangling" "$S_NEW_URL"
assert_contains "$OUT" "foreign key dangling.child.dangles: 1 row lacks its parent"
assert_eq "$(sql new "SHOW CREATE TABLE dangling.child")" "$(sql old "SHOW CREATE TABLE dangling.child")" "table"

step "limits that an administrator has set for everybody take nothing away"
sql old "SET GLOBAL sql_select_limit = 1, GLOBAL max_join_size = 1, GLOBAL sql_safe_updates = ON"
sql new "SET GLOBAL sql_select_limit = 1, GLOBAL max_join_size = 1, GLOBAL sql_safe_updates = ON"
of_mariadb || sql old "SET GLOBAL show_create_table_verbosity = ON"
fresh shop
run_expect 0 dump-stream -o "$T/limited" "$S_OLD_URL" -d shop
run_expect 0 load-stream -i "$T/limited" "$S_NEW_URL"
run_expect 0 verify-rows "$S_OLD_URL" "$S_NEW_URL" -d shop
sql new "SET GLOBAL sql_select_limit = DEFAULT, GLOBAL max_join_size = DEFAULT, GLOBAL sql_safe_updates = OFF"
assert_sql new "SELECT COUNT(*) FROM shop.orders" 2
assert_sql new "SELECT CREATE_OPTIONS FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'shop' AND TABLE_NAME = 'orders'" ""

step "grants on what is not there stay behind by name, and a database that looks like the server's is named"
sql_file old <<'SQL'
CREATE DATABASE `Sys`; CREATE TABLE `Sys`.t (id INT);
CREATE TABLE shop.passing (id INT PRIMARY KEY);
CREATE USER reader@'%'; GRANT SELECT ON shop.orders TO reader@'%'; GRANT SELECT ON shop.seen TO reader@'%'; GRANT EXECUTE ON FUNCTION shop.twice TO reader@'%';
GRANT SELECT (id) ON shop.cache_a TO reader@'%'; GRANT SELECT ON shop.passing TO reader@'%'; GRANT INSERT ON letters.* TO reader@'%';
DROP TABLE shop.passing;
SQL
of_mariadb || sql old "SET GLOBAL partial_revokes = ON; CREATE USER second@'%' IDENTIFIED BY 'a'; ALTER USER second@'%' IDENTIFIED BY 'b' RETAIN CURRENT PASSWORD;
    CREATE USER most@'%'; GRANT SELECT ON *.* TO most@'%'; REVOKE SELECT ON letters.* FROM most@'%'"
fresh shop
run_expect 0 dump-stream -v --users -o "$T/users" "$S_OLD_URL" -d shop --exclude-table shop.cache_a
assert_contains "$ERR" "left out: grant to reader@% on shop.cache_a"
assert_contains "$ERR" "left out: grant to reader@% on shop.passing"
assert_not_contains "$ERR" "on shop.orders"
if ! of_mariadb; then
    assert_contains "$ERR" "left out: second password of second@%"
    run_expect 13 load-stream -i "$T/users" "$S_NEW_URL"
    assert_contains "$ERR" "partial_revokes: is ON on the source and OFF here"
    sql new "SET GLOBAL partial_revokes = ON"
fi
run_expect 0 load-stream -i "$T/users" "$S_NEW_URL"
for right in 'ON `shop`.`orders`' 'ON `shop`.`seen`' 'ON FUNCTION `shop`.`twice`' 'ON `letters`.*'; do
    assert_contains "$(sql new "SHOW GRANTS FOR reader@'%'")" "$right"
done
of_mariadb || assert_contains "$(sql new "SHOW GRANTS FOR most@'%'")" 'REVOKE SELECT ON `letters`.* FROM `most`'
run dump-stream --dry-run --all-databases "$S_OLD_URL"
assert_contains "$OUT" "left out: 1 database, named like one of the server's own"

step "a transaction that somebody else prepared is named"
sql old "XA START 'forgotten'; INSERT INTO shop.orders VALUES (99, 1, 'x'); XA END 'forgotten'; XA PREPARE 'forgotten'"
if of_mariadb; then
    run_expect 0 dump-stream -o "$T/prepared" "$S_OLD_URL" -d letters
    assert_contains "$ERR" "XA transactions are prepared and neither committed nor rolled back: 'forgotten'"
else
    run_expect 0 dump-stream --dry-run "$S_OLD_URL" -d shop
    assert_contains "$OUT" "XA transactions are prepared and neither committed nor rolled back: 'forgotten'"
fi
sql old "XA ROLLBACK 'forgotten'"

step "a view and a routine of a session in another character set, in a database with letters of it"
sql old "CREATE DATABASE \`größe\` CHARACTER SET utf8mb4"
printf 'SET SESSION character_set_client = latin1, collation_connection = latin1_german1_ci; USE `gr\xf6\xdfe`; CREATE VIEW `f\xfcnf` AS SELECT "\xfc" AS x; CREATE FUNCTION `m\xfc`() RETURNS INT DETERMINISTIC RETURN 1' |
    mariadb --no-defaults --socket="$S_OLD_SOCKET" --user=root --default-character-set=latin1
run_expect 0 dump-stream -o "$T/letters" "$S_OLD_URL" -d größe
run_expect 0 load-stream -i "$T/letters" "$S_NEW_URL"
attributes="SELECT TABLE_NAME, CHARACTER_SET_CLIENT, COLLATION_CONNECTION FROM information_schema.VIEWS WHERE TABLE_SCHEMA = 'größe' ORDER BY 1"
assert_sql new "$attributes" $'fünf\tlatin1\tlatin1_german1_ci'
assert_sql new 'SELECT x, HEX(x), `größe`.`mü`() FROM `größe`.`fünf`' $'ü\tFC\t1'
run_expect 0 verify-rows "$S_OLD_URL" "$S_NEW_URL" -d größe
