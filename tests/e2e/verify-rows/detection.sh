#!/usr/bin/env bash
# Two real servers with the same data are equal; each single change is found, also those that checksums of the field miss.
# SPDX-License-Identifier: MIT
set -euo pipefail
# shellcheck source=tests/support/servers.sh
. "$FLYTT_SRC/tests/support/servers.sh"
# shellcheck source=tests/support/assert.sh
. "$FLYTT_SRC/tests/support/assert.sh"

server_start mariadb old
server_start mariadb new
{
    echo 'SET timestamp = 1790000000;' # events begin at the moment of their creation
    cat "$FLYTT_SRC/tests/e2e/dump-stream/_types.sql"
    cat <<'SQL'
CREATE DATABASE shop;
USE shop;
CREATE TABLE orders (id INT PRIMARY KEY, name VARCHAR(60) NULL, status ENUM('A','B','Z') NOT NULL DEFAULT 'A', at DATETIME(6) NOT NULL,
  price DECIMAL(12,2), ratio FLOAT NOT NULL, exact DOUBLE NULL, a VARCHAR(40) NULL, b VARCHAR(40) NULL, big LONGBLOB NULL, bits BIT(10), KEY by_name (name));
INSERT INTO orders SELECT seq, CONCAT('name ', seq), 'A', '2026-01-01' + INTERVAL seq SECOND, seq / 100, 0.0105162523, seq / 7, 'a#b', 'c',
  IF(seq = 4000, REPEAT('x', 3000000), NULL), seq % 1024 FROM seq_1_to_8000;
CREATE TABLE log (n INT, t VARCHAR(20));
INSERT INTO log SELECT seq % 50, 'same' FROM seq_1_to_1000;
CREATE TABLE words (w VARCHAR(30) CHARACTER SET latin1 COLLATE latin1_swedish_ci PRIMARY KEY, n INT);
INSERT INTO words SELECT CONCAT(SUBSTR('bcdfghjk', 1 + seq % 8, 1), seq), seq FROM seq_1_to_3000;
CREATE TABLE pairs (x INT, y VARCHAR(10), v INT, PRIMARY KEY (y, x));
INSERT INTO pairs SELECT seq % 40, CONCAT('p', seq), seq FROM seq_1_to_2000;
CREATE TABLE empty (id INT PRIMARY KEY);
CREATE TABLE `select "x";` (id INT PRIMARY KEY, v VARCHAR(20));
INSERT INTO `select "x";` VALUES (1, 'one');
CREATE TABLE `sp ace` (id BIGINT UNSIGNED PRIMARY KEY, v FLOAT);
INSERT INTO `sp ace` VALUES (18446744073709551615, 1.5), (1, 2.5);
SQL
} >"$T/data.sql"
sql_file old <"$T/data.sql" >/dev/null
sql_file new <"$T/data.sql" >/dev/null
accounts_for old shop types
accounts_for new shop types
export FLYTT_SOURCE_PASSWORD=$S_OLD_PASSWORD FLYTT_TARGET_PASSWORD=$S_NEW_PASSWORD
verify() { verify-rows "$@" "$(url_as old flytt_verify)" "$(url_as new flytt_verify)"; }

step "every type, key and kind of table is equal, however it is cut"
for jobs in 1 3; do
    for chunk in 2K 64K 4M; do
        run_expect 0 verify --jobs "$jobs" --chunk-size "$chunk" -d shop -d types
        assert_matches "$OUT" 'equal +shop\.orders +rows 8000/8000  missing 0  extra 0  different 0'
        assert_contains "$OUT" "'shop.select \"x\";'"
        assert_contains "$OUT" "'shop.sp ace'"
        assert_matches "$OUT" 'equal +types\.by_enum +rows 1000/1000'
        assert_matches "$OUT" 'equal +shop\.empty +rows 0/0'
    done
done

# found TABLE PATTERN STATEMENT UNDO...: the change is found in this table, its line matches, and after UNDO all is equal.
found() {
    local table=$1 pattern=$2 change=$3 undo=$4
    sql new "SET sql_mode=''; $change" shop
    run_expect 1 verify -d shop --chunk-size 32K
    assert_matches "$OUT" "different +shop\.$table .*$pattern"
    [ "$(grep -c '^different' <<<"$OUT")" = 1 ] || fail "other tables differ too after: $change"$'\n'"$OUT"
    sql new "SET sql_mode=''; $undo" shop
}

step "the detection matrix"
found orders 'different 8000' "UPDATE orders SET at = at + INTERVAL 1 HOUR" "UPDATE orders SET at = at - INTERVAL 1 HOUR"
found orders 'different 2' "UPDATE orders SET at = at + INTERVAL 10 MINUTE WHERE id IN (1, 7)" "UPDATE orders SET at = at - INTERVAL 10 MINUTE WHERE id IN (1, 7)"
found orders 'different 8000' "UPDATE orders SET status = 'Z'" "UPDATE orders SET status = 'A'"
found orders 'different 1' "UPDATE orders SET at = at + INTERVAL 1 MICROSECOND WHERE id = 8000" "UPDATE orders SET at = at - INTERVAL 1 MICROSECOND WHERE id = 8000"
found orders 'different 1' "UPDATE orders SET ratio = 0.0105162 WHERE id = 44" "UPDATE orders SET ratio = 0.0105162523 WHERE id = 44"
found orders 'different 1' "UPDATE orders SET exact = exact + 1e-13 WHERE id = 7000" "UPDATE orders SET exact = id / 7 WHERE id = 7000"
found orders 'different 1' "UPDATE orders SET name = 'name 5 ' WHERE id = 5" "UPDATE orders SET name = 'name 5' WHERE id = 5"
found orders 'different 1' "UPDATE orders SET name = 'Name 5' WHERE id = 5" "UPDATE orders SET name = 'name 5' WHERE id = 5"
found orders 'different 1' "UPDATE orders SET a = 'a', b = 'b#c' WHERE id = 5" "UPDATE orders SET a = 'a#b', b = 'c' WHERE id = 5"
found orders 'different 2' "UPDATE orders SET price = IF(id = 10, 0.20, 0.10) WHERE id IN (10, 20)" "UPDATE orders SET price = id / 100 WHERE id IN (10, 20)"
found orders 'different 1' "UPDATE orders SET big = NULL WHERE id = 4000" "UPDATE orders SET big = REPEAT('x', 3000000) WHERE id = 4000"
found orders 'different 1' "UPDATE orders SET big = CONCAT(REPEAT('x', 2999999), 'y') WHERE id = 4000" "UPDATE orders SET big = REPEAT('x', 3000000) WHERE id = 4000"
found orders 'different 1' "UPDATE orders SET bits = 513 WHERE id = 1" "UPDATE orders SET bits = 1 WHERE id = 1"
found orders 'missing 1  extra 0' "DELETE FROM orders WHERE id = 8000" "INSERT INTO orders SELECT 8000, 'name 8000', 'A', '2026-01-01' + INTERVAL 8000 SECOND, 80, 0.0105162523, 8000 / 7, 'a#b', 'c', NULL, 8000 % 1024"
found orders 'missing 0  extra 2' "INSERT INTO orders (id, at, ratio) VALUES (-5, NOW(), 1), (9000, NOW(), 1)" "DELETE FROM orders WHERE id IN (-5, 9000)"
found log 'missing 2  extra 2' "UPDATE log SET t = 'other' WHERE n = 7 LIMIT 2" "UPDATE log SET t = 'same'"
found log 'rows 1000/999  missing 1  extra 0' "DELETE FROM log WHERE n = 7 LIMIT 1" "INSERT INTO log VALUES (7, 'same')"
found words 'different 1' "UPDATE words SET n = 0 WHERE w = 'c1'" "UPDATE words SET n = 1 WHERE w = 'c1'"
found words 'missing 1  extra 1' "UPDATE words SET w = 'C1' WHERE w = 'c1'" "UPDATE words SET w = 'c1' WHERE w = 'c1'"
found pairs 'different 1' "UPDATE pairs SET v = 0 WHERE y = 'p41' AND x = 1" "UPDATE pairs SET v = 41 WHERE y = 'p41' AND x = 1"
found empty 'extra 1' "INSERT INTO empty VALUES (1)" "DELETE FROM empty"
run_expect 0 verify -d shop

step "what is NULL on one side and looks like it on the other"
for text in "''" "'NULL'" "'<null>'" "' '" "'DEFAULT_REPLACEMENT_STRING'"; do
    sql old "UPDATE shop.orders SET name = $text WHERE id = 77"
    sql new "UPDATE shop.orders SET name = NULL WHERE id = 77"
    run_expect 1 verify -d shop
    assert_matches "$OUT" "different  id=77  name: '.*' \| NULL"
done
sql old "UPDATE shop.orders SET name = 'name 77', exact = 0.0 WHERE id = 77"
sql new "UPDATE shop.orders SET name = 'name 77', exact = NULL WHERE id = 77"
run_expect 1 verify -d shop
assert_contains "$OUT" "different  id=77  exact: 0 | NULL"
sql old "UPDATE shop.orders SET exact = 11 WHERE id = 77"
sql new "UPDATE shop.orders SET exact = 11 WHERE id = 77"
run_expect 0 verify -d shop

step "rows are named by key and column"
sql new "UPDATE shop.orders SET price = 9.99, name = 'née' WHERE id = 4321; DELETE FROM shop.orders WHERE id = 17; UPDATE shop.pairs SET v = -1 WHERE y = 'p81'"
run_expect 1 verify -d shop
assert_contains "$OUT" "  missing    id=17"
assert_contains "$OUT" "  different  id=4321  name: 'name 4321' | 'née'  price: 43.21 | 9.99"
assert_contains "$OUT" "  different  y='p81', x=1  v: 81 | -1"
run_expect 1 verify -d shop --json
assert_contains "$OUT" '"event":"value"'
assert_contains "$OUT" '"column":"price"'
assert_matches "$(tail -n 1 <<<"$OUT")" '"event":"result".*"exit":1'

step "--exclude-column, --where, --exclude-table, --table, --count-only, --max-diffs"
run_expect 0 verify -d shop -t 'shop.pairs' --exclude-column 'shop.pairs.v'
run_expect 0 verify -d shop -t 'shop.orders' --where 'shop.orders=id > 5000 OR id < 5'
assert_matches "$OUT" 'rows 3004/3004'
run_expect 1 verify -d shop -t 'shop.orders' --where 'shop.orders=id > 4000'
run_expect 0 verify -d shop --exclude-table 'shop.orders' --exclude-table 'shop.pairs'
run_expect 1 verify -d shop --count-only
assert_matches "$OUT" 'different +shop\.orders +rows 8000/7999'
assert_matches "$OUT" 'equal +shop\.pairs +rows 2000/2000'
assert_contains "$OUT" 'counts only, values not compared'
sql new "UPDATE shop.words SET n = -n"
run_expect 1 verify -d shop -t 'shop.words' --max-diffs 3
assert_eq "$(grep -c '^  different' <<<"$OUT")" 3 "number of rows named"
assert_contains "$OUT" "and 2997 more"
run_expect 64 verify -d shop -t 'shop.word'
run_expect 64 verify -d shop --exclude-column nn
run_expect 64 verify -d shop --where 'shop.nn=1'

step "what the servers compute: the same rows and definitions, and other values"
for s in old new; do
    sql "$s" "CREATE DATABASE made; USE made; SET time_zone = '+00:00';
        CREATE TABLE stored (id INT PRIMARY KEY, ts TIMESTAMP NOT NULL, d DATE AS (CAST(ts AS DATE)) STORED, v INT AS (id * 2) VIRTUAL);
        INSERT INTO stored (id, ts) SELECT seq, '2024-06-01 23:00:00' FROM seq_1_to_3000;
        CREATE TABLE computed_only (id INT AS (7) STORED, n INT AS (8) VIRTUAL); INSERT INTO computed_only () VALUES (), ()"
    sql "$s" "GRANT SELECT, SHOW VIEW, TRIGGER, EVENT ON made.* TO flytt_verify@'%'"
done
run_expect 10 verify -d made # a table of nothing else is none that a copy can carry, and its values are compared
assert_matches "$OUT" 'equal +made\.stored +rows 3000/3000'
assert_matches "$OUT" 'equal +made\.computed_only +rows 2/2'
sql new "SET time_zone = '+05:30'; UPDATE stored SET ts = ts + INTERVAL 0 SECOND, id = id WHERE id < 3; DELETE FROM stored WHERE id = 17; INSERT INTO stored (id, ts) VALUES (17, '2024-06-02 04:30:00')" made
run_expect 1 verify -d made --exclude-table made.computed_only
assert_contains "$OUT" "only generated columns differ: 'd'"
assert_contains "$OUT" "different  id=17  generated column d: 2024-06-01 | 2024-06-02"
assert_not_contains "$OUT" schema
run_expect 1 verify -d made -t made.stored --json
assert_matches "$OUT" '"column":"d".*"generated":true'
run_expect 0 verify -d made -t made.stored --exclude-column made.stored.d
sql new "ALTER TABLE stored DROP COLUMN d, MODIFY v INT AS (id * 2 + (id = 44)) VIRTUAL" made
run_expect 1 verify -d made -t made.stored --no-schema --exclude-column made.stored.d
assert_contains "$OUT" "different  id=44  generated column v: 88 | 89"
run_expect 1 verify -d made -t made.stored --no-schema
assert_contains "$OUT" "column 'd' is missing on the target"

step "a key that the two servers order differently: every row is looked at, and once"
for s in old new; do
    collation=utf8mb4_general_ci
    [ "$s" = old ] || collation=utf8mb4_bin
    sql "$s" "CREATE TABLE mixed (k VARCHAR(20) CHARACTER SET utf8mb4 COLLATE $collation PRIMARY KEY, v INT);
        INSERT INTO mixed SELECT CONCAT(SUBSTR('aBcDeFgH', 1 + seq % 8, 1), seq), seq FROM seq_1_to_20001" made
done
for how in "1 4M" "3 16K"; do
    run_expect 0 verify -d made -t made.mixed --no-schema --jobs "${how% *}" --chunk-size "${how#* }"
    assert_matches "$OUT" 'equal +made\.mixed +rows 20001/20001  missing 0  extra 0  different 0'
done
run_expect 1 verify -d made -t made.mixed --count-only
assert_matches "$OUT" 'schema +table made\.mixed: .*utf8mb4_bin'
sql new "INSERT INTO mixed VALUES ('zz', 0), ('Zz', 0); DELETE FROM mixed WHERE k = 'B1'; UPDATE mixed SET v = -1 WHERE k = 'c2'" made
for live in "" --live; do
    # shellcheck disable=SC2086
    run_expect 1 verify -d made -t made.mixed --no-schema --chunk-size 16K $live
    assert_matches "$OUT" 'different +made\.mixed +rows 20001/20002  missing 1  extra 2  different 1'
    for row in "missing    k='B1'" "extra      k='zz'" "extra      k='Zz'" "different  k='c2'  v: 2 | -1"; do assert_contains "$OUT" "$row"; done
done

step "a database's comment is an option of it"
sql new "ALTER DATABASE made COMMENT 'other'"
run_expect 1 verify -d made -t made.mixed --count-only
assert_contains "$OUT" "database made: comment '' on the source, 'other' on the target"

step "definitions: what differs is told, AUTO_INCREMENT and an event's status are not differences"
run_expect 0 verify -d types
sql new "ALTER TABLE extras AUTO_INCREMENT = 5000; ALTER EVENT $(sql new "SELECT CONCAT('\`', EVENT_NAME, '\`') FROM information_schema.EVENTS WHERE EVENT_SCHEMA = 'types' LIMIT 1") DISABLE" types
run_expect 0 verify -d types
for change in "CREATE OR REPLACE FUNCTION half(n INT) RETURNS INT DETERMINISTIC RETURN n / 3" "DROP TRIGGER keyless_one" "ALTER EVENT tick COMMENT 'other'"; do
    sql new "$change" types
done
run_expect 1 verify -d types
assert_matches "$OUT" 'schema +routine types\.half: .*n / 2.*n / 3'
assert_matches "$OUT" 'schema +trigger types\.keyless_one: is missing on the target'
assert_matches "$OUT" 'schema +event types\.tick: '

step "what an account may not see is not taken for equal"
sql new "REVOKE EVENT ON types.* FROM flytt_verify@'%'; REVOKE TRIGGER ON types.* FROM flytt_verify@'%'"
run_expect 77 verify -d types
assert_contains "$ERR" 'lacks EVENT'
assert_contains "$ERR" 'lacks TRIGGER'
run_expect 0 verify -d types --no-schema
sql new "GRANT EVENT, TRIGGER ON types.* TO flytt_verify@'%'"

step "more definitions"
sql new "CREATE TABLE types.more (id INT PRIMARY KEY); ALTER TABLE types.child DROP FOREIGN KEY fk, ADD INDEX surplus (id, parent_id); DROP VIEW types.b_first"
run_expect 1 verify -d types
assert_matches "$OUT" 'extra +types\.more'
assert_matches "$OUT" 'schema +foreign key types\.child\.fk: is missing on the target'
assert_matches "$OUT" 'schema +view types\.b_first: is missing on the target'
assert_matches "$OUT" 'schema +index types\.child.*surplus'
run_expect 1 verify -d types --no-schema
assert_not_contains "$OUT" schema
run_expect 0 verify -d types --no-schema --exclude-table types.more
sql new "ALTER TABLE types.parent ADD COLUMN note TEXT, MODIFY id BIGINT"
run_expect 1 verify -d types -t types.parent
assert_contains "$OUT" "column 'note' is only on the target"
assert_matches "$OUT" 'different +types.parent +rows 2/2  missing 0  extra 0  different 0'
