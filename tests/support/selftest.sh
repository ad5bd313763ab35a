#!/usr/bin/env bash
# The test servers themselves: they start, are who they should be, stay apart, and leave nothing behind.
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

if [[ $product == postgres* ]]; then
    limit=max_connections settings="SELECT current_setting('max_connections'), current_setting('fsync'), current_setting('wal_level'), current_setting('listen_addresses')"
    expected=$'77\ton\tlogical\t127.0.0.2' port='SHOW port'
else
    limit=max_connections settings='SELECT @@max_connections, @@log_bin, @@binlog_format, @@innodb_flush_log_at_trx_commit, @@bind_address'
    expected=$'77\t1\tROW\t1\t127.0.0.2' port='SELECT @@port'
fi

# as_dump STATEMENT: in the database shop, as the account flytt_dump of server a, by TCP, the certificate verified.
as_dump() {
    if [[ $product == postgres* ]]; then
        PGPASSWORD=$S_A_PASSWORD "$(postgres_program postgres psql)" -XqAt "$(tcp_url_as a flytt_dump shop "sslmode=verify-full&sslrootcert=$T/tls/ca.pem")" -c "$1"
    else
        MYSQL_PWD=$S_A_PASSWORD mariadb --no-defaults --host=127.0.0.2 --port="$S_A_PORT" --user=flytt_dump --ssl-ca="$T/tls/ca.pem" \
            --ssl-verify-server-cert --batch --skip-column-names --database=shop --execute="$1"
    fi
}

follow() {
    case $product in
    postgres*)
        sql a 'CREATE PUBLICATION p FOR TABLE marker' shop
        sql b 'CREATE TABLE marker (id INT PRIMARY KEY, name TEXT)' shop
        PGPASSWORD=$S_A_PASSWORD sql b "CREATE SUBSCRIPTION s CONNECTION 'host=127.0.0.2 port=$S_A_PORT user=flytt_repl dbname=shop password=$S_A_PASSWORD
            sslmode=verify-full sslrootcert=$S_B_TLS/ca.pem' PUBLICATION p" shop
        ;;
    mysql97)
        sql b "CHANGE REPLICATION SOURCE TO SOURCE_HOST='127.0.0.2', SOURCE_PORT=$S_A_PORT, SOURCE_USER='flytt_repl',
            SOURCE_PASSWORD='$S_A_PASSWORD', SOURCE_SSL=1, SOURCE_AUTO_POSITION=1; START REPLICA"
        ;;
    *)
        sql b "CHANGE MASTER TO MASTER_HOST='127.0.0.2', MASTER_PORT=$S_A_PORT, MASTER_USER='flytt_repl',
            MASTER_PASSWORD='$S_A_PASSWORD', MASTER_USE_GTID=slave_pos; START SLAVE"
        ;;
    esac
}

step "two servers with TLS on addresses of their own"
tls_make "$T/tls"
server_start "$product" a --addr 127.0.0.2 --tls "$T/tls" $limit=77
server_start "$product" b --addr 127.0.0.3 --tls "$T/tls"
# shellcheck disable=SC2154
echo "$S_A_VERSION on $S_A_ADDR:$S_A_PORT and $S_B_ADDR:$S_B_PORT" >&2
assert_sql a "$settings" "$expected"
if [[ $product == postgres* ]]; then
    identifier='SELECT system_identifier FROM pg_control_system()'
    assert_ne "$(sql a "$identifier")" "$(sql b "$identifier")" "system identifier of both"
    assert_eq "$(stat -c %U "/proc/$S_A_PID")" "$([ "$(id -u)" = 0 ] && echo nobody || id -un)" "whom PostgreSQL runs as"
else
    assert_ne "$(sql a 'SELECT @@server_id')" "$(sql b 'SELECT @@server_id')" "server_id of both"
fi
if [ "$product" = mysql97 ]; then assert_ne "$(sql a 'SELECT @@server_uuid')" "$(sql b 'SELECT @@server_uuid')" "server_uuid of both"; fi

step "least-privileged accounts, by TCP with the certificate verified"
if [[ $product == postgres* ]]; then
    accounts_for a shop secret
    sql a 'CREATE TABLE t (id INT PRIMARY KEY); INSERT INTO t VALUES (42); CREATE TABLE guarded (id INT); ALTER TABLE guarded ENABLE ROW LEVEL SECURITY' shop
    assert_eq "$(as_dump 'SELECT ssl, version FROM pg_stat_ssl WHERE pid = pg_backend_pid()')" 't|TLSv1.3'
    run_expect 1 as_dump 'SET row_security = off; SELECT * FROM guarded'
    assert_contains "$ERR" row-level
    run_expect 2 env PGPASSWORD=wrong "$(postgres_program postgres psql)" -XqAt "$(url_as a flytt_dump shop)" -c 'SELECT 1'
    assert_contains "$ERR" "password authentication failed"
else
    sql a 'CREATE DATABASE shop; CREATE TABLE shop.t (id INT PRIMARY KEY); INSERT INTO shop.t VALUES (42); CREATE DATABASE secret; CREATE TABLE secret.t (id INT)'
    accounts_for a shop
    assert_eq "$(as_dump "SHOW STATUS LIKE 'Ssl_version'" | cut -f2)" TLSv1.3
    run_expect 1 as_dump 'SELECT * FROM secret.t'
    assert_contains "$ERR" denied
fi
assert_eq "$(as_dump 'SELECT id FROM t')" 42
run_expect 1 as_dump 'DELETE FROM t'
assert_contains "$ERR" denied

step "a crash, and the data is still there"
server_stop a KILL
run_expect 1 sql a 'SELECT 1'
server_restart a $limit=78
assert_eq "$(sql a 'SELECT id FROM t' shop)/$(sql a "$settings" | cut -f1)" 42/78
assert_sql a "$port" "$S_A_PORT"

step "a replica follows"
accounts_for b shop
sql a "CREATE TABLE marker (id INT PRIMARY KEY, name TEXT)" shop
follow
sql a "INSERT INTO marker VALUES (1, 'here')" shop
caught_up() { [ "$(sql b 'SELECT name FROM marker' shop 2>/dev/null)" = here ]; }
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

if [ "$product" = mariadb ] || [ "$product" = postgres ]; then
    step "by hand"
    export FLYTT_SERVERS=$T/by-hand
    hand=$FLYTT_SRC/tests/support/servers.sh
    at_exit 'FLYTT_SERVERS=$T/by-hand "$hand" stop-all'
    run_expect 0 "$hand" start "$product" d --addr 127.0.0.5
    assert_contains "$OUT" "S_D_ADDR=127.0.0.5"
    run_expect 0 "$hand" sql d 'SELECT 6 * 7'
    assert_eq "$OUT" 42
    run_expect 64 "$hand" start oracle e
    run_expect 64 "$hand" start "$product" f --addr 0.0.0.0
    run_expect 0 "$hand" stop-all
    [ ! -d "$FLYTT_SERVERS" ] || fail "stop-all left $(ls -A "$FLYTT_SERVERS")"
    unset FLYTT_SERVERS
fi

if [[ $product == postgres* ]]; then
    step "nor do they leave shared memory"
    a_pid=$S_A_PID b_pid=$S_B_PID
    for server in "$a_pid" "$b_pid"; do
        assert_ne "$(awk -v creator="$server" '$5 == creator' /proc/sysvipc/shm)" "" "shared memory of server $server"
    done
    servers_stop_all
    for server in "$a_pid" "$b_pid" "$pid"; do
        assert_eq "$(awk -v creator="$server" '$5 == creator' /proc/sysvipc/shm)" "" "shared memory of server $server"
    done
fi

step "nothing is left mounted"
if grep -F "$FLYTT_CACHE" /proc/mounts; then fail "mounts are left"; fi
