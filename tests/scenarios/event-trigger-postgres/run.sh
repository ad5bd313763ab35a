#!/usr/bin/env bash
# An event trigger that writes down each definition (a DDL audit) does so into a published table: starting the channel, which holds
# that table, neither hangs on it nor stops anything else.
# SPDX-License-Identifier: MIT
set -euo pipefail
# shellcheck source=tests/support/servers.sh
. "$FLYTT_SRC/tests/support/servers.sh"
# shellcheck source=tests/support/assert.sh
. "$FLYTT_SRC/tests/support/assert.sh"
server_pair postgres shop
export FLYTT_SOURCE_PASSWORD=$S_OLD_PASSWORD FLYTT_TARGET_PASSWORD=$S_NEW_PASSWORD FLYTT_REPL_PASSWORD=$S_OLD_PASSWORD
from=$(url_as old flytt_ctl shop) to=$(url_as new flytt_ctl shop)
sql old "CREATE TABLE t (id int PRIMARY KEY, v int); INSERT INTO t VALUES (1, 1); CREATE TABLE ddl_log (id bigserial PRIMARY KEY, tag text);
    CREATE FUNCTION log_ddl() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO public.ddl_log (tag) VALUES (tg_tag); END';
    CREATE EVENT TRIGGER audit ON ddl_command_end EXECUTE FUNCTION log_ddl()" shop
dump-stream --slot move "$(url_as old postgres shop)" | load-stream --if-exists drop --yes "$(url_as new postgres shop)"
start() { replica-ctl start --source-address "$S_OLD_ADDR:$S_OLD_PORT" "$from" "$to"; }

step "one that fires in every session is named, and nothing is left half made"
sql new "ALTER EVENT TRIGGER audit ENABLE ALWAYS" shop
run start
assert_ne "$STATUS" 0 "exit status"
assert_contains "$ERR" "an event trigger on the target writes into a table that is held"
assert_sql new "SELECT count(*) FROM pg_subscription" 0

step "an ordinary one does not fire on our statement"
sql new "ALTER EVENT TRIGGER audit ENABLE" shop
run_expect 0 start
run_expect 0 lag-wait --zero --timeout 300s "$from" "$to"
sql old "UPDATE t SET v = 2" shop
run_expect 0 lag-wait --zero --timeout 300s "$from" "$to"
assert_eq "$(sql new "SELECT v FROM t" shop)" 2 "what followed"
run_expect 0 replica-ctl stop "$from" "$to"
run_expect 0 start
run_expect 0 replica-ctl drop "$from" "$to"
