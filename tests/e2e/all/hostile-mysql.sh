#!/usr/bin/env bash
# A server of the MySQL family that turns on its clients: it is given no byte of a file and no password, and nothing that it says
# takes the memory of this host, hangs a tool or crashes it.
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

server_start mariadb real
sql real "CREATE DATABASE shop; USE shop; CREATE TABLE t (id INT PRIMARY KEY, v TEXT);
    INSERT INTO t SELECT seq, REPEAT('x', 20) FROM seq_1_to_500"
accounts_for real shop
sql real "GRANT ALL ON *.* TO flytt_dump WITH GRANT OPTION"
export FLYTT_SOURCE_PASSWORD=$S_REAL_PASSWORD FLYTT_TARGET_PASSWORD=$S_REAL_PASSWORD
kBait=the-bait-in-the-file-$RANDOM
for _ in 1 2 3 4 5 6 7 8; do printf '%s\n' "$kBait"; done >"$T/bait"
tls_make "$T/tls"

run_expect 0 dump-stream "$(url_as real flytt_dump shop)" -o "$T/stream"
kTools=(dump-stream load-stream lag-wait verify-rows replica-ctl io-probe)

# command_of NAME [URL-PARAMETERS]: a run of it in which every server is the rogue one, in COMMAND.
command_of() {
    local url="mysql://flytt_dump@127.0.0.1:$ROGUE_PORT/shop${2:-}" limit=(--timeout "${kLimit:-8s}")
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

refused() { # NAME: what the tool said when it was asked for the file
    assert_eq "$STATUS" 69 "exit status of $1"
    assert_contains "$ERR" "127.0.0.1:$ROGUE_PORT"
    assert_contains "$ERR" "the server asked for the local file '$T/bait': refused, nothing of it was sent"
    assert_matches "$(cat "$ROGUE_LOG")" 'took (0|9) bytes' # 9 with an empty packet's head and the QUIT
}

step "a file is asked for in answer to the first statement, plainly and through TLS that nobody verified"
for name in "${kTools[@]}"; do
    for how in infile infile-error infile-close; do
        rogue_start mysql real --attack "$how" --file "$T/bait"
        tool "$name"
        assert_unmoved "$kBait"
        refused "$name"
    done
    rogue_start mysql real --attack infile --file "$T/bait" --cert "$T/tls/server.pem" --key "$T/tls/server.key"
    tool "$name" '?ssl-mode=required'
    assert_unmoved "$kBait"
    refused "$name"
    assert_not_contains "$(cat "$ROGUE_LOG")" "local files offered"
done

step "and in answer to every other kind of packet"
for on in greeting login prepare execute ping reset quit change-user row; do
    attacked=no
    for name in "${kTools[@]}"; do
        kLimit=3s
        rogue_start mysql real --attack infile --on "$on" --file "$T/bait"
        tool "$name"
        kLimit=
        assert_unmoved "$kBait"
        rogue_did || continue
        attacked=yes
        case $on in
        execute) refused "$name" ;;
        quit) ;; # nobody reads an answer to it
        *) assert_ne "$STATUS" 0 "exit status of $name after $on" ;;
        esac
    done
    case $on in reset | change-user) ;; *) assert_eq "$attacked" yes "was $on attacked" ;; esac
done

step "the third statement, and option files that say what they like"
cat >"$T/.my.cnf" <<-CNF
	[client]
	local-infile=1
	[flytt]
	loose-local-infile=1
	CNF
chmod 600 "$T/.my.cnf"
for nth in 2 3 5; do
    rogue_start mysql real --attack infile --nth "$nth" --file "$T/bait"
    tool dump-stream
    assert_unmoved "$kBait"
    refused dump-stream
done
rm "$T/.my.cnf"

step "an option file does not turn off the verification that the URL asks for"
printf '[client]\nssl-verify-server-cert=0\n' >"$T/lax.cnf"
rogue_start mysql real --attack nothing --cert "$T/tls/server.pem" --key "$T/tls/server.key"
tool dump-stream "?ssl-mode=verify-identity&defaults-file=$T/lax.cnf"
assert_eq "$STATUS" 78 "exit status with an option file that does not verify"

step "after a LOAD DATA of our own: what was lent for it is not there any more"
version=$(sql real 'SELECT VERSION()')
disguise=(--version "${version%%-*}=10.01.99") # so old that it has no bulk statements
server_start mariadb other
sql other "SET GLOBAL local_infile=1"
accounts_for other shop
sql other "GRANT ALL ON *.* TO flytt_dump WITH GRANT OPTION; SET PASSWORD FOR flytt_dump = PASSWORD('$S_REAL_PASSWORD')"
rogue_start mysql real --attack nothing "${disguise[@]}"
run_expect 0 dump-stream "mysql://flytt_dump@127.0.0.1:$ROGUE_PORT/shop" -o "$T/old-stream"
for file in "$T/bait" flytt; do
    rogue_start mysql other --attack infile --on loaded --file "$file" "${disguise[@]}"
    measured load-stream -i "$T/old-stream" "mysql://flytt_dump@127.0.0.1:$ROGUE_PORT"
    rogue_did || fail "no LOAD DATA was seen: $ERR"
    assert_contains "$(cat "$ROGUE_LOG")" "login with local files offered"
    assert_contains "$(cat "$ROGUE_LOG")" "took 0 bytes"
    assert_contains "$ERR" "the server asked for the local file '$file'"
    sql other "DROP DATABASE IF EXISTS shop; DROP DATABASE IF EXISTS flytt"
done
rogue_start mysql other --attack nothing "${disguise[@]}"
run_expect 0 load-stream -i "$T/old-stream" "mysql://flytt_dump@127.0.0.1:$ROGUE_PORT"
assert_sql other 'SELECT COUNT(*), COUNT(DISTINCT v) FROM shop.t' $'500\t1'
server_stop other

step "the password is not said, whoever asks for it"
for attack in clear dialog; do
    rogue_start mysql real --attack "$attack" --on login
    tool dump-stream
    assert_unmoved "$S_REAL_PASSWORD"
    assert_eq "$STATUS" 78 "exit status after $attack"
    rogue_start mysql real --attack "$attack" --on login --cert "$T/tls/server.pem" --key "$T/tls/server.key"
    tool dump-stream '?ssl-mode=required'
    assert_unmoved "$S_REAL_PASSWORD"
    assert_eq "$STATUS" 78 "exit status after $attack through TLS"
done

step "a server without TLS, or with somebody else's, is not let pass where it has to be verified"
rogue_start mysql real --attack nothing
tool dump-stream '?ssl-mode=required'
assert_eq "$STATUS" 78 "exit status where TLS is asked for and there is none"
rogue_start mysql real --attack clear --on login
tool dump-stream '?ssl-mode=verify-identity'
assert_unmoved "$S_REAL_PASSWORD"
assert_eq "$STATUS" 78 "exit status where TLS is to be verified and there is none"
rogue_start mysql real --attack nothing --cert "$T/tls/server.pem" --key "$T/tls/server.key"
tool dump-stream '?ssl-mode=verify-identity'
assert_eq "$STATUS" 78

step "no end, no sense, no answer: each ends by itself or with --timeout, in bounded memory"
kLimit=3s
kMost=$((400 * 1024))
for on in login query; do
    for attack in silent drip progress oks huge infos columns many-columns no-row few-columns switches; do
        case $on:$attack in query:switches | login:oks | login:infos | login:*column* | login:*row) continue ;; esac
        nth=1
        case $attack in no-row | few-columns) nth=2 ;; esac # the first statement has no answer to look at
        rogue_start mysql real --attack "$attack" --on "$on" --nth "$nth"
        tool dump-stream
        printf '%s %s: %s, %s KiB, %s\n' "$on" "$attack" "$STATUS" "$KIB" "$(head -n 1 "$T/err" | cut -c1-160)" >&2
        rogue_did || fail "$attack on $on was not done"
        assert_ne "$STATUS" 0 "exit status after $attack on $on"
        assert_le "$KIB" "$kMost" "KiB after $attack on $on"
        case $attack in *columns) [ "$attack" = few-columns ] || assert_contains "$ERR" "before its first row" ;; esac
    done
done
kLimit=
for name in "${kTools[@]}"; do
    kLimit=3s
    for attack in silent rows; do
        rogue_start mysql real --attack "$attack" --nth 2
        tool "$name"
        rogue_did || fail "$attack was not done to $name"
        case $STATUS in 11 | 69) ;; *) fail "exit status $STATUS of $name after $attack: $ERR" ;; esac
    done
done

step "the first SIGTERM ends every tool, in the login and after it"
kLimit=60s
for name in "${kTools[@]}"; do
    for on in login query; do
        rogue_start mysql real --attack silent --on "$on" --nth 1
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
