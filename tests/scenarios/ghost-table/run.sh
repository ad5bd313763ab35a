#!/usr/bin/env bash
# Proves: a table that is swapped, emptied, dropped or rebuilt while a copy is taken is either held off or noticed. Never a
# stream that looks complete and is not. And: a long SELECT on the source never makes others queue behind us.
# SPDX-License-Identifier: MIT
set -euo pipefail
# shellcheck source=tests/support/servers.sh
. "$FLYTT_SRC/tests/support/servers.sh"
# shellcheck source=tests/support/assert.sh
. "$FLYTT_SRC/tests/support/assert.sh"

server_start mariadb old
server_start mariadb new
sql old "CREATE DATABASE shop; USE shop; CREATE TABLE shop.big (id INT PRIMARY KEY, t TEXT);
    INSERT INTO shop.big SELECT seq, REPEAT(SHA2(seq, 512), 8) FROM seq_1_to_30000;
    CREATE TABLE shop.small (id INT PRIMARY KEY); INSERT INTO shop.small VALUES (1), (2), (3), (4); ANALYZE TABLE shop.big, shop.small" >/dev/null

# hold STATEMENT: a session that runs it and keeps what it locks until release; sets HELD (its input).
hold() {
    mkfifo "$T/hold"
    mariadb --no-defaults --socket="$S_OLD_SOCKET" --user=root --unbuffered --batch --skip-column-names <"$T/hold" >"$T/held" 2>&1 &
    HOLDER=$!
    exec 9>"$T/hold"
    printf '%s; SELECT "held";\n' "$1" >&9
    within 10 grep -q held "$T/held"
}
release() {
    exec 9>&-
    wait "$HOLDER" || true
    rm -f "$T/hold"
}
waiting() { [ "$(sql old "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE STATE LIKE 'Waiting for%metadata lock' AND INFO LIKE '$1'")" != 0 ]; }

step "a ghost table is swapped in after the view was opened and before the table was taken hold of"
hold "LOCK TABLES shop.big WRITE"
dump-stream --jobs 1 -o "$T/stream" "$S_OLD_URL" -d shop 2>"$T/dump.err" 9>&- &
dump=$!
# The largest table is taken hold of first: there the copy waits now, its view already open.
within 20 waiting 'SELECT%'
sql old "CREATE TABLE shop.ghost (id INT PRIMARY KEY); INSERT INTO shop.ghost VALUES (1), (2);
    INSERT INTO shop.ghost VALUES (3), (4); RENAME TABLE shop.small TO shop.was_small, shop.ghost TO shop.small"
release
wait "$dump" || fail "the copy failed: $(cat "$T/dump.err")"
assert_contains "$(cat "$T/dump.err")" "starting over"
run_expect 0 load-stream -i "$T/stream" "$S_NEW_URL"
assert_sql new "SELECT COUNT(*) FROM shop.small" 4
sql old "DROP TABLE shop.was_small"
sql new "DROP DATABASE shop; DROP DATABASE flytt"

step "while rows are read, RENAME, TRUNCATE, DROP and ALTER wait for us, and are named"
mkfifo "$T/pipe"
dump-stream --jobs 2 --progress=1s "$S_OLD_URL" -d shop >"$T/pipe" 2>"$T/dump.err" &
dump=$!
exec 8<"$T/pipe"
head -c 4096 <&8 >"$T/stream" # the stream has begun: every table is held
for statement in "RENAME TABLE shop.small TO shop.gone" "TRUNCATE TABLE shop.small" "DROP TABLE shop.small" "ALTER TABLE shop.small ADD COLUMN x INT, ALGORITHM=COPY"; do
    ! sql old "SET lock_wait_timeout=1; $statement" 2>"$T/refused" || fail "not held off: $statement"
    assert_contains "$(cat "$T/refused")" "Lock wait timeout"
done
mariadb --no-defaults --socket="$S_OLD_SOCKET" --user=root -e "SET lock_wait_timeout=900; ALTER TABLE shop.small ADD COLUMN x INT" 2>/dev/null &
alter=$!
within 10 waiting 'ALTER%'
within 10 grep -q "ALTER TABLE shop.small" "$T/dump.err"
cat <&8 >>"$T/stream"
exec 8<&-
wait "$dump" || fail "the copy failed: $(cat "$T/dump.err")"
wait "$alter" || fail "the ALTER did not go on after the copy"
run_expect 0 load-stream -i "$T/stream" "$S_NEW_URL"
assert_sql new "SELECT COUNT(*), (SELECT COUNT(*) FROM shop.small) FROM shop.big" $'30000\t4'

step "--on-ddl fail gives up as soon as somebody waits for us"
dump-stream --jobs 1 --on-ddl fail "$S_OLD_URL" -d shop >"$T/pipe" 2>"$T/dump.err" &
dump=$!
exec 8<"$T/pipe"
head -c 4096 <&8 >"$T/stream"
mariadb --no-defaults --socket="$S_OLD_SOCKET" --user=root -e "SET lock_wait_timeout=900; TRUNCATE TABLE shop.small" 2>/dev/null &
truncate=$!
within 10 waiting 'TRUNCATE%'
cat <&8 >>"$T/stream" &
rest=$!
STATUS=0
wait "$dump" || STATUS=$?
exec 8<&-
wait "$rest" || true
assert_ne "$STATUS" 0 "exit status of the copy"
assert_contains "$(cat "$T/dump.err")" "TRUNCATE"
wait "$truncate" || fail "the TRUNCATE did not go on"
run load-stream --check -i "$T/stream"
assert_ne "$STATUS" 0 "exit status of --check"

step "a long SELECT and a copy: other users' short statements do not queue"
mariadb --no-defaults --socket="$S_OLD_SOCKET" --user=root -e "SELECT COUNT(*), SLEEP(900) FROM shop.small WHERE SLEEP(900) = 0 OR 1" >/dev/null 2>&1 &
long=$!
run_expect 0 dump-stream -o "$T/stream" "$S_OLD_URL" -d shop
alive "$long" || fail "the long SELECT was over: nothing is proved"
sql old "SET lock_wait_timeout=1; SELECT COUNT(*) FROM shop.big; INSERT INTO shop.small (id) VALUES (99)" >/dev/null
kill "$long" 2>/dev/null || true
wait "$long" 2>/dev/null || true
