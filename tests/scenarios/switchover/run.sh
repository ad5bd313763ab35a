#!/usr/bin/env bash
# Following and switching over between two real servers with a writer that logs every acknowledged write: a channel that
# is limited to its scope, killed and failed at every step, rolled back, resumed, and in the end switched. No write is lost.
# SPDX-License-Identifier: MIT
set -euo pipefail
# shellcheck source=tests/support/assert.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/../../support/assert.sh"
# shellcheck source=tests/support/servers.sh
. "$FLYTT_SRC/tests/support/servers.sh"

product=${1:-mariadb}
server_pair "$product" shop
app_password=Till-$(od -An -tx1 -N8 /dev/urandom | tr -d ' \n')
# shellcheck disable=SC2154
export FLYTT_SOURCE_PASSWORD=$S_OLD_PASSWORD FLYTT_TARGET_PASSWORD=$S_NEW_PASSWORD FLYTT_REPL_PASSWORD=$S_OLD_PASSWORD
from=$(url_as old flytt_ctl shop) to=$(url_as new flytt_ctl shop)
# shellcheck disable=SC2154
old_address=$S_OLD_ADDR:$S_OLD_PORT new_address=$S_NEW_ADDR:$S_NEW_PORT
export FLYTT_BUDGET=120s # a machine that does something else beside may need it
start=(replica-ctl start --source-address "$old_address")

for name in old new; do
    sql "$name" "SET sql_log_bin = 0; CREATE USER app@'%' IDENTIFIED BY '$app_password'; GRANT SELECT, INSERT, UPDATE, DELETE, EVENT ON *.* TO app@'%'"
done
sql_file old <<'SQL'
CREATE DATABASE shop CHARACTER SET utf8mb4;
CREATE DATABASE other;
CREATE TABLE shop.book (id BIGINT UNSIGNED NOT NULL PRIMARY KEY, seq BIGINT UNSIGNED NOT NULL, value VARCHAR(64) NOT NULL);
CREATE TABLE other.note (id INT AUTO_INCREMENT PRIMARY KEY, t TEXT);
CREATE TABLE shop.tally (n INT NOT NULL PRIMARY KEY);
INSERT INTO shop.tally VALUES (0);
CREATE DEFINER = app@'%' EVENT shop.count_up ON SCHEDULE EVERY 1 SECOND DO UPDATE shop.tally SET n = n + 1;
SET GLOBAL event_scheduler = ON;
SQL

reads() { sql "$1" 'SELECT @@GLOBAL.read_only'; }
caught_up() { lag-wait --zero --timeout 300s "$from" "$to" >/dev/null; }

step 'nothing to follow from'
run_expect 13 "${start[@]}" "$from" "$to"
assert_contains "$ERR" 'no finished copy'

step copy
echo "$old_address" >"$T/address"
: >"$T/writer.log"
MYSQL_PWD=$app_password spawn "$T/writer.err" ackwriter run --servers "$T/address" --user app --database shop --table book --ssl-ca "$T/tls/ca.pem" \
    --log "$T/writer.log" --threads 4 --rate 50
writer=$SPAWNED
within 20 grep -q 'acked$' "$T/writer.log"
set -o pipefail
copy() { dump-stream "$(url_as old flytt_dump shop)" | load-stream "$(url_as new flytt_load)"; }
run_expect 0 copy

step 'the wrong server, the wrong password'
server_start "$product" third --addr 127.0.0.4
sql third "CREATE USER flytt_repl@'%' IDENTIFIED BY '$S_OLD_PASSWORD'; GRANT REPLICATION SLAVE ON *.* TO flytt_repl@'%'"
# shellcheck disable=SC2154
run_expect 13 replica-ctl start --source-address "$S_THIRD_ADDR:$S_THIRD_PORT" "$from" "$to"
assert_contains "$ERR" 'reached another server'
FLYTT_REPL_PASSWORD=wrong run_expect 69 "${start[@]}" "$from" "$to"
assert_contains "$ERR" 'does not reach the source'
run_expect 1 replica-ctl status "$from" "$to"
assert_contains "$OUT" 'has no channel'
assert_eq "$(reads new)" 0 'read_only of a target that does not follow'

server_stop third
step 'a socket is no route'
run_expect 13 replica-ctl start "$from" "$to"
assert_contains "$ERR" 'by its socket'

step 'dry run shows no password and changes nothing'
run_expect 0 "${start[@]}" --dry-run "$from" "$to"
assert_contains "$OUT" "'***'"
assert_not_contains "$OUT$ERR" "$FLYTT_REPL_PASSWORD"
run_expect 1 replica-ctl status "$from" "$to"

step start
run_expect 0 "${start[@]}" "$from" "$to"
assert_contains "$OUT" 'limited to shop'
assert_eq "$(reads new)" 1 'read_only of a target that follows'
caught_up
sql old "INSERT INTO other.note (t) VALUES ('not for the new server'); CREATE TABLE other.more (id INT PRIMARY KEY); DROP TABLE other.more"
caught_up
assert_eq "$(sql new "SELECT COUNT(*) FROM information_schema.schemata WHERE schema_name = 'other'")" 0 'other on the target'
run_expect 0 replica-ctl status "$from" "$to"
assert_contains "$OUT" 'shop.%'
run_expect 0 "${start[@]}" "$from" "$to"
assert_contains "$OUT" 'already'

step 'lag'
run_expect 0 lag-wait --max-lag 2s --for 1s --timeout 300s "$from" "$to"
run_expect 0 replica-ctl stop "$from" "$to"
run_expect 15 lag-wait --zero --timeout 60s "$from" "$to"
run_expect 15 lag-wait --max-lag 1s --timeout 60s "$from" "$to"
run_expect 0 "${start[@]}" "$from" "$to"
caught_up
lag-wait --watch --interval 200ms "$from" "$to" >"$T/watch" &
watch=$!
within 5 grep -q 'lag 0\.' "$T/watch"
kill -TERM "$watch"
wait "$watch" || true

step 'killed and failed at every step before COMMIT'
for at in arm fence freeze catch_up check; do
    for how in before:kill9 after:kill9 after:error; do
        FLYTT_FAIL=$at:$how run failing-switchover "$from" "$to"
        if [ "$how" = after:error ]; then
            assert_eq "$STATUS" 69 "exit status of an error at $at"
        else
            assert_eq "$STATUS" 137 "exit status of a kill at $at"
            run_expect 13 replica-ctl switchover "$from" "$to"
            assert_contains "$ERR" 'interrupted'
            run_expect 0 replica-ctl rollback "$from" "$to"
        fi
        assert_eq "$(reads old)$(reads new)" 01 "read_only of old and new after $at:$how"
        assert_eq "$(sql old 'SELECT @@GLOBAL.event_scheduler')" ON "the old server's events after $at:$how"
        mark=$(grep -c 'acked$' "$T/writer.log")
        more_acked() { [ "$(grep -c 'acked$' "$T/writer.log")" -gt "$mark" ]; }
        within 20 more_acked
    done
done
caught_up

step 'killed at the last moment before COMMIT, and at every step of the way back'
FLYTT_FAIL=commit:before:kill9 run failing-switchover "$from" "$to"
assert_eq "$STATUS" 137 'exit status'
assert_eq "$(reads old)$(reads new)" 11 'read_only before COMMIT'
for at in open_old:before open_old:after rollback_hook:before rolled_back:before; do
    FLYTT_FAIL=$at:kill9 run failing-switchover rollback "$from" "$to"
    assert_eq "$STATUS" 137 "exit status of a rollback that is killed at $at"
done
run_expect 0 replica-ctl rollback "$from" "$to"
assert_eq "$(reads old)$(reads new)" 01 'read_only after the rollback'
run_expect 0 replica-ctl rollback "$from" "$to"
assert_contains "$OUT" 'nothing to do'
mark=$(grep -c 'acked$' "$T/writer.log")
within 20 more_acked
caught_up

step 'a statement in the way of the fence'
run sql old 'SELECT 1'
sql old 'LOCK TABLES shop.tally WRITE; SELECT SLEEP(3600)' >/dev/null 2>&1 &
blocker=$!
blocking() { sql old "SELECT id FROM information_schema.processlist WHERE info LIKE 'SELECT SLEEP(3600)'"; }
lock_held() { [ -n "$(blocking)" ]; }
within 5 lock_held
run_expect 11 replica-ctl switchover --budget 10s "$from" "$to"
assert_contains "$ERR" 'SLEEP'
assert_eq "$(reads old)$(reads new)" 01 'read_only after a fence that did not come'
sql old "KILL $(blocking)"
wait "$blocker" || true
assert_eq "$(reads old)" 0 'read_only later: the SET must not come after all'
caught_up

step 'a hook that fails'
run_expect 13 replica-ctl switchover --hook-pre-fence 'echo no route >&2; exit 3' --hook-rollback "echo \$FLYTT_HOOK >'$T/undone'" "$from" "$to"
assert_contains "$ERR" 'no route'
assert_eq "$(cat "$T/undone")" rollback 'hook'

step 'killed after COMMIT: only forward'
FLYTT_FAIL=promote:before:kill9 run failing-switchover "$from" "$to"
assert_eq "$STATUS" 137 'exit status'
assert_eq "$(reads old)$(reads new)" 11 'read_only between COMMIT and promotion'
run_expect 13 replica-ctl rollback "$from" "$to"
assert_contains "$ERR" 'committed'
for at in promote:after post_promote:before post_promote:after finish:before; do
    FLYTT_FAIL=$at:kill9 run failing-switchover resume "$from" "$to"
    assert_eq "$STATUS" 137 "exit status of a resume that is killed at $at"
    run_expect 13 replica-ctl rollback "$from" "$to"
done
echo "$new_address" >"$T/address.next" && mv "$T/address.next" "$T/address"
run_expect 0 replica-ctl resume "$from" "$to"
assert_contains "$OUT" 'done:'
assert_eq "$(reads old)$(reads new)" 10 'read_only after the switchover'
assert_eq "$(sql new "SELECT status FROM information_schema.events WHERE event_name = 'count_up'")" ENABLED 'the event'
run_expect 13 replica-ctl rollback "$from" "$to"
assert_contains "$ERR" 'the new server serves'
assert_not_contains "$ERR" 'replica-ctl resume'
assert_eq "$(sql new 'SELECT @@GLOBAL.event_scheduler')" ON 'events of the new server'
assert_eq "$(sql old 'SELECT @@GLOBAL.event_scheduler')" OFF 'events of the old server'
run_expect 0 replica-ctl resume "$from" "$to"

acked_by_new() { grep -q "$new_address	acked\$" "$T/writer.log"; }
within 30 acked_by_new
kill -TERM "$writer"
wait_gone "$writer"
MYSQL_PWD=$app_password run_expect 0 ackwriter check --log "$T/writer.log" --server "$new_address" --user app --database shop --table book --ssl-ca "$T/tls/ca.pem"
assert_contains "$OUT" 'lost writes: 0'

step drop
run_expect 0 replica-ctl drop "$from" "$to"
for name in old new; do
    assert_not_contains "$(cat "$T"/state/flytt/*.journal)" "$FLYTT_REPL_PASSWORD" 'the journal'
    assert_eq "$(sql "$name" "SELECT COUNT(*) FROM information_schema.processlist WHERE user = 'flytt_ctl'")" 0 "sessions left on $name"
done
