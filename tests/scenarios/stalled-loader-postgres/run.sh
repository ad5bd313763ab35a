#!/usr/bin/env bash
# Proves: a loader of PostgreSQL that stands still for longer than the servers' own time limits does not end the copy.
# The limits are set to 2 s, so that a stop of 8 s stands for one of several minutes.
# SPDX-License-Identifier: MIT
set -euo pipefail
# shellcheck source=tests/support/servers.sh
. "$FLYTT_SRC/tests/support/servers.sh"
# shellcheck source=tests/support/assert.sh
. "$FLYTT_SRC/tests/support/assert.sh"

limits=(statement_timeout=2s idle_in_transaction_session_timeout=2s idle_session_timeout=2s lock_timeout=2s tcp_user_timeout=2000)
server_start postgres old "${limits[@]}"
server_start postgres new "${limits[@]}"
sql old "CREATE DATABASE shop"
sql old "SET statement_timeout = 0; CREATE TABLE big (a int, t text);
    INSERT INTO big SELECT g, sha512(g::text::bytea)::text || sha512((-g)::text::bytea) FROM generate_series(1, 200000) g;
    CREATE TABLE keyed (id int PRIMARY KEY, t text); INSERT INTO keyed SELECT * FROM big; ANALYZE" shop
mkfifo "$T/pipe"
load-stream "$(url_as new postgres shop)" <"$T/pipe" >"$T/out" 2>"$T/load.err" &
loader=$!
dump-stream --jobs 2 "$(url_as old postgres shop)" >"$T/pipe" 2>"$T/dump.err" &
dump=$!
begun() { [ "$(sql new "SELECT count(*) FROM flytt.ledger WHERE phase = 'chunk'" shop 2>/dev/null || echo 0)" -ge 1 ]; }
within 60 begun
kill -STOP "$loader"
# What is waited for is time itself: longer than the servers' own limits.
sleep "${FLYTT_STALL_SECONDS:-8}"
alive "$dump" || fail "the copy ended while its reader stood still: $(cat "$T/dump.err")"
kill -CONT "$loader"
wait "$dump" || fail "dump-stream: $(cat "$T/dump.err")"
wait "$loader" || fail "load-stream: $(cat "$T/load.err")"
sums="SET statement_timeout = 0; SELECT count(*), sum(hashtextextended(t, a)::numeric) FROM big; SELECT count(*), sum(hashtextextended(t, id)::numeric) FROM keyed"
assert_eq "$(sql new "$sums" shop)" "$(sql old "$sums" shop)" "rows and their sums"
