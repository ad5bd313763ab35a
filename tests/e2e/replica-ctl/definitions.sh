#!/usr/bin/env bash
# What a copy must be to be followed from; and MariaDB carries changes of definitions in its log: what differs at the switchover all the
# same was changed by hand, and stands in the way.
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
start=(replica-ctl start --source-address "$S_OLD_ADDR:$S_OLD_PORT" "$from" "$to")
step "what following needs is told before the copy, and a copy under another format is not followed from"
sql old "SET GLOBAL binlog_format = MIXED"
run_expect 0 dump-stream -o "$T/mixed" "$from"
assert_contains "$ERR" "no server can follow from this copy: the source's binlog_format is MIXED"
for dry in '' --dry-run; do
    run_expect 13 dump-stream ${dry:+"$dry"} --to-follow -o "$T/s" "$from"
    assert_contains "$OUT$ERR" "the source's binlog_format is MIXED"
done
sql old "SET GLOBAL binlog_format = ROW, GLOBAL binlog_row_image = MINIMAL"
for dry in '' --dry-run; do
    run_expect 13 dump-stream ${dry:+"$dry"} --to-follow --where "shop.t=id > 1" -o "$T/s" "$from"
    for text in "binlog_row_image is MINIMAL" "cannot be limited to rows by a condition"; do assert_contains "$OUT$ERR" "$text"; done
done
sql old "SET GLOBAL binlog_row_image = FULL"
run_expect 0 load-stream -i "$T/mixed" "$to"
run_expect 13 "${start[@]}"
assert_contains "$OUT" "copied-log: the copy was taken while the source's binlog_format was MIXED"

step "a row event larger than max_allowed_packet does not hide the copy's position"
sql old "SET GLOBAL max_allowed_packet = 16777216"
sql old "CREATE TABLE shop.big (id INT PRIMARY KEY, a LONGBLOB, b LONGBLOB); SET gtid_domain_id = 7; INSERT INTO shop.big VALUES (1, 'a', 'b'); SET gtid_domain_id = 1;
    INSERT INTO shop.big VALUES (2, REPEAT('x', 9000000), REPEAT('y', 9000000))"
run_expect 0 dump-stream --to-follow -o "$T/s" "$from"
run_expect 0 load-stream --list -i "$T/s"
assert_contains "$OUT" "$(sql old "SELECT @@GLOBAL.gtid_binlog_pos")"
run_expect 0 load-stream --if-exists drop --yes -i "$T/s" "$to"
run_expect 0 "${start[@]}"
run_expect 0 lag-wait --zero --timeout 60s "$from" "$to"

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
