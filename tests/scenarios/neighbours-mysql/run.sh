#!/usr/bin/env bash
# Proves, on MySQL 9.7: a copy never makes others queue behind a long SELECT, it waits for an open transaction without holding
# up others for longer than a second, what that transaction wrote is in the copy or not as its position says, and a table
# cannot be swapped, emptied, dropped or rebuilt meanwhile.
# flytt-test: labels=matrix
# SPDX-License-Identifier: MIT
set -euo pipefail
# shellcheck source=tests/support/servers.sh
. "$FLYTT_SRC/tests/support/servers.sh"
# shellcheck source=tests/support/assert.sh
. "$FLYTT_SRC/tests/support/assert.sh"

server_start mysql97 old
server_start mysql97 new
sql old "SET SESSION cte_max_recursion_depth = 100000; CREATE DATABASE shop; CREATE TABLE shop.big (id INT PRIMARY KEY, t TEXT);
    INSERT INTO shop.big WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < 30000) SELECT n, REPEAT(SHA2(n, 512), 8) FROM s;
    CREATE TABLE shop.small (id INT PRIMARY KEY); INSERT INTO shop.small VALUES (1), (2), (3), (4); ANALYZE TABLE shop.big, shop.small" >/dev/null
accounts_for old shop
export FLYTT_SOURCE_PASSWORD=$S_OLD_PASSWORD

# hold STATEMENT: a session that runs it and keeps what it holds until release.
hold() {
    mkfifo "$T/hold"
    mariadb --no-defaults --socket="$S_OLD_SOCKET" --user=root --unbuffered --batch --skip-column-names <"$T/hold" >"$T/held" 2>&1 &
    HOLDER=$!
    exec 9>"$T/hold"
    printf '%s; SELECT "held";\n' "$1" >&9
    within 10 grep -q held "$T/held"
}
release() { # STATEMENT
    printf '%s;\n' "$1" >&9
    exec 9>&-
    wait "$HOLDER" || true
    rm -f "$T/hold"
}
running() { [ "$(sql old "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE INFO LIKE '$1'")" != 0 ]; }

step "a SELECT that has just begun and takes long"
hold "SELECT GET_LOCK('go on', 0)"
sql old "SELECT COUNT(*) FROM shop.small WHERE GET_LOCK('go on', 3600) = 1" >/dev/null 9>&- &
long=$!
within 10 running 'SELECT COUNT(*) FROM shop.small WHERE GET_LOCK%'
run_expect 0 dump-stream -o "$T/stream" "$(url_as old flytt_dump shop)"
alive "$long" || fail "the SELECT was over before the copy: nothing is proved"
sql old "SET SESSION lock_wait_timeout = 1; SELECT COUNT(*) FROM shop.small; INSERT INTO shop.small VALUES (5); DELETE FROM shop.small WHERE id = 5" >/dev/null
release "SELECT 1"
wait "$long" || fail "the SELECT failed"

step "a transaction that stays open for a while"
hold "START TRANSACTION; INSERT INTO shop.small VALUES (6)"
dump-stream --jobs 1 -o "$T/stream" "$(url_as old flytt_dump shop)" 2>"$T/dump.err" 9>&- &
dump=$!
sessions() { [ "$(sql old "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE USER = 'flytt_dump'")" -ge "$1" ]; }
within 20 sessions 5 # those that read, those that watch and hold, and the one that is about to ask for the lock
# Patience: it has not even asked for the lock, so nobody waits.
sql old "SET SESSION lock_wait_timeout = 1; INSERT INTO shop.small VALUES (7)"
alive "$dump" || fail "the copy did not wait: $(cat "$T/dump.err")"
release COMMIT
wait "$dump" || fail "the copy failed: $(cat "$T/dump.err")"
run_expect 0 load-stream -i "$T/stream" "$S_NEW_URL"
assert_sql new "SELECT GROUP_CONCAT(id ORDER BY id) FROM shop.small" 1,2,3,4,6,7
sql new "DROP DATABASE shop; DROP DATABASE flytt"

step "while rows are read, nobody can put another table in the place of one"
mkfifo "$T/pipe"
dump-stream --jobs 2 "$(url_as old flytt_dump shop)" >"$T/pipe" 2>"$T/dump.err" &
dump=$!
exec 8<"$T/pipe"
head -c 4096 <&8 >"$T/stream" # the stream has begun: the server is held
for statement in "RENAME TABLE shop.small TO shop.gone" "TRUNCATE TABLE shop.small" "DROP TABLE shop.small" "ALTER TABLE shop.small ADD COLUMN x INT, ALGORITHM=COPY" \
    "CREATE TABLE shop.other (id INT)"; do
    ! sql old "SET lock_wait_timeout=1; $statement" 2>"$T/refused" || fail "not held off: $statement"
    assert_contains "$(cat "$T/refused")" "Lock wait timeout"
done
sql old "INSERT INTO shop.small VALUES (8); UPDATE shop.big SET t = 'new' WHERE id = 30000"
cat <&8 >>"$T/stream"
exec 8<&-
wait "$dump" || fail "the copy failed: $(cat "$T/dump.err")"
run_expect 0 load-stream -i "$T/stream" "$S_NEW_URL"
assert_sql new "SELECT COUNT(*), (SELECT COUNT(*) FROM shop.small), (SELECT LENGTH(t) FROM shop.big WHERE id = 30000) FROM shop.big" $'30000\t6\t1024'
