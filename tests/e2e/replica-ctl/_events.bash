# Scheduled events over a switchover: what counts is what the source has when it is closed, whatever became of them while the target
# followed; and those whose time has passed are told. Arguments: the product as servers.sh names it.
# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# shellcheck source=tests/support/servers.sh
. "$FLYTT_SRC/tests/support/servers.sh"
# shellcheck source=tests/support/assert.sh
. "$FLYTT_SRC/tests/support/assert.sh"
server_pair "$1" shop
export FLYTT_SOURCE_PASSWORD=$S_OLD_PASSWORD FLYTT_TARGET_PASSWORD=$S_NEW_PASSWORD FLYTT_REPL_PASSWORD=$S_OLD_PASSWORD FLYTT_BUDGET=120s
from=$(url_as old flytt_ctl shop) to=$(url_as new flytt_ctl shop)
sql old "CREATE DATABASE shop; USE shop; CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, a VARCHAR(20)); SET GLOBAL event_scheduler = OFF;
    CREATE EVENT was_on ON SCHEDULE EVERY 1 DAY STARTS '2037-01-01' DO INSERT INTO t (a) VALUES ('x');
    CREATE EVENT was_off ON SCHEDULE EVERY 1 DAY STARTS '2037-01-01' DISABLE DO INSERT INTO t (a) VALUES ('x');
    CREATE EVENT turned_off ON SCHEDULE EVERY 1 DAY STARTS '2037-01-01' DO INSERT INTO t (a) VALUES ('x');
    CREATE EVENT turned_on ON SCHEDULE EVERY 1 DAY STARTS '2037-01-01' DISABLE DO INSERT INTO t (a) VALUES ('x');
    CREATE EVENT dropped ON SCHEDULE EVERY 1 DAY STARTS '2037-01-01' DO INSERT INTO t (a) VALUES ('x');
    CREATE EVENT renamed ON SCHEDULE EVERY 1 DAY STARTS '2037-01-01' DO INSERT INTO t (a) VALUES ('x');
    CREATE EVENT off_and_renamed ON SCHEDULE EVERY 1 DAY STARTS '2037-01-01' DISABLE DO INSERT INTO t (a) VALUES ('x');
    SET TIMESTAMP = UNIX_TIMESTAMP() - 86400;
    CREATE EVENT past ON SCHEDULE AT NOW() + INTERVAL 1 HOUR DO INSERT INTO t (a) VALUES ('x');
    CREATE EVENT past_end ON SCHEDULE EVERY 1 DAY ENDS NOW() + INTERVAL 1 HOUR DO INSERT INTO t (a) VALUES ('x');
    CREATE EVENT past_kept ON SCHEDULE AT NOW() + INTERVAL 1 HOUR ON COMPLETION PRESERVE DISABLE DO INSERT INTO t (a) VALUES ('x');
    SET TIMESTAMP = DEFAULT; SET NAMES latin1; CREATE EVENT latin ON SCHEDULE EVERY 1 DAY STARTS '2037-01-01' DISABLE DO INSERT INTO t (a) VALUES ('$(printf '\\xe9')')"
events() { sql "$1" "SELECT EVENT_NAME, STATUS FROM information_schema.EVENTS WHERE EVENT_SCHEMA = 'shop' AND EVENT_NAME NOT LIKE 'past%' ORDER BY 1"; }

step "an event whose time has passed is left out by name; one whose time passes until it is loaded is kept for the channel, and told"
# It has to be there when the source is read, however long that takes here.
for seconds in 3 15 60 240; do
    sql old "DROP EVENT IF EXISTS shop.soon; CREATE EVENT shop.soon ON SCHEDULE AT NOW() + INTERVAL $seconds SECOND DO INSERT INTO shop.t (a) VALUES ('x')"
    run_expect 0 dump-stream -v -o "$T/s" "$(url_as old flytt_dump shop)"
    grep -q "event shop.soon" <<<"$ERR" || break
done
assert_contains "$ERR" "2 events, whose time has passed"
for name in past past_end; do assert_contains "$ERR" "event shop.$name"; done
run_expect 0 load-stream --list -i "$T/s"
assert_contains "$OUT" "left out: 2 events, whose time has passed"
passed() { [ "$(sql old "SELECT COUNT(*) FROM information_schema.EVENTS WHERE EVENT_NAME = 'soon' AND EXECUTE_AT < NOW()")" = 1 ]; }
within 300 passed
run_expect 10 load-stream -i "$T/s" "$(url_as new flytt_load shop)"
assert_contains "$ERR" "event shop.soon: its time has passed since the source was read"
assert_eq "$(sql new "SELECT COUNT(*) FROM information_schema.EVENTS WHERE STATUS = 'ENABLED'")" 0 "events that run on the target"

step "made, enabled, disabled, renamed and dropped while the target follows"
run_expect 0 replica-ctl start --source-address "$S_OLD_ADDR:$S_OLD_PORT" "$from" "$to"
assert_not_contains "$OUT" "unseen" # the accounts of the manual see events and routines
sql old "USE shop; DROP EVENT soon; DROP EVENT dropped; ALTER EVENT turned_off DISABLE; ALTER EVENT turned_on ENABLE; ALTER EVENT renamed RENAME TO renamed2;
    ALTER EVENT off_and_renamed RENAME TO off_and_renamed2; ALTER EVENT latin ENABLE;
    CREATE EVENT made ON SCHEDULE EVERY 1 DAY STARTS '2037-01-01' DO INSERT INTO t (a) VALUES ('x');
    CREATE EVENT made_off ON SCHEDULE EVERY 1 DAY STARTS '2037-01-01' DISABLE DO INSERT INTO t (a) VALUES ('x')"
run_expect 0 lag-wait --zero --timeout 60s "$from" "$to"

step "a switchover leaves them as they were on the source, and a dry run prints what it will do"
run_expect 0 replica-ctl switchover --dry-run "$from" "$to"
assert_contains "$OUT" 'EVENT `shop`.`made` ENABLE'
assert_contains "$OUT" 'EVENT `shop`.`turned_on` ENABLE'
assert_not_contains "$OUT" '`turned_off` ENABLE'
run_expect 0 replica-ctl switchover "$from" "$to"
assert_eq "$(events new)" "$(events old)" "events of the new server"
assert_contains "$(events new)" $'made\tENABLED'
assert_contains "$(events new)" $'turned_off\tDISABLED'
assert_eq "$(sql new "SHOW CREATE EVENT shop.latin")" "$(sql old "SHOW CREATE EVENT shop.latin")" "an event of another character set"
