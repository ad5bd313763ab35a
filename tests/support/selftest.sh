#!/usr/bin/env bash
# The test servers themselves: they start, are who they should be, stay apart, and leave nothing behind.
# flytt-test: timeout=300
# SPDX-License-Identifier: MIT
set -euo pipefail
# shellcheck source=tests/support/assert.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/assert.sh"
# shellcheck source=tests/support/servers.sh
. "$FLYTT_SRC/tests/support/servers.sh"
# shellcheck source=tests/support/sshd.sh
. "$FLYTT_SRC/tests/support/sshd.sh"
use_test_dir
product=${1:-mariadb}

step "assertions fail when they should"
for wrong in 'assert_eq a b' 'assert_ne a a' 'assert_contains abc x' 'assert_not_contains abc b' 'assert_matches abc ^b' \
    'assert_le 2 1' 'run_expect 0 false' 'run_expect 1 true' 'within 1 false' 'fail now'; do
    if (trap - EXIT; eval "$wrong") 2>/dev/null; then fail "passed: $wrong"; fi
done
run_expect 3 sh -c 'echo out; echo err >&2; exit 3'
assert_eq "$OUT/$ERR/$STATUS" out/err/3

step "two servers with TLS on addresses of their own"
tls_make "$T/tls"
server_start "$product" a --addr 127.0.0.2 --tls "$T/tls" max_connections=77
server_start "$product" b --addr 127.0.0.3
# shellcheck disable=SC2154
echo "$S_A_VERSION on $S_A_ADDR:$S_A_PORT and $S_B_ADDR:$S_B_PORT" >&2
assert_sql a 'SELECT @@max_connections, @@log_bin, @@binlog_format, @@innodb_flush_log_at_trx_commit' $'77\t1\tROW\t1'
assert_ne "$(sql a 'SELECT @@server_id')" "$(sql b 'SELECT @@server_id')" "server_id of both"
if [ "$product" = mysql97 ]; then assert_ne "$(sql a 'SELECT @@server_uuid')" "$(sql b 'SELECT @@server_uuid')" "server_uuid of both"; fi
assert_sql a 'SELECT @@bind_address' 127.0.0.2

step "least-privileged accounts, by TCP with the certificate verified"
sql a 'CREATE DATABASE shop; CREATE TABLE shop.t (id INT PRIMARY KEY); INSERT INTO shop.t VALUES (42); CREATE DATABASE secret; CREATE TABLE secret.t (id INT)'
accounts_for a shop
as_dump() {
    MYSQL_PWD=$S_A_PASSWORD mariadb --no-defaults --host=127.0.0.2 --port="$S_A_PORT" --user=flytt_dump --ssl-ca="$T/tls/ca.pem" \
        --ssl-verify-server-cert --batch --skip-column-names --execute="$1"
}
assert_eq "$(as_dump 'SELECT id FROM shop.t')" 42
assert_eq "$(as_dump "SHOW STATUS LIKE 'Ssl_version'" | cut -f2)" TLSv1.3
run_expect 1 as_dump 'SELECT * FROM secret.t'
assert_contains "$ERR" denied
run_expect 1 as_dump 'DELETE FROM shop.t'
assert_contains "$ERR" denied

step "a crash, and the data is still there"
server_stop a KILL
run_expect 1 sql a 'SELECT 1'
server_restart a max_connections=78
assert_sql a 'SELECT id, @@max_connections FROM shop.t' $'42\t78'
assert_sql a 'SELECT @@port' "$S_A_PORT"

step "a replica follows"
accounts_for b shop
sql a 'CREATE TABLE shop.marker (id INT PRIMARY KEY)'
if [ "$product" = mysql97 ]; then
    sql b "CHANGE REPLICATION SOURCE TO SOURCE_HOST='127.0.0.2', SOURCE_PORT=$S_A_PORT, SOURCE_USER='flytt_repl',
        SOURCE_PASSWORD='$S_A_PASSWORD', SOURCE_SSL=1, SOURCE_AUTO_POSITION=1; START REPLICA"
else
    sql b "CHANGE MASTER TO MASTER_HOST='127.0.0.2', MASTER_PORT=$S_A_PORT, MASTER_USER='flytt_repl',
        MASTER_PASSWORD='$S_A_PASSWORD', MASTER_USE_GTID=slave_pos; START SLAVE"
fi
caught_up() { [ "$(sql b 'SELECT COUNT(*) FROM shop.marker' 2>/dev/null)" = 0 ]; }
within 20 caught_up

if [ "$product" = mariadb ]; then
    step "ssh to a throwaway sshd, with the tools on its PATH"
    sshd_start --addr 127.0.0.4
    run_expect 0 ssh -F "$SSH_CONFIG" old 'echo $PATH'
    assert_contains "$OUT" "$FLYTT_BIN:"
    assert_eq "$(printf 'a\0b' | ssh -F "$SSH_CONFIG" new cat | od -An -tx1)" ' 61 00 62'
fi

step "servers end with a script that is killed with -9"
# shellcheck disable=SC2016
env -u T bash -c '. "$FLYTT_SRC/tests/support/servers.sh"; server_start "$0" c; echo "$S_C_PID $T"; kill -9 $$' "$product" >"$T/victim" 2>/dev/null || true
read -r pid dir <"$T/victim"
within 10 gone "$pid"
[ -d "$dir" ] || fail "$dir should still be there"
sweep_stale
[ ! -d "$dir" ] || fail "$dir was not swept"

if [ "$product" = mariadb ]; then
    step "by hand"
    export FLYTT_SERVERS=$T/by-hand
    hand=$FLYTT_SRC/tests/support/servers.sh
    at_exit 'FLYTT_SERVERS=$T/by-hand "$hand" stop-all'
    run_expect 0 "$hand" start mariadb d --addr 127.0.0.5
    assert_contains "$OUT" "S_D_ADDR=127.0.0.5"
    run_expect 0 "$hand" sql d 'SELECT 6 * 7'
    assert_eq "$OUT" 42
    run_expect 64 "$hand" start oracle e
    run_expect 64 "$hand" start mariadb f --addr 0.0.0.0
    run_expect 0 "$hand" stop-all
    [ ! -d "$FLYTT_SERVERS" ] || fail "stop-all left $(ls -A "$FLYTT_SERVERS")"
    unset FLYTT_SERVERS
fi

step "nothing is left mounted"
if grep -F "$FLYTT_CACHE" /proc/mounts; then fail "mounts are left"; fi
