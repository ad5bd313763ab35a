#!/usr/bin/env bash
# kill -9 of load-stream at any time, then the same stream again: complete, every row exactly once.
# SPDX-License-Identifier: MIT
set -euo pipefail
# shellcheck source=tests/support/servers.sh
. "$FLYTT_SRC/tests/support/servers.sh"
# shellcheck source=tests/support/assert.sh
. "$FLYTT_SRC/tests/support/assert.sh"

server_start mariadb old
server_start mariadb new
# Tables without a key would show a chunk that is loaded twice.
sql old "CREATE DATABASE shop; USE shop; CREATE TABLE shop.log (a INT, b CHAR(64), KEY b (b), FULLTEXT KEY f (b));
    INSERT INTO shop.log SELECT seq, SHA2(seq, 256) FROM seq_1_to_100000;
    CREATE TABLE shop.keyed (id INT PRIMARY KEY, b CHAR(64), KEY b (b)); INSERT INTO shop.keyed SELECT * FROM shop.log;
    CREATE VIEW shop.v AS SELECT COUNT(*) AS n FROM shop.log;
    CREATE TRIGGER shop.t BEFORE INSERT ON shop.log FOR EACH ROW SET NEW.a = NEW.a + 1; ANALYZE TABLE shop.log, shop.keyed" >/dev/null
run_expect 0 dump-stream --chunk-size 256K -o "$T/stream" "$S_OLD_URL" -d shop
chunks() { sql new "SELECT COUNT(*) FROM flytt.ledger WHERE chunk > 0" 2>/dev/null || echo 0; }
at_least() { [ "$(chunks)" -ge "$1" ]; }

for after in 1 4 9 16; do
    load-stream -i "$T/stream" "$S_NEW_URL" >"$T/log" 2>&1 &
    pid=$!
    until at_least "$after" || gone "$pid"; do sleep 0.01; done
    kill -KILL "$pid" 2>/dev/null || true
    wait "$pid" || true
done
run_expect 0 load-stream -i "$T/stream" "$S_NEW_URL"
assert_sql new "CHECKSUM TABLE shop.log, shop.keyed" "$(sql old 'CHECKSUM TABLE shop.log, shop.keyed')"
assert_sql new "SELECT n FROM shop.v" 100000
assert_eq "$(sql new 'SHOW CREATE TABLE shop.log')" "$(sql old 'SHOW CREATE TABLE shop.log')"
assert_sql new "SELECT COUNT(*) FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA='shop'" 1

step "killed in the middle of an ALTER, which the server goes on with, and begun again at once"
sql new "DROP DATABASE shop; DROP DATABASE flytt"
altering() { [ "$(sql new "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE INFO LIKE 'ALTER TABLE%ADD%'")" != 0 ]; }
load-stream -i "$T/stream" "$S_NEW_URL" >"$T/log" 2>&1 &
pid=$!
within 60 altering
kill -KILL "$pid"
run_expect 0 load-stream -i "$T/stream" "$S_NEW_URL"
wait "$pid" || true
assert_sql new "CHECKSUM TABLE shop.log, shop.keyed" "$(sql old 'CHECKSUM TABLE shop.log, shop.keyed')"
assert_eq "$(sql new 'SHOW CREATE TABLE shop.log')" "$(sql old 'SHOW CREATE TABLE shop.log')"

step "two loads of one copy at once: one waits outside"
sql new "DROP DATABASE shop; DROP DATABASE flytt"
mkfifo "$T/pipe"
load-stream <"$T/pipe" "$S_NEW_URL" >"$T/log" 2>&1 &
pid=$!
exec 8>"$T/pipe"
head -c $(($(stat -c %s "$T/stream") / 2)) "$T/stream" >&8
within 30 at_least 1
run_expect 12 load-stream -i "$T/stream" "$S_NEW_URL"
assert_contains "$ERR" "being loaded"
run_expect 12 load-stream --discard "$(sql new 'SELECT uuid FROM flytt.copies')" "$S_NEW_URL"
tail -c +$(($(stat -c %s "$T/stream") / 2 + 1)) "$T/stream" >&8
exec 8>&-
wait "$pid" || fail "the first load failed: $(cat "$T/log")"
assert_sql new "SELECT COUNT(*) FROM shop.log" 100000

step "a half-loaded copy is named, with the command that removes it, and the command works"
sql new "DROP DATABASE shop; DROP DATABASE flytt"
head -c $(($(stat -c %s "$T/stream") / 2)) "$T/stream" >"$T/half"
run_expect 65 load-stream -i "$T/half" "$S_NEW_URL"
run_expect 0 dump-stream -o "$T/other" "$S_OLD_URL" -d shop
run_expect 13 load-stream -i "$T/other" "$S_NEW_URL"
assert_contains "$ERR" "--discard"
uuid=$(sql new "SELECT DISTINCT uuid FROM flytt.ledger LIMIT 1")
assert_contains "$ERR" "$uuid"
run_expect 0 load-stream --discard "$uuid" "$S_NEW_URL"
assert_sql new "SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_SCHEMA='shop'" 0
run_expect 0 load-stream -i "$T/other" "$S_NEW_URL"
assert_sql new "SELECT COUNT(*) FROM shop.log" 100000
