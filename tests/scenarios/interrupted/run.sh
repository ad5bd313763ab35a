#!/usr/bin/env bash
# Proves: SIGINT ends either tool within 2 s, in the middle of a long SELECT as of an ALTER, and leaves no session behind.
# SPDX-License-Identifier: MIT
set -euo pipefail
# shellcheck source=tests/support/servers.sh
. "$FLYTT_SRC/tests/support/servers.sh"
# shellcheck source=tests/support/assert.sh
. "$FLYTT_SRC/tests/support/assert.sh"

server_start mariadb old
server_start mariadb new
sql old "CREATE DATABASE shop; USE shop; CREATE TABLE shop.big (id INT PRIMARY KEY, a CHAR(64), b CHAR(64), c CHAR(64), KEY a (a), KEY b (b), KEY c (c), FULLTEXT KEY f (a, b, c));
    INSERT INTO shop.big SELECT seq, SHA2(seq, 256), SHA2(-seq, 256), SHA2(seq + 0.5, 256) FROM seq_1_to_150000;
    ANALYZE TABLE shop.big" >/dev/null # a table that is known to be large gets its indexes after the rows
accounts_for old shop
accounts_for new shop
export FLYTT_SOURCE_PASSWORD=$S_OLD_PASSWORD FLYTT_TARGET_PASSWORD=$S_NEW_PASSWORD
sessions() { sql "$1" "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE USER = '$2'"; }
running() { [ "$(sql "$1" "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE USER = '$2' AND INFO LIKE '$3'")" != 0 ]; }
none_left() { [ "$(sessions "$1" "$2")" = 0 ]; }

# interrupt PID: SIGINT, and it ends, long before its statement would have.
interrupt() {
    local status=0
    kill -INT "$1"
    within 2 gone "$1"
    wait "$1" || status=$?
    assert_eq "$status" 130 "exit status"
}

step "dump-stream, in a SELECT that takes long"
# In a script a background job ignores SIGINT unless it is started with job control.
set -m
dump-stream --where 'shop.big=SLEEP(0.01) = 0' "$(url_as old flytt_dump shop)" >"$T/stream" 2>"$T/dump.err" &
pid=$!
within 20 running old flytt_dump 'SELECT%SLEEP%'
interrupt "$pid"
within 2 none_left old flytt_dump
run load-stream --check -i "$T/stream"
assert_ne "$STATUS" 0 "exit status of --check"

step "load-stream, in an ALTER that takes long"
run_expect 0 dump-stream -o "$T/stream" "$(url_as old flytt_dump shop)"
load-stream -i "$T/stream" "$(url_as new flytt_load)" 2>"$T/load.err" &
pid=$!
within 60 running new flytt_load 'ALTER%'
interrupt "$pid"
assert_contains "$(cat "$T/load.err")" "load-stream"
within 2 none_left new flytt_load
run_expect 0 load-stream -i "$T/stream" "$(url_as new flytt_load)"
assert_eq "$(sql new 'SHOW CREATE TABLE shop.big')" "$(sql old 'SHOW CREATE TABLE shop.big')"
assert_sql new "CHECKSUM TABLE shop.big" "$(sql old 'CHECKSUM TABLE shop.big')"
