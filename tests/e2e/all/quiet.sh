#!/usr/bin/env bash
# -q: what is good is not said, on stdout neither, so that cron has nothing to mail; what is wrong is said.
# flytt-test: timeout=600
# SPDX-License-Identifier: MIT
set -euo pipefail
# shellcheck source=tests/support/servers.sh
. "$FLYTT_SRC/tests/support/servers.sh"
# shellcheck source=tests/support/assert.sh
. "$FLYTT_SRC/tests/support/assert.sh"
server_pair mariadb shop
export FLYTT_SOURCE_PASSWORD=$S_OLD_PASSWORD FLYTT_TARGET_PASSWORD=$S_NEW_PASSWORD FLYTT_REPL_PASSWORD=$S_OLD_PASSWORD FLYTT_BUDGET=120s
from=$(url_as old flytt_ctl shop) to=$(url_as new flytt_ctl shop)
sql old "CREATE DATABASE shop; CREATE TABLE shop.t (id INT PRIMARY KEY); INSERT INTO shop.t VALUES (1); CREATE TABLE shop.keyless (id INT)"
nothing() { run_expect 0 "$@" && assert_eq "$OUT$ERR" "" "what $* says"; }
compare() { verify-rows "$@" "$(url_as old flytt_verify shop)" "$(url_as new flytt_verify shop)"; }

step "all is well: not a word"
nothing dump-stream -q -o "$T/s" "$(url_as old flytt_dump shop)"
nothing load-stream -q --check -i "$T/s"
nothing load-stream -q -i "$T/s" "$(url_as new flytt_load shop)"
run_expect 0 replica-ctl preflight --source-address "$S_OLD_ADDR:$S_OLD_PORT" "$from" "$to"
assert_contains "$OUT" "warning"
nothing replica-ctl preflight -q --source-address "$S_OLD_ADDR:$S_OLD_PORT" "$from" "$to"
nothing replica-ctl start -q --source-address "$S_OLD_ADDR:$S_OLD_PORT" "$from" "$to"
nothing replica-ctl status -q "$from" "$to"
nothing lag-wait -q --zero --timeout 120s "$from" "$to"
nothing compare -q
nothing io-probe rtt -q --count 2 "$to"

step "what was asked for by name is said"
run_expect 0 load-stream -q --list -i "$T/s"
assert_contains "$OUT" "table shop.t"
run_expect 0 replica-ctl switchover -q --dry-run "$from" "$to"
assert_contains "$OUT" "read_only"

step "what is wrong is said, and only that"
sql new "INSERT INTO shop.t VALUES (2)"
run_expect 1 compare -q
assert_contains "$OUT" "different"
assert_not_contains "$OUT" "shop.keyless"
run_expect 0 replica-ctl stop -q "$from" "$to"
run_expect 1 replica-ctl status -q "$from" "$to"
assert_contains "$OUT" "stopped, was following"
assert_not_contains "$OUT" "takes writes"

step "SOURCE and TARGET in the wrong order are suspected"
FLYTT_SOURCE_PASSWORD=$S_NEW_PASSWORD FLYTT_TARGET_PASSWORD=$S_OLD_PASSWORD run_expect 1 replica-ctl status -q "$to" "$from"
assert_contains "$OUT" "SOURCE and TARGET look swapped"
FLYTT_SOURCE_PASSWORD=$S_NEW_PASSWORD FLYTT_TARGET_PASSWORD=$S_OLD_PASSWORD run_expect 13 replica-ctl start --source-address "$S_NEW_ADDR:$S_NEW_PORT" "$to" "$from"
assert_contains "$ERR" "SOURCE and TARGET look swapped"

step "a switchover that would be too late says by how much, and what the limit is"
run_expect 0 replica-ctl start -q --source-address "$S_OLD_ADDR:$S_OLD_PORT" "$from" "$to"
run_expect 0 lag-wait --zero --timeout 120s "$from" "$to"
mkfifo "$T/hold"
mariadb --no-defaults --socket="$S_NEW_SOCKET" --user=root <"$T/hold" &
holder=$!
exec 9>"$T/hold"
echo "LOCK TABLES shop.keyless WRITE;" >&9
locked() { [ "$(sql new "SELECT COUNT(*) FROM information_schema.METADATA_LOCK_INFO WHERE TABLE_NAME = 'keyless'" 2>/dev/null || sql new "SHOW OPEN TABLES FROM shop WHERE \`Table\` = 'keyless' AND In_use > 0" | grep -c keyless)" != 0 ]; }
within 20 locked
sql old "INSERT INTO shop.keyless VALUES (1)"
run_expect 11 replica-ctl switchover --max-lag 300ms "$from" "$to"
assert_matches "$ERR" "too far behind to begin, more than --max-lag 300 ms: .* [0-9]+ bytes behind"
exec 9>&-
wait "$holder"
