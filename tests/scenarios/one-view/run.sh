#!/usr/bin/env bash
# Proves: all workers of a copy have one and the same view, and it is exactly the one at the position that the copy names, while
# others commit as fast as the server lets them. Every transaction writes one row into each of four tables, so at any position the
# four are equal, and hold as many rows as there are GTIDs since the beginning.   Usage: run.sh [PRODUCT]
# SPDX-License-Identifier: MIT
set -euo pipefail
# shellcheck source=tests/support/servers.sh
. "$FLYTT_SRC/tests/support/servers.sh"
# shellcheck source=tests/support/assert.sh
. "$FLYTT_SRC/tests/support/assert.sh"
product=${1:-mariadb}

server_start "$product" old innodb_flush_log_at_trx_commit=2 sync_binlog=0
server_start "$product" new
sql_file old <<'SQL'
CREATE DATABASE shop;
USE shop;
CREATE TABLE a (writer INT, n INT, PRIMARY KEY (writer, n));
CREATE TABLE b LIKE a;
CREATE TABLE c LIKE a;
CREATE TABLE d LIKE a;
CREATE DATABASE beside;
CREATE TABLE beside.ended (yes INT);
DELIMITER //
CREATE PROCEDURE beside.run(IN writer INT)
BEGIN
    DECLARE i INT DEFAULT 0;
    WHILE NOT EXISTS (SELECT 1 FROM beside.ended) DO
        START TRANSACTION;
        INSERT INTO shop.a VALUES (writer, i);
        INSERT INTO shop.b VALUES (writer, i);
        INSERT INTO shop.c VALUES (writer, i);
        INSERT INTO shop.d VALUES (writer, i);
        COMMIT;
        SET i = i + 1;
    END WHILE;
END//
SQL
accounts_for old shop
export FLYTT_SOURCE_PASSWORD=$S_OLD_PASSWORD

# transactions GTID-SET: how many; one domain, one server.
transactions() { printf '%s\n' "${1##*-}"; }
if [ "$product" = mysql97 ]; then position=@@GLOBAL.gtid_executed; else position=@@GLOBAL.gtid_binlog_pos; fi
before=$(transactions "$(sql old "SELECT $position")")
writers=()
for writer in 1 2 3; do
    sql old "CALL beside.run($writer)" &
    writers+=($!)
done
written() { [ "$(sql old 'SELECT COUNT(*) FROM shop.a')" -gt "$1" ]; }

for round in 1 2 3 4 5 6; do
    mark=$(sql old 'SELECT COUNT(*) FROM shop.a')
    within 20 written "$mark"
    run_expect 0 dump-stream --jobs 4 -o "$T/stream" "$(url_as old flytt_dump shop)"
    run_expect 0 load-stream -i "$T/stream" "$S_NEW_URL"
    run_expect 0 load-stream --list -i "$T/stream"
    gtid=$(sed -n 's/^position: gtid \([^,]*\),.*/\1/p' <<<"$OUT")
    expected=$(($(transactions "$gtid") - before))
    [ "$expected" -gt "$mark" ] || fail "round $round: nothing was written meanwhile"
    assert_sql new "SELECT COUNT(*), (SELECT COUNT(*) FROM shop.b), (SELECT COUNT(*) FROM shop.c), (SELECT COUNT(*) FROM shop.d) FROM shop.a" \
        "$expected	$expected	$expected	$expected"
    assert_sql new "SELECT COUNT(*) FROM shop.a JOIN shop.b USING (writer, n) JOIN shop.c USING (writer, n) JOIN shop.d USING (writer, n)" "$expected"
    sql new "DROP DATABASE shop; DROP DATABASE flytt"
done
sql old "INSERT INTO beside.ended VALUES (1)"
wait "${writers[@]}"
