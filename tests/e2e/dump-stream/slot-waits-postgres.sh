#!/usr/bin/env bash
# A slot that waits for transactions names them, whichever database they are in, gives up after a minute and leaves nothing.
# SPDX-License-Identifier: MIT
set -euo pipefail
# shellcheck source=tests/support/servers.sh
. "$FLYTT_SRC/tests/support/servers.sh"
# shellcheck source=tests/support/assert.sh
. "$FLYTT_SRC/tests/support/assert.sh"
server_start postgres old wal_level=logical max_prepared_transactions=2
sql old "CREATE DATABASE shop"
sql old "CREATE DATABASE elsewhere"
sql old "CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1)" shop
sql old "BEGIN; CREATE TABLE zzz (id int); PREPARE TRANSACTION 'forgotten'" elsewhere
mkfifo "$T/hold"
psql -X -q -A -t -h "$S_OLD_SOCKET" -p "$S_OLD_PORT" -U postgres -d shop <"$T/hold" >"$T/held" &
holder=$!
exec 9>"$T/hold"
echo "BEGIN; INSERT INTO t VALUES (2) RETURNING 'held';" >&9
within 10 grep -q held "$T/held"

step "named soon, given up in the end, and nothing stays"
dump-stream --slot move -o "$T/s" "$(url_as old postgres shop)" 2>"$T/dump.err" 9>&- &
dump=$!
within 10 grep -q "waits for transactions.*'forgotten' of postgres in elsewhere.*postgres in shop, idle in transaction" "$T/dump.err"
status=0
wait "$dump" || status=$?
assert_eq "$status" 69 "exit status ($(cat "$T/dump.err"))"
assert_matches "$(tail -n 2 "$T/dump.err")" 'after 60 s these transactions.*still open.*forgotten'
assert_contains "$(tail -n 1 "$T/dump.err")" 'ROLLBACK PREPARED'
assert_sql old "SELECT (SELECT count(*) FROM pg_replication_slots) + (SELECT count(*) FROM pg_publication) + (SELECT count(*) FROM pg_stat_activity WHERE application_name = 'flytt')" 0

step "a signal ends the wait at once"
env --default-signal=INT dump-stream --slot move -o "$T/s" "$(url_as old postgres shop)" 2>"$T/signal.err" 9>&- &
dump=$!
within 10 grep -q "waits for transactions" "$T/signal.err"
kill -INT "$dump"
status=0
wait "$dump" || status=$?
assert_eq "$status" 130 "exit status ($(cat "$T/signal.err"))"
slots_gone() { [ "$(sql old "SELECT count(*) FROM pg_replication_slots")" = 0 ]; }
within 5 slots_gone

step "and when they have ended, it goes on"
echo "COMMIT;" >&9
exec 9>&-
wait "$holder"
sql old "ROLLBACK PREPARED 'forgotten'" elsewhere
run_expect 0 dump-stream --slot move -o "$T/s" "$(url_as old postgres shop)"
