# Databases that are not moved: a fence, and following, close the whole server, so each is refused until it is named. Arguments: the
# product as servers.sh names it.
# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# shellcheck source=tests/support/servers.sh
. "$FLYTT_SRC/tests/support/servers.sh"
# shellcheck source=tests/support/assert.sh
. "$FLYTT_SRC/tests/support/assert.sh"
server_pair "$1" shop
export FLYTT_REPL_PASSWORD=$S_OLD_PASSWORD FLYTT_BUDGET=120s
from=$(url_as old root shop) to=$(url_as new root shop)
sql old "CREATE DATABASE shop; CREATE TABLE shop.t (id INT PRIMARY KEY); CREATE DATABASE crm; CREATE DATABASE wiki"
dump-stream "$from" | load-stream "$to"
sql new "SET SESSION sql_log_bin = 0; CREATE DATABASE crm; CREATE PROCEDURE crm.report() SELECT 'ours'"
start=(--source-address "$S_OLD_ADDR:$S_OLD_PORT")

step "each of them is named, on either server, by preflight and start alike"
for verb in preflight start; do
    run_expect 13 replica-ctl "$verb" "${start[@]}" "$from" "$to"
    for text in "database crm is on the source, too" "database wiki is on the source, too" "database crm is on the target, too" "--also-fences crm" "--also-fences wiki"; do
        assert_contains "$OUT$ERR" "$text" "what $verb says"
    done
done
run_expect 13 replica-ctl start "${start[@]}" --also-fences crm "$from" "$to"
assert_contains "$OUT$ERR" "database wiki is on the source, too"
assert_not_contains "$OUT$ERR" "database crm"

step "and accepted by their names"
run_expect 0 replica-ctl preflight "${start[@]}" --also-fences crm --also-fences wiki "$from" "$to"
run_expect 0 replica-ctl start "${start[@]}" --also-fences crm --also-fences wiki "$from" "$to"
run_expect 0 lag-wait --zero --timeout 60s "$from" "$to"
run_expect 13 replica-ctl switchover "$from" "$to"
assert_contains "$OUT$ERR" "--also-fences crm"
run_expect 0 replica-ctl switchover --also-fences crm --also-fences wiki "$from" "$to"
assert_sql new "CALL crm.report()" ours
