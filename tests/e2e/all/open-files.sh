#!/usr/bin/env bash
# Too few open files: whatever the limit is at which a tool fails, it names the limit and never blames the server, the network or
# itself.
# SPDX-License-Identifier: MIT
set -euo pipefail
# shellcheck source=tests/support/servers.sh
. "$FLYTT_SRC/tests/support/servers.sh"
# shellcheck source=tests/support/assert.sh
. "$FLYTT_SRC/tests/support/assert.sh"

limited() { # N COMMAND...
    local limit=$1
    shift
    # What a test runner left open is closed first: a shell that has no number left to save it under cannot.
    (exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&- && ulimit -n "$limit" && exec "$@")
}

# climb COMMAND...: with ever more open files, until it needs no more.
climb() {
    local limit=3
    while [ "$limit" -le 64 ]; do
        run limited "$limit" "$@"
        # Below what the dynamic linker itself needs nothing of ours has begun.
        if [ "$STATUS" = 127 ] && [[ $ERR == *'error while loading shared libraries'* ]]; then
            limit=$((limit + 1)) && continue
        fi
        # An answer: 13 is that of a preflight that has found something.
        [ "$STATUS" != 0 ] && [ "$STATUS" != 13 ] || break
        assert_eq "$STATUS" 74 "exit status with $limit open files of: $* ($OUT$ERR)"
        assert_contains "$ERR" 'Too many open files' "message with $limit open files"
        assert_contains "$ERR" 'ulimit -n' "hint with $limit open files"
        limit=$((limit + 1))
    done
    [ "$limit" -le 64 ] || fail "needs more than 64 open files: $*"
    [ "$limit" -gt 3 ] || fail "was never short of open files: $*"
}

# every tool that opens many, by socket or by TCP and TLS
each() { # URL-FUNCTION [PARAMETERS]
    local url=$1 parameters=${2:-}
    climb dump-stream -j 4 -o "$T/stream" "$("$url" old flytt_dump shop "$parameters")"
    climb io-probe rtt --count 1 "$("$url" new flytt_verify shop "$parameters")"
    climb load-stream --dry-run --if-exists drop --yes -i "$T/stream" "$("$url" new flytt_load shop "$parameters")"
    [ -n "$parameters" ] || run_expect 0 load-stream --if-exists drop --yes -i "$T/stream" "$("$url" new flytt_load shop)" # by socket comes first
    climb verify-rows -j 2 "$("$url" old flytt_verify shop "$parameters")" "$("$url" new flytt_verify shop "$parameters")"
    climb replica-ctl preflight --source-address "$S_OLD_ADDR:$S_OLD_PORT" "$("$url" old flytt_ctl shop "$parameters")" "$("$url" new flytt_ctl shop "$parameters")"
}

step 'MariaDB, by socket'
server_pair mariadb shop
# shellcheck disable=SC2154
export FLYTT_SOURCE_PASSWORD=$S_OLD_PASSWORD FLYTT_TARGET_PASSWORD=$S_NEW_PASSWORD
sql old 'CREATE DATABASE shop; USE shop; CREATE TABLE a (id INT PRIMARY KEY, t TEXT); INSERT INTO a SELECT seq, seq FROM seq_1_to_1000'
each url_as
step 'MariaDB, by TLS'
each tcp_url_as "ssl-ca=$T/tls/ca.pem&ssl-mode=verify-ca"
servers_stop_all

step PostgreSQL
unset S_OLD_PASSWORD S_NEW_PASSWORD
server_pair postgres shop
FLYTT_SOURCE_PASSWORD=$S_OLD_PASSWORD FLYTT_TARGET_PASSWORD=$S_NEW_PASSWORD
sql old 'CREATE TABLE a (id int PRIMARY KEY, t text); INSERT INTO a SELECT i, i FROM generate_series(1, 1000) i' shop
each url_as
each tcp_url_as "sslmode=verify-full&sslrootcert=$T/tls/ca.pem"
