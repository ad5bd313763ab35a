#!/usr/bin/env bash
# Following and switching over between two PostgreSQL servers, from a slot, with a writer that logs every acknowledged write:
# what logical replication does not carry is noticed or moved, the switchover is killed and failed, rolled back,
# resumed, and in the end done. No write is lost, no number is given out twice, nothing is left behind.
# SPDX-License-Identifier: MIT
set -euo pipefail
# shellcheck source=tests/support/assert.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/../../support/assert.sh"
# shellcheck source=tests/support/servers.sh
. "$FLYTT_SRC/tests/support/servers.sh"

server_pair "${1:-postgres}" shop
app_password=Till-$(od -An -tx1 -N8 /dev/urandom | tr -d ' \n')
# shellcheck disable=SC2154
export FLYTT_SOURCE_PASSWORD=$S_OLD_PASSWORD FLYTT_TARGET_PASSWORD=$S_NEW_PASSWORD FLYTT_REPL_PASSWORD=$S_OLD_PASSWORD
from=$(url_as old flytt_ctl shop) to=$(url_as new flytt_ctl shop)
# shellcheck disable=SC2154
old_address=$S_OLD_ADDR:$S_OLD_PORT new_address=$S_NEW_ADDR:$S_NEW_PORT
start=(replica-ctl start --source-address "$old_address")
export FLYTT_BUDGET=120s # a machine that does something else beside may need it

for name in old new; do sql "$name" "CREATE ROLE app LOGIN PASSWORD '$app_password'"; done
# Logs that show every statement, but for the password.
sql new "ALTER SYSTEM SET log_statement = 'all'; SELECT pg_reload_conf()" >/dev/null
sql_file old shop <<'SQL'
CREATE TABLE book (id bigint PRIMARY KEY, seq bigint NOT NULL, value varchar(64) NOT NULL);
CREATE TABLE ticket (n serial PRIMARY KEY, who text);
CREATE TABLE letter (n int PRIMARY KEY, text text);
ALTER TABLE letter OWNER TO app;
ALTER TABLE letter ENABLE ROW LEVEL SECURITY;
ALTER TABLE letter FORCE ROW LEVEL SECURITY;
INSERT INTO letter SELECT n, (SELECT string_agg(md5(n::text || i), '') FROM generate_series(1, 30) i) FROM generate_series(1, 200) n;
CREATE SEQUENCE backwards INCREMENT -10 START 1000 MINVALUE -1000000 MAXVALUE 1000000;
CREATE SEQUENCE fresh START 77;
GRANT SELECT, INSERT, UPDATE, DELETE ON book, ticket TO app;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO app;
SQL

as_app() { PGPASSWORD=$app_password psql -X -q -A -t -v ON_ERROR_STOP=1 "host=${1%:*} port=${1#*:} user=app dbname=shop" -c "$2"; }
closed() { sql "$1" "SELECT count(*) FROM pg_database d, aclexplode(coalesce(datacl, acldefault('d', datdba))) a WHERE datname = 'shop' AND grantee = 0 AND privilege_type = 'CONNECT'"; }
slots() { sql old "SELECT count(*) FROM pg_replication_slots"; }
caught_up() { lag-wait --zero --timeout 300s "$from" "$to" >/dev/null; }
copy() { dump-stream "$@" "$(url_as old postgres shop)" | load-stream --if-exists drop --yes "$(url_as new postgres shop)"; }
grants() { sql "$1" "SELECT string_agg(grantee || privilege_type || is_grantable, ',' ORDER BY 1) FROM (SELECT a.grantee::regrole::text AS grantee, privilege_type, is_grantable FROM pg_database d, aclexplode(coalesce(datacl, acldefault('d', datdba))) a WHERE datname = 'shop') x; SELECT count(*) FROM pg_db_role_setting"; }
set -o pipefail
old_grants=$(grants old)

step 'nothing to follow from, and a copy without a slot'
run_expect 13 "${start[@]}" "$from" "$to"
assert_contains "$ERR" 'no finished copy'
run_expect 0 copy
run_expect 13 "${start[@]}" "$from" "$to"
assert_contains "$OUT" 'no-slot'
assert_contains "$OUT" 'dump-stream --slot'

step 'copy under load'
echo "postgres://$old_address" >"$T/address"
: >"$T/writer.log"
PGPASSWORD=$app_password spawn "$T/writer.err" ackwriter run --servers "$T/address" --user app --database shop --table book --ssl-ca "$T/tls/ca.pem" \
    --log "$T/writer.log" --threads 4 --rate 50
writer=$SPAWNED
within 20 grep -q 'acked$' "$T/writer.log"
run_expect 0 copy --slot move
assert_eq "$(slots)" 1 'slots after the copy'
new_grants=$(grants new) # with those that came with the copy

step 'a follower that writes as the owner is held by what holds the owner'
product=${1:-postgres}
if [ "${product##*:}" != postgres ]; then
    run_expect 13 replica-ctl preflight --source-address "$old_address" "$from" "$to"
    assert_contains "$OUT" 'tables with FORCE ROW LEVEL SECURITY, at whose first change the channel would stop, since it writes them as their owner: public.letter'
    sql new 'ALTER ROLE app BYPASSRLS'
fi
sql old 'SELECT lo_create(4711)' shop >/dev/null
run replica-ctl preflight --source-address "$old_address" "$from" "$to"
assert_not_contains "$OUT" 'ROW LEVEL SECURITY'
assert_contains "$OUT" 'large objects were made or removed since the copy, which does not follow: 0 up to 0 then, 1 up to 4711 now'
sql old 'SELECT lo_unlink(4711)' shop >/dev/null

step 'the wrong server, the wrong password'
server_start "${product%%:*}" third --addr 127.0.0.4
sql third "CREATE DATABASE shop; CREATE ROLE flytt_repl LOGIN REPLICATION PASSWORD '$S_OLD_PASSWORD'"
# shellcheck disable=SC2154
run_expect 13 replica-ctl start --source-address "$S_THIRD_ADDR:$S_THIRD_PORT" "$from" "$to"
assert_contains "$OUT$ERR" 'reached another server'
FLYTT_REPL_PASSWORD=wrong run_expect 69 "${start[@]}" "$from" "$to"
assert_contains "$ERR" 'does not reach the source'
run_expect 1 replica-ctl status "$from" "$to"
assert_contains "$OUT" 'has no channel'
assert_eq "$(grants new)" "$new_grants" 'the target after a start that failed'
server_stop third

step 'dry run shows no password and changes nothing'
run_expect 0 "${start[@]}" --dry-run "$from" "$to"
assert_contains "$OUT" "password=''***''"
assert_not_contains "$OUT$ERR" "$FLYTT_REPL_PASSWORD"
assert_eq "$(sql new 'SELECT count(*) FROM pg_subscription')" 0 'subscriptions after a dry run'

step start
run_expect 0 "${start[@]}" "$from" "$to"
assert_contains "$OUT" 'limited to shop'
assert_eq "$(closed new)" 0 'everybody may connect to a target that follows'
run as_app "$new_address" "INSERT INTO ticket (who) VALUES ('nobody')"
assert_contains "$ERR" 'permission denied'
caught_up
# shellcheck disable=SC2154
assert_not_contains "$(cat "$S_NEW_LOG")" "$FLYTT_REPL_PASSWORD" "the target's log"
run_expect 0 "${start[@]}" "$from" "$to"
assert_contains "$OUT" 'already'
run_expect 0 lag-wait --max-lag 2s --for 1s --timeout 300s "$from" "$to"
run_expect 0 replica-ctl stop "$from" "$to"
run_expect 15 lag-wait --zero --timeout 60s "$from" "$to"
run_expect 0 "${start[@]}" "$from" "$to"
caught_up

step 'definitions are not carried: noticed, and no switchover'
sql old 'CREATE TABLE late (id int PRIMARY KEY); ALTER TABLE ticket ADD COLUMN at timestamptz' shop
run_expect 1 replica-ctl status "$from" "$to"
assert_contains "$OUT" 'table public.late is on the source and not on the target'
assert_contains "$OUT" 'table public.ticket differs'
run_expect 13 replica-ctl switchover "$from" "$to"
assert_contains "$OUT" 'publication-misses'
sql old 'DROP TABLE late; ALTER TABLE ticket DROP COLUMN at' shop
run_expect 0 replica-ctl status "$from" "$to"

step 'a prepared change in definitions while the switchover runs'
run_expect 13 replica-ctl switchover --hook-pre-fence "psql -X -q -h '$S_OLD_SOCKET' -p $S_OLD_PORT -U postgres -d shop -c 'CREATE VIEW late AS SELECT 1'" "$from" "$to"
assert_contains "$ERR" 'definitions of the source were changed'
assert_eq "$(closed old)$(closed new)" 10 'who may connect, after it was put back'
sql old 'DROP VIEW late' shop

step 'a superuser who writes through the fence'
through() {
    while [ ! -e "$T/enough" ]; do
        PGOPTIONS='-c default_transaction_read_only=off' psql -X -q -h "$S_OLD_SOCKET" -p "$S_OLD_PORT" -U postgres -d shop \
            -c "DO 'BEGIN FOR i IN 1..100 LOOP INSERT INTO ticket (who) VALUES (''root''); COMMIT; PERFORM pg_sleep(0.02); END LOOP; END'" >/dev/null 2>&1 || true
    done
}
intruders=()
for _ in 1 2 3; do
    through &
    intruders+=($!)
done
# They are sent away, and come back before the target has caught up: its worker stands still until they have written again.
worker=$(sql new 'SELECT pid FROM pg_stat_subscription WHERE pid IS NOT NULL')
fenced() { [ "$(closed old)" = 0 ]; }
by_root() { sql old "SELECT count(*) FROM ticket WHERE who = 'root'" shop; }
go_on_after_intrusion() {
    local before
    wait_until 120 fenced || true
    before=$(by_root)
    wrote_again() { [ "$(by_root)" -gt "$before" ]; }
    wait_until 60 wrote_again || true
    kill -CONT "$worker"
}
go_on_after_intrusion &
watching=$!
run_expect 13 replica-ctl switchover --hook-pre-fence "kill -STOP $worker" "$from" "$to"
wait "$watching"
assert_matches "$ERR" 'writes through the fence|written after the fence'
touch "$T/enough"
wait "${intruders[@]}"
assert_eq "$(closed old)$(closed new)" 10 'who may connect, after it was put back'

step 'killed and failed before COMMIT'
for at in fence check; do
    for how in before:kill9 after:kill9 after:error; do
        caught_up
        FLYTT_FAIL=$at:$how run failing-switchover "$from" "$to"
        if [ "$how" = after:error ]; then
            assert_eq "$STATUS" 69 "exit status of an error at $at"
        else
            assert_eq "$STATUS" 137 "exit status of a kill at $at"
            run_expect 13 replica-ctl switchover "$from" "$to"
            assert_contains "$ERR" 'interrupted'
            run_expect 0 replica-ctl rollback "$from" "$to"
        fi
        assert_eq "$(grants old)" "$old_grants" "grants of the old server after $at:$how"
        assert_eq "$(closed new)" 0 "everybody may connect to the target after $at:$how"
        mark=$(grep -c 'acked$' "$T/writer.log")
        more_acked() { [ "$(grep -c 'acked$' "$T/writer.log")" -gt "$mark" ]; }
        within 20 more_acked
    done
done
caught_up

step 'killed after COMMIT: only forward'
for _ in 1 2 3 4 5; do as_app "$old_address" "INSERT INTO ticket (who) VALUES ('app') RETURNING n"; done >"$T/tickets"
as_app "$old_address" "SELECT nextval('backwards'), nextval('backwards')" >/dev/null
FLYTT_FAIL=promote:before:kill9 run failing-switchover "$from" "$to"
assert_eq "$STATUS" 137 'exit status'
assert_eq "$(closed old)$(closed new)" 00 'who may connect between COMMIT and promotion'
run_expect 13 replica-ctl rollback "$from" "$to"
assert_contains "$ERR" 'committed'
# What the server does by itself meanwhile is not somebody who writes: its statistics, and the long values in them.
toasted() { sql old "SELECT n_tup_ins FROM pg_stat_all_tables WHERE relid = (SELECT reltoastrelid FROM pg_class WHERE oid = 'pg_statistic'::regclass)" shop; }
before=$(toasted)
sql old 'ANALYZE' shop
more_toasted() { [ "$(toasted)" -gt "$before" ]; }
within 10 more_toasted
echo "postgres://$new_address" >"$T/address.next" && mv "$T/address.next" "$T/address"
run_expect 0 replica-ctl resume "$from" "$to"
assert_contains "$OUT" 'done:'
assert_eq "$(closed old)$(closed new)" 01 'who may connect after the switchover'
assert_eq "$(slots)" 0 'slots after the switchover'

step 'numbers go on where they were'
assert_eq "$(as_app "$new_address" "INSERT INTO ticket (who) VALUES ('app') RETURNING n")" "$(($(sql old 'SELECT last_value FROM ticket_n_seq' shop) + 1))" 'the next ticket'
assert_eq "$(sql new 'SELECT last_value, is_called FROM backwards' shop)" "$(sql old 'SELECT last_value, is_called FROM backwards' shop)" 'a sequence that counts down'
assert_eq "$(sql new "SELECT nextval('fresh')" shop)" 77 'a sequence that nobody has used'

acked_by_new() { grep -q "$new_address	acked\$" "$T/writer.log"; }
within 30 acked_by_new
kill -TERM "$writer"
wait_gone "$writer"
PGPASSWORD=$app_password run_expect 0 ackwriter check --log "$T/writer.log" --server "postgres://$new_address" --user app --database shop --table book --ssl-ca "$T/tls/ca.pem"
assert_contains "$OUT" 'lost writes: 0'

step drop
run_expect 0 replica-ctl drop "$from" "$to"
assert_eq "$(sql old 'SELECT count(*) FROM pg_publication' shop)" 0 'publications left on the old server'
assert_eq "$(sql new 'SELECT count(*) FROM pg_subscription' shop)" 0 'subscriptions left on the new server'
assert_eq "$(grants new)" "$new_grants" 'grants of the new server'
for name in old new; do
    assert_not_contains "$(cat "$T"/state/flytt/*.journal)" "$FLYTT_REPL_PASSWORD" 'the journal'
    assert_eq "$(sql "$name" "SELECT count(*) FROM pg_stat_activity WHERE usename = 'flytt_ctl'")" 0 "sessions left on $name"
done
