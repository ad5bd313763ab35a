#!/usr/bin/env bash
# Two databases of one pair of hosts are two moves with a journal each, found by whatever URL names the servers; and rollback says 0
# only for a source that takes writes.
# flytt-test: timeout=900
# SPDX-License-Identifier: MIT
set -euo pipefail
# shellcheck source=tests/support/servers.sh
. "$FLYTT_SRC/tests/support/servers.sh"
# shellcheck source=tests/support/assert.sh
. "$FLYTT_SRC/tests/support/assert.sh"
server_pair postgres shop crm
export FLYTT_SOURCE_PASSWORD=$S_OLD_PASSWORD FLYTT_TARGET_PASSWORD=$S_NEW_PASSWORD FLYTT_REPL_PASSWORD=$S_OLD_PASSWORD FLYTT_BUDGET=120s
closed() { sql "$1" "SELECT count(*) = 0 FROM pg_database d, aclexplode(coalesce(datacl, acldefault('d', datdba))) a WHERE datname = '$2' AND grantee = 0 AND privilege_type = 'CONNECT'"; }
ctl() { replica-ctl "$1" "$(url_as old flytt_ctl "$2")" "$(url_as new flytt_ctl "$2")"; }
ctl_tcp() { replica-ctl "$1" "$(tcp_url_as old flytt_ctl "$2" "sslrootcert=$T/tls/ca.pem")" "$(tcp_url_as new flytt_ctl "$2" "sslrootcert=$T/tls/ca.pem")"; }

for db in shop crm; do
    sql old "CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1)" "$db"
    dump-stream --slot "move_$db" "$(url_as old postgres "$db")" | load-stream --if-exists drop --yes "$(url_as new postgres "$db")"
    run_expect 0 replica-ctl start --source-address "$S_OLD_ADDR:$S_OLD_PORT" "$(url_as old flytt_ctl "$db")" "$(url_as new flytt_ctl "$db")"
    run_expect 0 lag-wait --zero --timeout 300s "$(url_as old flytt_ctl "$db")" "$(url_as new flytt_ctl "$db")"
done
assert_eq "$(find "$T/state/flytt" -name 'replica-*.journal' | wc -l)" 2 "journals"

step "a switchover that was killed is found by another spelling of its servers, and is not the other database's"
FLYTT_FAIL=fence:after:kill9 run failing-switchover "$(url_as old flytt_ctl shop)" "$(url_as new flytt_ctl shop)"
assert_eq "$STATUS" 137 "exit status of a kill"
run_expect 0 ctl_tcp status crm
assert_contains "$OUT" "switchover: none"
run_expect 0 ctl_tcp rollback crm
assert_contains "$OUT" "takes writes: nothing to do"
run_expect 1 ctl_tcp status shop
assert_contains "$OUT" "the source is closed by a switchover that was interrupted"
run_expect 13 ctl_tcp switchover shop
assert_contains "$ERR" "was interrupted"

step "without its journal rollback says that the source is closed, and how it is opened"
mv "$T/state" "$T/away"
run_expect 13 ctl rollback shop
assert_contains "$ERR" "is closed to writes"
assert_contains "$ERR" "replica-ctl unfence --yes"
run_expect 1 ctl status shop
assert_contains "$OUT" "no journal on this host says why"
rm -rf "$T/state"
mv "$T/away" "$T/state"

step "a journal that an earlier release named by the URLs is found"
for journal in "$T"/state/flytt/*shop*.journal; do mv "$journal" "$T/state/flytt/replica-tmp_old_5432--tmp_new_5432.journal"; done
run_expect 0 ctl_tcp rollback shop
assert_contains "$OUT" "rolled back"
assert_eq "$(closed old shop)" f "who may connect after the rollback"

step "one database after the other"
run_expect 0 lag-wait --zero --timeout 300s "$(url_as old flytt_ctl shop)" "$(url_as new flytt_ctl shop)"
run_expect 0 ctl switchover shop
run_expect 0 ctl_tcp status crm
assert_contains "$OUT" "switchover: none"
assert_eq "$(closed new crm)" t "who may connect to a target that follows"
run_expect 0 ctl_tcp drop crm
assert_contains "$OUT" "the target is as it was before start"
assert_eq "$(closed new crm)" f "who may connect after drop"
run_expect 0 ctl drop shop
assert_eq "$(closed old shop)$(closed new shop)" tf "who may connect to the database that moved"
