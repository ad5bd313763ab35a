#!/usr/bin/env bash
# The publication that --slot makes feeds one channel: no copy carries it, no comparison counts it, and one that is left over without
# its slot does not stand in the way of the next copy. Others' publications travel.
# flytt-test: timeout=600
# SPDX-License-Identifier: MIT
set -euo pipefail
# shellcheck source=tests/support/servers.sh
. "$FLYTT_SRC/tests/support/servers.sh"
# shellcheck source=tests/support/assert.sh
. "$FLYTT_SRC/tests/support/assert.sh"
server_pair postgres shop
export FLYTT_SOURCE_PASSWORD=$S_OLD_PASSWORD FLYTT_TARGET_PASSWORD=$S_NEW_PASSWORD FLYTT_REPL_PASSWORD=$S_OLD_PASSWORD FLYTT_BUDGET=120s
from=$(url_as old flytt_ctl shop) to=$(url_as new flytt_ctl shop)
publications() { sql "$1" "SELECT string_agg(pubname, ' ' ORDER BY pubname) FROM pg_publication" shop; }
compare() { verify-rows "$(url_as old postgres shop)" "$(url_as new postgres shop)"; }
sql old "CREATE TABLE t (id int PRIMARY KEY, v int); INSERT INTO t VALUES (1, 1); CREATE PUBLICATION theirs FOR TABLE t; COMMENT ON PUBLICATION theirs IS 'feeds flytt: not'" shop

step "copied and followed"
run_expect 0 dump-stream --slot move -o "$T/s" "$(url_as old postgres shop)"
run_expect 0 load-stream --list --statements -i "$T/s"
assert_contains "$OUT" "CREATE PUBLICATION theirs"
assert_not_contains "$OUT" "PUBLICATION move"
run_expect 0 load-stream --if-exists drop --yes -i "$T/s" "$(url_as new postgres shop)"
assert_eq "$(publications old)" "move theirs" "publications of the source"
assert_eq "$(publications new)" "theirs" "publications of the target"
run_expect 0 compare
run_expect 0 replica-ctl start --source-address "$S_OLD_ADDR:$S_OLD_PORT" "$from" "$to"
run_expect 0 lag-wait --zero --timeout 300s "$from" "$to"
run_expect 0 replica-ctl switchover "$from" "$to"

step "the slot is gone with the switchover, the publication stays until drop, and is no difference"
assert_eq "$(sql old "SELECT count(*) FROM pg_replication_slots")" 0 "slots"
assert_eq "$(publications old)" "move theirs" "publications of the source"
run_expect 0 compare
run_expect 0 dump-stream --slot move -o "$T/s" "$(url_as new postgres shop)"

step "left over without its slot, it is made anew; somebody's own of that name is not"
sql new "SELECT pg_drop_replication_slot('move')" shop >/dev/null
sql new "CREATE TABLE u (id int PRIMARY KEY)" shop
run_expect 0 dump-stream --slot move -o "$T/s" "$(url_as new postgres shop)"
assert_eq "$(sql new "SELECT count(*) FROM pg_publication_tables WHERE pubname = 'move'" shop)" 2 "tables of the publication"
run_expect 13 dump-stream --slot theirs -o "$T/s" "$(url_as new postgres shop)"
assert_contains "$ERR" "publication theirs is there already"
