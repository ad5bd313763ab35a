#!/usr/bin/env bash
# A pair of MySQL 9.7: equal data is equal, single changes are found, a live pair causes no false difference.
# flytt-test: labels=matrix
# SPDX-License-Identifier: MIT
set -euo pipefail
# shellcheck source=tests/support/servers.sh
. "$FLYTT_SRC/tests/support/servers.sh"
# shellcheck source=tests/support/assert.sh
. "$FLYTT_SRC/tests/support/assert.sh"

server_pair mysql97 shop
export FLYTT_SOURCE_PASSWORD=$S_OLD_PASSWORD FLYTT_TARGET_PASSWORD=$S_NEW_PASSWORD
cat >"$T/data.sql" <<'SQL'
CREATE DATABASE shop;
USE shop;
SET cte_max_recursion_depth = 100000, time_zone = '+00:00', sql_mode = 'ALLOW_INVALID_DATES';
CREATE TABLE orders (id INT PRIMARY KEY, name VARCHAR(60), status ENUM('A','B') NOT NULL DEFAULT 'A', at DATETIME(6) NOT NULL, price DECIMAL(12,2),
  ratio FLOAT NOT NULL, exact DOUBLE, doc JSON, bits BIT(10), flags SET('x','y','z'), place POINT SRID 4326, k BINARY(16), day DATE, t TIME(3), y YEAR, ts TIMESTAMP(6),
  twice INT AS (id * 2) STORED, KEY by_name (name));
INSERT INTO orders (id, name, at, price, ratio, exact, doc, bits, flags, place, k, day, t, y, ts)
  WITH RECURSIVE s (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < 20000)
  SELECT n, CONCAT('näme ', n), '2026-01-01' + INTERVAL n SECOND, n / 100, 0.0105162523, n / 7, JSON_OBJECT('n', n, 'list', JSON_ARRAY(1, 2.5, NULL)), n % 1024, ELT(1 + n % 3, 'x', 'x,z', ''),
    ST_SRID(POINT(n % 90, n % 45), 4326), NULL, IF(n = 5, '2024-02-31', '2024-01-01' + INTERVAL n HOUR), SEC_TO_TIME(n), 1901 + n % 250, '2026-01-01' + INTERVAL n MINUTE FROM s;
UPDATE orders SET k = UNHEX(LEFT(SHA2(id, 256), 32));
CREATE TABLE log (n INT, t VARCHAR(20));
INSERT INTO log SELECT id % 50, 'same' FROM orders WHERE id <= 1000;
CREATE TABLE words (w VARCHAR(30) CHARACTER SET latin1 PRIMARY KEY, n INT);
INSERT INTO words SELECT CONCAT(SUBSTR('bcdfghjk', 1 + id % 8, 1), id), id FROM orders WHERE id <= 3000;
CREATE TABLE by_enum (e ENUM('z','a','m') NOT NULL, n INT NOT NULL, PRIMARY KEY (e, n));
INSERT INTO by_enum SELECT 1 + id % 3, id FROM orders WHERE id <= 1000;
CREATE VIEW cheap AS SELECT id FROM orders WHERE price < 5;
SQL
sql_file old <"$T/data.sql"
{ echo 'SET SQL_LOG_BIN = 0;'; cat "$T/data.sql"; } | sql_file new
verify() { verify-rows "$@" "$(url_as old flytt_verify shop)" "$(url_as new flytt_verify shop)"; }

step "equal"
for jobs in 1 3; do
    run_expect 0 verify --jobs "$jobs" --chunk-size 64K
    assert_matches "$OUT" 'equal +shop\.orders +rows 20000/20000  missing 0  extra 0  different 0'
done

step "each change is found"
found() { # PATTERN STATEMENT UNDO
    sql new "SET SQL_LOG_BIN = 0; SET sql_mode = ''; $2" shop
    run_expect 1 verify --chunk-size 256K
    assert_matches "$OUT" "$1"
    sql new "SET SQL_LOG_BIN = 0; SET sql_mode = ''; $3" shop
}
found 'shop\.orders .*different 20000' "UPDATE orders SET at = at + INTERVAL 1 HOUR" "UPDATE orders SET at = at - INTERVAL 1 HOUR"
found 'different  id=44  ratio: ' "UPDATE orders SET ratio = 0.0105162 WHERE id = 44" "UPDATE orders SET ratio = 0.0105162523 WHERE id = 44"
found 'different  id=6  doc: ' "UPDATE orders SET doc = JSON_SET(doc, '$.n', 7) WHERE id = 6" "UPDATE orders SET doc = JSON_SET(doc, '$.n', 6) WHERE id = 6"
found 'shop\.log .*missing 2  extra 2' "UPDATE log SET t = 'other' WHERE n = 7 LIMIT 2" "UPDATE log SET t = 'same'"
found 'shop\.words .*missing 1  extra 1' "UPDATE words SET w = 'C1' WHERE w = 'c1'" "UPDATE words SET w = 'c1' WHERE w = 'c1'"
found 'schema +view shop\.cheap' "CREATE OR REPLACE VIEW cheap AS SELECT id FROM orders WHERE price < 6" "CREATE OR REPLACE VIEW cheap AS SELECT id FROM orders WHERE price < 5"
run_expect 0 verify

step "live"
gtids=$(sql old "SELECT @@GLOBAL.gtid_executed" | sed 's/\\n//g' | tr -d '\n')
sql new "SET GLOBAL gtid_purged = '+$gtids'"
sql new "CHANGE REPLICATION SOURCE TO SOURCE_HOST='127.0.0.2', SOURCE_PORT=$S_OLD_PORT, SOURCE_USER='flytt_repl', SOURCE_PASSWORD='$S_OLD_PASSWORD', SOURCE_SSL=1,
    SOURCE_SSL_CA='$T/tls/ca.pem', SOURCE_AUTO_POSITION=1 FOR CHANNEL 'flytt'; START REPLICA FOR CHANNEL 'flytt'"
# It leaves alone the row in which a difference is planted.
writer() {
    while [ ! -e "$T/stop" ]; do
        printf 'UPDATE shop.orders SET price = price + 1, name = NOW(6) WHERE id = %d;' $((1 + RANDOM % 300))
        sleep 0.002
    done | mariadb --no-defaults --socket="$S_OLD_SOCKET" --user=root --force 2>/dev/null
}
writer &
WRITER=$!
for _ in 1 2 3; do
    run verify --live --chunk-size 64K -t shop.orders
    [[ $STATUS == 0 || $STATUS == 10 ]] || fail "status $STATUS: $OUT $ERR"
    assert_matches "$OUT" 'missing 0  extra 0  different 0'
done
sql new "SET SQL_LOG_BIN = 0; UPDATE shop.orders SET exact = 0 WHERE id = 15000"
run_expect 1 verify --live -t shop.orders
assert_matches "$OUT" 'missing 0  extra 0  different 1'
assert_contains "$OUT" "different  id=15000  exact: "
touch "$T/stop"
wait "$WRITER" || true
