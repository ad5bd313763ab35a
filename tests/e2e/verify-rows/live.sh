#!/usr/bin/env bash
# A pair under writes: no false difference with --live, and real ones are found; a stopped channel proves nothing.
# SPDX-License-Identifier: MIT
set -euo pipefail
# shellcheck source=tests/support/servers.sh
. "$FLYTT_SRC/tests/support/servers.sh"
# shellcheck source=tests/support/assert.sh
. "$FLYTT_SRC/tests/support/assert.sh"

server_pair mariadb shop
export FLYTT_SOURCE_PASSWORD=$S_OLD_PASSWORD FLYTT_TARGET_PASSWORD=$S_NEW_PASSWORD
sql new "SET SQL_LOG_BIN = 0; CREATE USER IF NOT EXISTS keep@localhost"
sql new "CHANGE MASTER 'flytt' TO MASTER_HOST='127.0.0.2', MASTER_PORT=$S_OLD_PORT, MASTER_USER='flytt_repl', MASTER_PASSWORD='$S_OLD_PASSWORD',
    MASTER_SSL=1, MASTER_SSL_CA='$T/tls/ca.pem', MASTER_SSL_VERIFY_SERVER_CERT=0, MASTER_USE_GTID=slave_pos;
    SET GLOBAL flytt.replicate_wild_do_table='shop.%'; START SLAVE 'flytt'"
sql old "CREATE DATABASE IF NOT EXISTS shop; USE shop; CREATE TABLE shop.stock (id INT PRIMARY KEY, n INT NOT NULL, t VARCHAR(40));
    INSERT INTO shop.stock SELECT seq, 0, SHA1(seq) FROM seq_1_to_60000; CREATE TABLE shop.log (n INT, t VARCHAR(40))"
applied() { [ "$(sql new "SELECT COUNT(*) FROM shop.stock" 2>/dev/null)" = 60000 ] && sql new "SELECT 1 FROM shop.log LIMIT 0" 2>/dev/null; }
within 60 applied
verify() { verify-rows "$@" "$(url_as old flytt_verify shop)" "$(url_as new flytt_verify shop)"; }

# It leaves alone the rows from 301 to 60000, where differences are planted: a row that one side lacks would stop the channel.
writer() {
    while [ ! -e "$T/stop" ]; do
        printf 'UPDATE shop.stock SET n = n + 1 WHERE id = %d;' $((1 + RANDOM % 300))
        printf 'DELETE FROM shop.stock WHERE id = %d; INSERT INTO shop.stock VALUES (%d, 1, NOW(6));' $((60001 + RANDOM % 50)) $((60101 + RANDOM * 3 + RANDOM))
        printf 'REPLACE INTO shop.stock VALUES (%d, 2, NOW(6));' $((60001 + RANDOM % 50))
        sleep 0.002
    done | mariadb --no-defaults --socket="$S_OLD_SOCKET" --user=root --force 2>/dev/null
}

step "under writes: nothing is called different"
writer &
WRITER=$!
for i in 1 2 3 4 5 6; do
    run verify --live --jobs $((1 + i % 2)) --chunk-size 64K -t shop.stock
    [[ $STATUS == 0 || $STATUS == 10 ]] || fail "status $STATUS: $OUT $ERR"
    assert_matches "$OUT" 'missing 0  extra 0  different 0'
done
equal_beside_writes() { verify --live -t shop.stock >"$T/out" 2>"$T/err"; }
within 30 equal_beside_writes

step "under writes: planted differences are found, all of them"
sql new "SET SQL_LOG_BIN = 0; UPDATE shop.stock SET t = 'wrong' WHERE id IN (40000, 59999); DELETE FROM shop.stock WHERE id = 35001; INSERT INTO shop.stock VALUES (-1, 0, 'extra')"
run_expect 1 verify --live -t shop.stock
assert_matches "$OUT" 'missing 1  extra 1  different 2'
assert_contains "$OUT" "  missing    id=35001"
assert_contains "$OUT" "  extra      id=-1"
assert_matches "$OUT" "  different  id=40000  t: '[0-9a-f]+' \| 'wrong'"
touch "$T/stop"
wait "$WRITER" || true

step "a channel that stands still decides nothing"
sql new "SET SQL_LOG_BIN = 0; REPLACE INTO shop.stock SELECT 40000, n, SHA1(40000) FROM shop.stock WHERE id = 40000;
    UPDATE shop.stock SET t = SHA1(59999) WHERE id = 59999; DELETE FROM shop.stock WHERE id = -1; INSERT INTO shop.stock VALUES (35001, 0, SHA1(35001))"
sql old "SELECT n FROM shop.stock WHERE id = 35001" >"$T/n"
sql new "SET SQL_LOG_BIN = 0; UPDATE shop.stock SET n = $(cat "$T/n") WHERE id = 35001"
run_expect 0 verify --live -t shop.stock
sql new "STOP SLAVE 'flytt' SQL_THREAD"
sql old "UPDATE shop.stock SET t = 'later' WHERE id = 9"
run_expect 10 verify --live --live-wait 2s -t shop.stock
assert_matches "$OUT" 'undecided +shop\.stock .* undecided 1'
assert_contains "$OUT" 'channel flytt on the target'
run_expect 1 verify -t shop.stock
sql new "START SLAVE 'flytt' SQL_THREAD"
run_expect 0 verify --live -t shop.stock
