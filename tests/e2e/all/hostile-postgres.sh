#!/usr/bin/env bash
# A PostgreSQL server that turns on its clients: nothing that it says takes the memory of this host, hangs a tool, crashes it, or
# makes it send what it was not asked to.
# flytt-test: timeout=900
# SPDX-License-Identifier: MIT
set -euo pipefail
# shellcheck source=tests/support/servers.sh
. "$FLYTT_SRC/tests/support/servers.sh"
# shellcheck source=tests/support/assert.sh
. "$FLYTT_SRC/tests/support/assert.sh"
# shellcheck source=tests/support/rogue.sh
. "$FLYTT_SRC/tests/support/rogue.sh"
use_test_dir
export HOME=$T

server_start postgres real
accounts_for real shop
sql real "CREATE TABLE t (id INT PRIMARY KEY, v TEXT); INSERT INTO t SELECT i, repeat('x', 20) FROM generate_series(1, 500) i;
    ALTER ROLE flytt_dump SUPERUSER" shop
export FLYTT_SOURCE_PASSWORD=$S_REAL_PASSWORD FLYTT_TARGET_PASSWORD=$S_REAL_PASSWORD
tls_make "$T/tls"
run_expect 0 dump-stream "$(url_as real flytt_dump shop)" -o "$T/stream"
kTools=(dump-stream load-stream lag-wait verify-rows replica-ctl io-probe)

# command_of NAME [URL-PARAMETERS]: a run of it in which every server is the rogue one, in COMMAND.
command_of() {
    local url="postgres://flytt_dump@127.0.0.1:$ROGUE_PORT/shop${2:-}" limit=(--timeout "${kLimit:-8s}")
    case $1 in
    dump-stream) COMMAND=(dump-stream "${limit[@]}" "$url" -o "$T/out.stream") ;;
    load-stream) COMMAND=(load-stream "${limit[@]}" --if-exists append -i "$T/stream" "$url") ;;
    lag-wait) COMMAND=(lag-wait "${limit[@]}" --zero "$url" "$url") ;;
    verify-rows) COMMAND=(verify-rows "${limit[@]}" "$url" "$url") ;;
    replica-ctl) COMMAND=(replica-ctl status "${limit[@]}" "$url" "$url") ;;
    io-probe) COMMAND=(io-probe rtt "${limit[@]}" --count 2 "$url") ;;
    esac
}

tool() {
    command_of "$@"
    measured "${COMMAND[@]}"
}

step "a COPY that nobody asked for"
for name in "${kTools[@]}"; do
    for attack in copy-in copy-out copy-both; do
        rogue_start postgres real --attack "$attack" --nth 2
        tool "$name"
        rogue_did || fail "$attack was not done to $name"
        assert_eq "$STATUS" 69 "exit status of $name after $attack"
        assert_contains "$ERR" "127.0.0.1:$ROGUE_PORT"
        assert_contains "$ERR" "is a COPY, and none was asked for"
    done
done

step "no end, no sense, no answer: each ends by itself or with --timeout, in bounded memory"
kLimit=3s
kMost=$((800 * 1024))
for on in startup query row; do
    for attack in silent drip huge negative rows notices error errors parameters notify no-row few-columns; do
        case $on:$attack in startup:*row* | startup:few-columns | row:no-row | row:few-columns | row:rows) continue ;; esac
        nth=1
        case $attack in no-row | few-columns) nth=2 ;; esac # the first statement has no answer to look at
        rogue_start postgres real --attack "$attack" --on "$on" --nth "$nth"
        tool dump-stream
        printf '%s %s: %s, %s KiB, %s\n' "$on" "$attack" "$STATUS" "$KIB" "$(head -n 1 "$T/err" | cut -c1-160)" >&2
        rogue_did || fail "$attack on $on was not done"
        assert_ne "$STATUS" 0 "exit status after $attack on $on"
        case $attack in rows) ;; *) assert_le "$KIB" "$kMost" "KiB after $attack on $on" ;; esac
    done
done
for name in "${kTools[@]}"; do
    for attack in silent rows notices; do
        rogue_start postgres real --attack "$attack" --nth 2
        tool "$name"
        rogue_did || fail "$attack was not done to $name"
        case $STATUS in 11 | 69) ;; *) fail "exit status $STATUS of $name after $attack: $ERR" ;; esac
    done
done

step "the password is not said to a server that is not verified: as far as the client library can be told"
if [ "$(pg_config --version | sed 's/[^0-9]*\([0-9]*\).*/\1/')" -ge 16 ]; then
    rogue_start postgres real --attack clear --on startup
    tool dump-stream
    assert_unmoved "$S_REAL_PASSWORD"
    rogue_start postgres real --attack clear --on startup --cert "$T/tls/server.pem" --key "$T/tls/server.key"
    tool dump-stream '?sslmode=require'
    assert_unmoved "$S_REAL_PASSWORD"
fi
rogue_start postgres real --attack clear --on startup --cert "$T/tls/server.pem" --key "$T/tls/server.key"
tool dump-stream '?sslmode=verify-full'
assert_unmoved "$S_REAL_PASSWORD"
assert_eq "$STATUS" 78

step "a host out of the environment is verified as one of the URL is"
run env PGHOST=192.0.2.1 dump-stream --timeout 5s "postgres:///shop" -o "$T/out.stream"
assert_eq "$STATUS" 78
run dump-stream --timeout 5s "postgres://localhost/shop?hostaddr=192.0.2.1&sslmode=disable" -o "$T/out.stream"
assert_ne "$STATUS" 0

step "the first SIGTERM ends every tool, in the login and after it"
kLimit=60s
for name in "${kTools[@]}"; do
    for on in startup query; do
        rogue_start postgres real --attack silent --on "$on"
        command_of "$name"
        "${COMMAND[@]}" >"$T/out" 2>"$T/err" &
        pid=$!
        within 10 rogue_did
        kill -TERM "$pid"
        within 15 gone "$pid"
        status=0
        wait "$pid" || status=$?
        assert_eq "$status" 143 "exit status of $name after SIGTERM in its $on"
    done
done
rogue_stop
