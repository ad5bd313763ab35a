#!/usr/bin/env bash
# kill -9 of load-stream between every two statements that change the target, then the same stream again: each time complete,
# every row and object exactly once.
# SPDX-License-Identifier: MIT
set -euo pipefail
# shellcheck source=tests/support/servers.sh
. "$FLYTT_SRC/tests/support/servers.sh"
# shellcheck source=tests/support/assert.sh
. "$FLYTT_SRC/tests/support/assert.sh"
killer=$FLYTT_BIN/killer.so
[ -e "$killer" ] || skip "not built under a sanitizer"

server_start mariadb old
server_start mariadb new
# log has no key: a chunk that went in twice would show. Its trigger would show rows that fire it.
sql_file old <<'SQL'
CREATE DATABASE shop;
USE shop;
CREATE TABLE log (a INT, b CHAR(64));
INSERT INTO log SELECT seq, SHA2(seq, 256) FROM seq_1_to_4000;
CREATE TABLE keyed (id INT PRIMARY KEY, b CHAR(64), c INT, KEY b (b), KEY c (c), CHECK (c >= 0));
INSERT INTO keyed SELECT seq, SHA2(seq, 256), seq FROM seq_1_to_12000;
CREATE TABLE child (id INT PRIMARY KEY, parent INT, CONSTRAINT kin FOREIGN KEY (parent) REFERENCES keyed (id));
INSERT INTO child SELECT seq, seq FROM seq_1_to_100;
CREATE TABLE fired (n INT);
CREATE SEQUENCE numbers;
SELECT NEXTVAL(numbers);
CREATE VIEW second AS SELECT 1 AS x;
CREATE VIEW first AS SELECT x FROM second;
CREATE FUNCTION twice(n INT) RETURNS INT DETERMINISTIC RETURN n * 2;
CREATE TRIGGER bell AFTER INSERT ON log FOR EACH ROW INSERT INTO fired VALUES (NEW.a);
CREATE EVENT tick ON SCHEDULE EVERY 1 DAY DO DELETE FROM fired;
ANALYZE TABLE log, keyed PERSISTENT FOR ALL;
SQL
run_expect 0 dump-stream --chunk-size 512K -o "$T/stream" "$S_OLD_URL" -d shop

# state SERVER: all that a copy has to bring, as the server shows it.
state() {
    sql "$1" "CHECKSUM TABLE shop.log, shop.keyed, shop.child, shop.fired; SELECT COUNT(*) FROM shop.log"
    for table in log keyed child fired; do sql "$1" "SHOW CREATE TABLE shop.$table"; done
    sql "$1" "SELECT next_not_cached_value FROM shop.numbers; SHOW CREATE VIEW shop.first; SHOW CREATE FUNCTION shop.twice;
        SELECT TRIGGER_NAME, ACTION_STATEMENT FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = 'shop';
        SELECT EVENT_NAME, EVENT_DEFINITION FROM information_schema.EVENTS WHERE EVENT_SCHEMA = 'shop'"
}
load() { env LD_PRELOAD="$killer" "$@" load-stream --jobs 1 -i "$T/stream" "$S_NEW_URL"; }

state old >"$T/wanted"
run_expect 0 load FLYTT_KILL_COUNT="$T/count"
state new >"$T/got"
diff "$T/wanted" "$T/got" || fail "the copy differs"
steps=$(cat "$T/count")
[ "$steps" -ge 40 ] || fail "only $steps statements were seen"

step "killed before each of $steps statements"
for ((at = 1; at <= steps; at++)); do
    sql new "DROP DATABASE IF EXISTS shop; DROP DATABASE IF EXISTS flytt"
    run_expect 137 load FLYTT_KILL_AT="$at"
    run_expect 0 load FLYTT_KILL_AT=0
    state new >"$T/got"
    diff "$T/wanted" "$T/got" || fail "killed before statement $at, the copy differs"
done
