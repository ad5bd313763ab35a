# Databases that are not moved: a fence, and following, close the whole server, so each is refused until it is named; and a restart of
# either server, which may forget what keeps them out, is noticed and put right. Arguments: the product as servers.sh names it.
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
for dry in --dry-run ''; do
    run_expect 13 replica-ctl switchover ${dry:+"$dry"} "$from" "$to"
    assert_contains "$OUT$ERR" "--also-fences crm"
done

# lines: what the last answer says is to be added to a configuration file.
lines() { sed -n 's/^    \([^ ]\)/\1/p' <<<"$OUT"; }
status_says() { run replica-ctl status "$from" "$to"; [ "$STATUS" = "$1" ]; }
step "a restart of the target takes the limits of the channel: status says so, a switchover refuses, start puts them back"
remembers=no
[ "$1" != mysql97 ] || remembers=yes # what closes a server, but no filter
server_restart new
run_expect 1 replica-ctl status "$from" "$to"
assert_contains "$OUT" "channel-limits: channel flytt carries everything, and was limited to shop.% when it was started"
if [ $remembers = yes ]; then assert_not_contains "$OUT" target-open; else assert_contains "$OUT" "target-open: the target is not closed"; fi
for dry in --dry-run ''; do
    run_expect 13 replica-ctl switchover ${dry:+"$dry"} --also-fences crm --also-fences wiki "$from" "$to"
    assert_contains "$OUT" channel-limits
done
run_expect 0 replica-ctl start "${start[@]}" --dry-run "$from" "$to"
assert_contains "$OUT" "would put back: channel flytt carries everything"
run_expect 0 replica-ctl start "${start[@]}" "$from" "$to"
assert_contains "$OUT" "put back: channel flytt carries everything"
kept=$(lines)
run_expect 0 replica-ctl status "$from" "$to"
sql old "CREATE DATABASE later; CREATE TABLE later.t (id INT PRIMARY KEY); INSERT INTO shop.t VALUES (1)"
run_expect 0 lag-wait --zero --timeout 60s "$from" "$to"
assert_sql new "SELECT COUNT(*) FROM information_schema.SCHEMATA WHERE SCHEMA_NAME IN ('later', 'wiki')" 0

step "the lines that start prints keep them over the next restart"
mapfile -t keep <<<"$kept"
assert_contains "$kept" "replicate_wild_do_table="
server_restart new "${keep[@]}"
within 30 status_says 0
sql old "CREATE DATABASE even_later; INSERT INTO shop.t VALUES (2)"
run_expect 0 lag-wait --zero --timeout 60s "$from" "$to"
assert_sql new "SELECT COUNT(*) FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = 'even_later'" 0
sql old "DROP DATABASE later; DROP DATABASE even_later"
run_expect 0 lag-wait --zero --timeout 60s "$from" "$to"
run_expect 0 replica-ctl switchover --also-fences crm --also-fences wiki "$from" "$to"
assert_sql new "CALL crm.report()" ours

step "the old server stays closed over a restart, or status says that it does not and its lines keep it closed"
kept=$(lines)
server_restart old
run_expect 1 replica-ctl status "$from" "$to"
if [ $remembers = yes ]; then
    assert_eq "$kept" "" "lines for a server that remembers"
    assert_contains "$OUT" "source is closed to writes"
else
    assert_contains "$OUT" "the source was closed to writes by the switchover and is not any more"
    mapfile -t keep <<<"$kept"
    server_restart old "${keep[@]}"
    run_expect 1 replica-ctl status "$from" "$to"
    assert_contains "$OUT" "source is closed to writes"
fi
assert_not_contains "$OUT" "not any more"
