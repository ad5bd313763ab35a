#!/usr/bin/env bash
# MariaDB carries changes of definitions in its log: what differs at the switchover all the same was changed by hand, and stands in the way.
# flytt-test: timeout=600
# SPDX-License-Identifier: MIT
set -euo pipefail
# shellcheck source=tests/support/servers.sh
. "$FLYTT_SRC/tests/support/servers.sh"
# shellcheck source=tests/support/assert.sh
. "$FLYTT_SRC/tests/support/assert.sh"
server_pair mariadb shop
export FLYTT_REPL_PASSWORD=$S_OLD_PASSWORD FLYTT_BUDGET=120s
from=$(url_as old root shop) to=$(url_as new root shop)
sql old "CREATE DATABASE shop; USE shop; CREATE TABLE t (id INT PRIMARY KEY, v INT); CREATE VIEW v AS SELECT id FROM t; CREATE PROCEDURE p() SELECT 1;
    CREATE EVENT e ON SCHEDULE EVERY 1 DAY DO DELETE FROM t WHERE id < 0"
dump-stream "$from" | load-stream "$to"
run_expect 0 replica-ctl start --source-address "$S_OLD_ADDR:$S_OLD_PORT" "$from" "$to"

step "what follows in the log is no difference"
sql old "ALTER TABLE t ADD COLUMN w INT; ALTER VIEW v AS SELECT id, w FROM t; CREATE INDEX i ON t (v)" shop
run_expect 0 replica-ctl switchover --dry-run "$from" "$to"

step "what somebody changed on the target is"
sql new "SET SESSION sql_log_bin = 0; ALTER VIEW v AS SELECT id FROM t; DROP PROCEDURE p" shop
run_expect 13 replica-ctl switchover "$from" "$to"
assert_contains "$OUT" "view shop.v differs"
assert_contains "$OUT" "routine shop.p is on the source and not on the target"
sql new "SET SESSION sql_log_bin = 0; ALTER VIEW v AS SELECT id, w FROM t; CREATE PROCEDURE p() SELECT 1" shop
run_expect 0 replica-ctl switchover "$from" "$to"
