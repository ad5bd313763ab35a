#!/usr/bin/env bash
# What is no answer is no exit 0 and no exit 1: one server twice, a server that is gone, privileges, databases that are not there.
# SPDX-License-Identifier: MIT
set -euo pipefail
# shellcheck source=tests/support/servers.sh
. "$FLYTT_SRC/tests/support/servers.sh"
# shellcheck source=tests/support/assert.sh
. "$FLYTT_SRC/tests/support/assert.sh"

server_start mariadb old
server_start mariadb new
for s in old new; do
    sql "$s" "CREATE DATABASE shop; USE shop; CREATE TABLE shop.orders (id INT PRIMARY KEY, t VARCHAR(100)); CREATE TABLE shop.secret (id INT PRIMARY KEY);
        INSERT INTO shop.orders SELECT seq, REPEAT('x', 100) FROM seq_1_to_200000;
        CREATE USER reader@localhost; GRANT SELECT ON shop.orders TO reader@localhost"
done

step "one server given twice"
run_expect 13 verify-rows "$S_OLD_URL" "$S_OLD_URL"
assert_contains "$ERR" "same server"
run_expect 13 verify-rows "$S_OLD_URL" "mysql://root@$S_OLD_ADDR:$S_OLD_PORT/?ssl-mode=disabled"

step "a server that is not there"
run_expect 69 verify-rows "$S_OLD_URL" "mysql://root@localhost/?socket=$T/none"

step "a database that is on one side only is a difference; on neither, an error"
sql old "CREATE DATABASE crm; CREATE TABLE crm.people (id INT PRIMARY KEY)"
run_expect 1 verify-rows -d crm "$S_OLD_URL" "$S_NEW_URL"
assert_matches "$OUT" 'missing +crm\.people'
run_expect 1 verify-rows --all-databases "$S_OLD_URL" "$S_NEW_URL"
run_expect 69 verify-rows -d nowhere "$S_OLD_URL" "$S_NEW_URL"
assert_contains "$ERR" nowhere
sql old "DROP DATABASE crm"

# rows_read SIDE: how many rows its sessions have gone to by a key so far.
rows_read() { sql "$1" "SELECT SUM(VARIABLE_VALUE) FROM information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME IN ('HANDLER_READ_NEXT', 'HANDLER_READ_RND_NEXT')"; }

step "a connection that is killed, on either side, at any time: 69 and no verdict over the table"
for side in old new; do
    for n in 1 2 3; do
        before=$(rows_read "$side")
        # Without the KILL it would take a minute and a half.
        verify-rows --jobs 2 --max-rows-per-second 2000 -d shop "$S_OLD_URL" "$S_NEW_URL" >"$T/out" 2>"$T/err" &
        pid=$!
        reading() { [ "$(rows_read "$side")" -gt $((before + n * 300)) ]; }
        within 20 reading
        for id in $(sql "$side" "SELECT ID FROM information_schema.PROCESSLIST WHERE ID <> CONNECTION_ID() AND USER = 'root'"); do
            sql "$side" "KILL $id" 2>/dev/null || true
        done
        status=0
        wait "$pid" || status=$?
        assert_eq "$status" 69 "exit status after KILL ($(cat "$T/err"))"
        assert_not_contains "$(cat "$T/out")" 'shop.orders'
    done
done

step "SIGINT in the middle ends it at once and leaves no session behind"
side=old n=1 before=$(rows_read old)
env --default-signal=INT verify-rows --jobs 2 --max-rows-per-second 2000 -d shop "$S_OLD_URL" "$S_NEW_URL" >"$T/out" 2>"$T/err" &
pid=$!
within 20 reading
kill -INT "$pid"
within 3 gone "$pid"
status=0
wait "$pid" || status=$?
assert_eq "$status" 130 "exit status after SIGINT ($(cat "$T/err"))"
for side in old new; do
    none_left() { [ "$(sql "$side" "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE ID <> CONNECTION_ID() AND USER = 'root'")" = 0 ]; }
    within 5 none_left
done

step "privileges: all that is missing is named at once, and nothing is taken for equal"
run_expect 77 verify-rows -d shop "$S_OLD_URL" "mysql://reader@localhost/?socket=$S_NEW_SOCKET"
for privilege in PROCESS 'SELECT' 'SHOW VIEW' TRIGGER EVENT; do assert_contains "$ERR" "lacks $privilege"; done

step "an answer that cannot be written is an error"
run_expect 74 sh -c "verify-rows -d shop '$S_OLD_URL' '$S_NEW_URL' >/dev/full"
