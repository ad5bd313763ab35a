#!/usr/bin/env bash
# Proves, on PostgreSQL: a table that is emptied, rewritten, swapped or dropped while a copy is taken is either held off or
# noticed. Never a stream that looks complete and is not. And: a long SELECT on the source never makes others queue behind us.
# SPDX-License-Identifier: MIT
set -euo pipefail
# shellcheck source=tests/support/servers.sh
. "$FLYTT_SRC/tests/support/servers.sh"
# shellcheck source=tests/support/assert.sh
. "$FLYTT_SRC/tests/support/assert.sh"

server_start postgres old
server_start postgres new
sql old "CREATE DATABASE shop"
sql old "CREATE TABLE big (id int PRIMARY KEY, t text); INSERT INTO big SELECT g, (SELECT string_agg(md5((g * 100 + i)::text), '') FROM generate_series(1, 16) i) FROM generate_series(1, 30000) g;
    CREATE TABLE small (id int PRIMARY KEY); INSERT INTO small VALUES (1), (2), (3), (4); ANALYZE" shop
from="$(url_as old postgres shop)" to="$(url_as new postgres shop)"
fresh() { sql new "DROP DATABASE IF EXISTS shop" >/dev/null 2>&1; }

# hold STATEMENT: a session that runs it in a transaction and keeps what it locks until release COMMIT|ROLLBACK.
hold() {
    rm -f "$T/hold"
    mkfifo "$T/hold"
    psql -X -q -A -t -h "$S_OLD_SOCKET" -p "$S_OLD_PORT" -U postgres -d shop <"$T/hold" >"$T/held" 2>&1 &
    HOLDER=$!
    exec 9>"$T/hold"
    printf "BEGIN; %s; SELECT 'held';\n" "$1" >&9
    within 10 grep -q held "$T/held"
}
release() {
    echo "$1;" >&9
    exec 9>&-
    wait "$HOLDER" || true
}
# The copy is in a transaction that has its snapshot, and waits for somebody's lock.
held_up() { [ "$(sql old "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND application_name = 'flytt' AND backend_xmin IS NOT NULL")" != 0 ]; }
waiting() { [ "$(sql old "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '$1'")" != 0 ]; }

for change in "TRUNCATE small" "ALTER TABLE small ALTER id TYPE bigint" "ALTER TABLE small RENAME TO was_small; CREATE TABLE small (id int PRIMARY KEY); INSERT INTO small VALUES (7)"; do
    step "between snapshot and lock: $change"
    sql old "DROP TABLE IF EXISTS was_small" shop 2>/dev/null
    hold "$change"
    dump-stream --jobs 1 -o "$T/stream" "$from" 2>"$T/dump.err" 9>&- &
    dump=$!
    # The snapshot is there, and the copy waits for the table.
    within 20 held_up
    release COMMIT
    wait "$dump" || fail "the copy failed: $(cat "$T/dump.err")"
    assert_contains "$(cat "$T/dump.err")" "starting over"
    fresh
    run_expect 0 load-stream -i "$T/stream" "$to"
    assert_eq "$(sql new "SELECT count(*), coalesce(sum(id), 0) FROM small" shop)" "$(sql old "SELECT count(*), coalesce(sum(id), 0) FROM small" shop)" "rows after: $change"
    sql old "TRUNCATE small; INSERT INTO small VALUES (1), (2), (3), (4)" shop
done

step "between snapshot and lock: DROP fails the copy, naming it, or starts over"
sql old "CREATE TABLE doomed (x int)" shop
hold "DROP TABLE doomed"
dump-stream --jobs 1 "$from" >"$T/stream" 2>"$T/dump.err" 9>&- &
dump=$!
within 20 held_up
release COMMIT
STATUS=0
wait "$dump" || STATUS=$?
if [ "$STATUS" = 0 ]; then
    run_expect 0 load-stream --check -i "$T/stream"
else
    assert_contains "$(cat "$T/dump.err")" "doomed"
    run load-stream --check -i "$T/stream"
    assert_ne "$STATUS" 0 "exit status of --check"
fi

step "while rows are read, TRUNCATE, ALTER, DROP and VACUUM FULL wait for us, and are named"
mkfifo "$T/pipe"
dump-stream --jobs 2 --progress=1s "$from" >"$T/pipe" 2>"$T/dump.err" &
dump=$!
exec 8<"$T/pipe"
head -c 4096 <&8 >"$T/stream" # the stream has begun: every table is held
for statement in "TRUNCATE small" "ALTER TABLE small ADD x int" "DROP TABLE small" "VACUUM FULL small"; do
    ! PGOPTIONS="-c lock_timeout=1s" psql -X -q -h "$S_OLD_SOCKET" -p "$S_OLD_PORT" -U postgres -d shop -c "$statement" 2>"$T/refused" || fail "not held off: $statement"
    assert_contains "$(cat "$T/refused")" "lock timeout"
done
psql -X -q -h "$S_OLD_SOCKET" -p "$S_OLD_PORT" -U postgres -d shop -c "ALTER TABLE small ADD x int" &
alter=$!
within 10 waiting 'ALTER%'
within 10 grep -q "ALTER TABLE small" "$T/dump.err"
cat <&8 >>"$T/stream"
exec 8<&-
wait "$dump" || fail "the copy failed: $(cat "$T/dump.err")"
wait "$alter" || fail "the ALTER did not go on after the copy"
fresh
run_expect 0 load-stream -i "$T/stream" "$to"
assert_eq "$(sql new "SELECT count(*), (SELECT count(*) FROM small) FROM big" shop)" $'30000\t4'

step "--on-ddl fail gives up as soon as somebody waits for us"
dump-stream --jobs 1 --on-ddl fail "$from" >"$T/pipe" 2>"$T/dump.err" &
dump=$!
exec 8<"$T/pipe"
head -c 4096 <&8 >"$T/stream"
psql -X -q -h "$S_OLD_SOCKET" -p "$S_OLD_PORT" -U postgres -d shop -c "TRUNCATE small" &
truncate=$!
# It notices, and lets go of the table although nobody reads the stream; only then is the rest of it taken.
wait "$truncate" || fail "the TRUNCATE did not go on"
cat <&8 >>"$T/stream" &
rest=$!
STATUS=0
wait "$dump" || STATUS=$?
exec 8<&-
wait "$rest" || true
assert_ne "$STATUS" 0 "exit status of the copy"
assert_contains "$(cat "$T/dump.err")" "TRUNCATE"
run load-stream --check -i "$T/stream"
assert_ne "$STATUS" 0 "exit status of --check"

step "a worker's session that is ended fails the dump, and the loader says the same"
dump-stream --jobs 1 "$from" >"$T/pipe" 2>"$T/dump.err" &
dump=$!
exec 8<"$T/pipe"
head -c 4096 <&8 >"$T/stream"
sql old "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'shop' AND query LIKE 'COPY%'" >/dev/null
cat <&8 >>"$T/stream"
exec 8<&-
STATUS=0
wait "$dump" || STATUS=$?
assert_eq "$STATUS" 69 "exit status of the dump"
fresh
run_expect 69 load-stream -i "$T/stream" "$to"
assert_contains "$ERR" "reported by dump-stream"
