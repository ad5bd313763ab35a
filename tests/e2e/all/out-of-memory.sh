#!/usr/bin/env bash
# Memory that a process may not have is 74 and names what to lower, whatever the tool, the thread and the moment.
# flytt-test: serial
# SPDX-License-Identifier: MIT
set -euo pipefail
# shellcheck source=tests/support/servers.sh
. "$FLYTT_SRC/tests/support/servers.sh"
# shellcheck source=tests/support/assert.sh
. "$FLYTT_SRC/tests/support/assert.sh"
[ -z "${FLYTT_SANITIZE:-}" ] || skip "a sanitizer takes address space of its own"

server_start mariadb old max_allowed_packet=1G
server_start mariadb new max_allowed_packet=1G
server_start postgres pg
server_start postgres pgnew
sql old "CREATE DATABASE shop; USE shop; CREATE TABLE one (id INT PRIMARY KEY, l LONGBLOB);
    INSERT INTO one VALUES (1, REPEAT(RANDOM_BYTES(1000), 60000));
    CREATE TABLE many (id INT PRIMARY KEY, t TEXT); INSERT INTO many SELECT seq, REPEAT(SHA2(seq, 512), 4) FROM seq_1_to_20000"
for server in pg pgnew; do sql "$server" "CREATE DATABASE shop"; done
sql pg "CREATE TABLE one (id int PRIMARY KEY, t text); INSERT INTO one SELECT 1, string_agg(md5(i::text), '') FROM generate_series(1, 1000000) i;
    CREATE TABLE many AS SELECT i, repeat(md5(i::text), 8) AS t FROM generate_series(1, 20000) i" shop
pg=$(url_as pg postgres shop) pgnew=$(url_as pgnew postgres shop)
dump-stream -d shop -o "$T/stream" "$S_OLD_URL"
dump-stream -o "$T/pgstream" "$pg"

afresh() { :; }
seen=0
# squeezed COMMAND...: with less and less address space, from what is enough to what no program starts with.
squeezed() {
    local kib status
    step "$*"
    for kib in 800000 500000 400000 300000 260000 220000 200000 180000 160000 140000 120000 100000 90000 80000 70000 60000 50000 45000 40000 35000; do
        afresh
        status=0
        (ulimit -v "$kib" && exec timeout -k 10 100 "$@") >"$T/out" 2>"$T/err" || status=$?
        case $status in
        0 | 1 | 13) ;; # it was enough
        127) grep -q 'shared libraries' "$T/err" || fail "$kib KiB: 127 of $*: $(cat "$T/err")" ;;
        74)
            grep -q 'HINT:.*--jobs' "$T/err" || fail "$kib KiB: no hint of $*: $(cat "$T/err")"
            seen=$((seen + 1))
            ;;
        *) fail "exit status $status with $kib KiB of $*: $(tail -c 3000 "$T/err")" ;;
        esac
    done
}

squeezed load-stream --check -i "$T/stream"
squeezed dump-stream -j 2 -d shop -o "$T/out" "$S_OLD_URL"
squeezed dump-stream -j 2 -o "$T/out" "$pg"
squeezed verify-rows -j 2 -d shop "$S_OLD_URL" "$S_OLD_URL"
squeezed verify-rows -j 2 "$pg" "$pg"
squeezed io-probe rtt --count 2 "$S_OLD_URL"
afresh() { sql new "DROP DATABASE IF EXISTS shop; DROP DATABASE IF EXISTS flytt"; }
squeezed load-stream -j 2 -i "$T/stream" "$S_NEW_URL"
afresh() { sql pgnew "DROP DATABASE IF EXISTS shop WITH (FORCE)" && sql pgnew "CREATE DATABASE shop"; }
squeezed load-stream -j 2 -i "$T/pgstream" "$pgnew"
[ "$seen" -ge 8 ] || fail "memory gave out only $seen times: the limits are no squeeze any more"
