#!/usr/bin/env bash
# The witness against real servers: it finds nothing lost when nothing is, and every loss when it is made.
# SPDX-License-Identifier: MIT
set -euo pipefail
# shellcheck source=tests/support/assert.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/../assert.sh"
# shellcheck source=tests/support/servers.sh
. "$FLYTT_SRC/tests/support/servers.sh"
use_test_dir
product=${1:-mariadb} scheme=''
step "two servers, TLS on one of them"
tls_make "$T/tls"
server_start "$product" a --addr 127.0.0.2 --tls "$T/tls"
server_start "$product" b --addr 127.0.0.3 --tls "$T/tls"
password=Writer-1
for name in a b; do
    if [ "$product" = postgres ]; then
        sql "$name" "CREATE DATABASE shop; CREATE ROLE app LOGIN PASSWORD '$password'"
        sql "$name" "CREATE TABLE ack (id BIGINT PRIMARY KEY, seq BIGINT, value CHAR(16)); GRANT ALL ON ack TO app; INSERT INTO ack VALUES (17, 1, 'old')" shop
        scheme=postgres://
        continue
    fi
    sql "$name" "SET sql_log_bin = 0; CREATE DATABASE shop; CREATE TABLE shop.ack (id BIGINT PRIMARY KEY, seq BIGINT, value CHAR(16));
        CREATE USER app@'%' IDENTIFIED BY '$password'; GRANT ALL ON shop.* TO app@'%'; INSERT INTO shop.ack VALUES (17, 1, 'old')"
done
# shellcheck disable=SC2154
A=$scheme$S_A_ADDR:$S_A_PORT B=$scheme$S_B_ADDR:$S_B_PORT
who=(--user app --database shop --ssl-ca "$T/tls/ca.pem" --log "$T/log")
witness() { MYSQL_PWD=$password PGPASSWORD=$password ackwriter "$@"; }
acked_by() { [ "$(grep -c "$1	acked" "$T/log")" -gt 200 ]; }

: >"$T/log"
step "writing, then a move to the other server"
echo "$A" >"$T/servers"
witness run --servers "$T/servers" "${who[@]}" --threads 4 --for 60 --stop-file "$T/stop" &
writer=$!
within 20 acked_by "$A"
if [ "$product" = postgres ]; then
    sql a 'ALTER SYSTEM SET default_transaction_read_only = on; SELECT pg_reload_conf()' >/dev/null
else
    sql a 'SET GLOBAL read_only = 1'
fi
refused() { grep -q refused "$T/log"; }
within 10 refused
sql a 'SELECT id, seq, value FROM ack' shop >"$T/rows"
sql b "TRUNCATE ack" shop
{ echo "BEGIN;" && sed 's/\(.*\)\t\(.*\)\t\(.*\)/INSERT INTO ack VALUES (\1, \2, '"'\3'"');/' "$T/rows" && echo "COMMIT;"; } | sql_file b shop
echo "$B" >"$T/servers.new"
mv "$T/servers.new" "$T/servers"
within 20 acked_by "$B"
touch "$T/stop"
wait "$writer"

run_expect 0 witness check --server "$B" "${who[@]}"
assert_contains "$OUT" "acknowledged by $A: "
assert_contains "$OUT" "acknowledged by $B: "
assert_matches "$OUT" 'write pause: [0-9]+\.[0-9]+ s'
assert_eq "$(tail -n 1 <<<"$OUT")" "lost writes: 0"

step "the old server lacks what the new one took"
run_expect 1 witness check --server "$A" "${who[@]}"
assert_not_contains "$OUT" "lost writes: 0"

step "each loss is counted"
newest=$(sql b 'SELECT MAX(id) FROM ack WHERE id > 17' shop)
sql b "UPDATE ack SET value = 'damaged' WHERE id = $newest" shop
run_expect 1 witness check --server "$B" "${who[@]}"
assert_contains "$OUT" "key $newest: "
assert_contains "$OUT" "lost writes: 1"
sql b "INSERT INTO ack VALUES ($newest + 100000, 1, 'new')" shop
run_expect 1 witness check --server "$B" "${who[@]}"
assert_contains "$OUT" "rows that nobody was promised: 1"
sql b 'DELETE FROM ack' shop
run_expect 1 witness check --server "$B" "${who[@]}"
assert_matches "$OUT" 'lost writes: [0-9]{2,}'

step "nothing acknowledged is nothing proven"
: >"$T/log"
run_expect 69 witness check --server "$B" "${who[@]}"
