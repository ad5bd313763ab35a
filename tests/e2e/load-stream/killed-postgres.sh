#!/usr/bin/env bash
# kill -9 of load-stream into PostgreSQL at any time, then the same stream again: complete, every row exactly once. And of
# dump-stream: no session and no lock is left on the source.
# SPDX-License-Identifier: MIT
set -euo pipefail
# shellcheck source=tests/support/servers.sh
. "$FLYTT_SRC/tests/support/servers.sh"
# shellcheck source=tests/support/assert.sh
. "$FLYTT_SRC/tests/support/assert.sh"

server_start postgres old
server_start postgres new
sql old "CREATE DATABASE shop"
# A table without a key would show a chunk that is loaded twice.
sql old "CREATE TABLE log (a int, b text); INSERT INTO log SELECT g, md5(g::text) || md5((g + 1)::text) FROM generate_series(1, 60000) g; CREATE INDEX ON log (b);
    CREATE TABLE keyed (id int PRIMARY KEY, b text); INSERT INTO keyed SELECT a, b FROM log; ALTER TABLE keyed ADD FOREIGN KEY (id) REFERENCES keyed;
    CREATE TABLE parts (a int, b int, PRIMARY KEY (a, b)) PARTITION BY RANGE (b); CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (1);
    CREATE TABLE parts_2 PARTITION OF parts FOR VALUES FROM (1) TO (2) PARTITION BY HASH (a);
    CREATE TABLE parts_2e PARTITION OF parts_2 FOR VALUES WITH (MODULUS 1, REMAINDER 0); INSERT INTO parts SELECT a, a % 2 FROM log;
    CREATE INDEX parts_b ON parts (b); CREATE TABLE part_of (a int, b int, FOREIGN KEY (a, b) REFERENCES parts); INSERT INTO part_of SELECT * FROM parts;
    CREATE VIEW v AS SELECT count(*) AS n FROM log; CREATE MATERIALIZED VIEW mv AS SELECT * FROM v; CREATE SEQUENCE s; SELECT nextval('s');
    SELECT lo_from_bytea(4711, 'large'); ANALYZE" shop >/dev/null
to="$(url_as new postgres shop)"
run_expect 0 dump-stream --chunk-size 256K -o "$T/stream" "$(url_as old postgres shop)"
chunks() { sql new "SELECT count(*) FROM flytt.ledger WHERE phase = 'chunk'" shop 2>/dev/null || echo 0; }
at_least() { [ "$(chunks)" -ge "$1" ]; }
begun() { [ "$(sql new "SELECT count(*) FROM flytt.ledger WHERE name LIKE '$1%' AND state = 'begun'" shop 2>/dev/null || echo 0)" != 0 ]; }

kill_when() { # CONDITION...
    load-stream -i "$T/stream" "$to" >"$T/log" 2>&1 &
    local pid=$!
    until "$@" || gone "$pid"; do sleep 0.01; done
    local child children
    children=$(pgrep -P "$pid" || true)
    kill -KILL "$pid" 2>/dev/null || true
    wait "$pid" || true
    for child in $children; do wait_gone "$child" 10 || fail "$child, which it had started, goes on"; done
    # What the server was in the middle of ends with the connection, or is done.
    within 20 quiet
}
quiet() { [ "$(sql new "SELECT count(*) FROM pg_stat_activity WHERE datname = 'shop' AND pid <> pg_backend_pid() AND backend_type = 'client backend'" postgres)" = 0 ]; }
step "killed while definitions are restored, while rows come, while indexes are built"
kill_when begun definitions
# In the middle of a table that goes in as a whole: nothing of it is there, nor in the ledger.
loading() { [ "$(sql new "SELECT count(*) FROM pg_stat_progress_copy WHERE relid = to_regclass('$1')" shop 2>/dev/null || echo 0)" != 0 ]; }
kill_when loading log
for after in 1 6 14; do kill_when at_least "$after"; done
kill_when begun late
attached() { [ "$(sql new "SELECT count(*) FROM pg_inherits h JOIN pg_class c ON c.oid = h.inhparent WHERE c.relkind = 'I'" shop 2>/dev/null || echo 0)" -ge 2 ]; }
kill_when attached
run_expect 0 load-stream -i "$T/stream" "$to"
# Loaded in the transaction that truncated them: visible to all from the start.
assert_eq "$(sql new "SELECT count(*) FROM pg_class WHERE relname IN ('log', 'keyed') AND relallvisible = relpages AND relpages > 0" shop)" 2 "tables with frozen pages"
check="SELECT count(*), sum(hashtextextended(l::text, 0)) FROM log l; SELECT count(*), sum(hashtextextended(k::text, 0)) FROM keyed k; SELECT * FROM mv;
    SELECT last_value, is_called FROM s; SELECT lo_get(4711); SELECT count(*) FROM pg_constraint WHERE connamespace = 'public'::regnamespace; SELECT count(*) FROM pg_index WHERE indrelid = 'log'::regclass;
    SELECT indexrelid::regclass::text, indisvalid FROM pg_index WHERE indrelid::regclass::text LIKE 'part%' ORDER BY 1"
assert_eq "$(sql new "$check" shop)" "$(sql old "$check" shop)"
run_expect 0 load-stream -i "$T/stream" "$to"
assert_contains "$OUT" "is in already"

step "a half-loaded copy is named, with the command that removes it, and the command works"
sql new "DROP DATABASE shop" >/dev/null
head -c $(($(stat -c %s "$T/stream") / 2)) "$T/stream" >"$T/half"
run_expect 65 load-stream -i "$T/half" "$to"
run_expect 0 dump-stream -o "$T/other" "$(url_as old postgres shop)"
run_expect 13 load-stream -i "$T/other" "$to"
assert_contains "$ERR" "--discard"
command=$(grep -o "load-stream --discard.*" <<<"$ERR" | head -n 1)
run_expect 0 bash -c "$command"
run_expect 0 load-stream -i "$T/other" "$to"
assert_eq "$(sql new "$check" shop)" "$(sql old "$check" shop)"

step "kill -9 of dump-stream leaves nothing on the source"
mkfifo "$T/pipe"
dump-stream "$(url_as old postgres shop)" >"$T/pipe" &
dump=$!
exec 8<"$T/pipe"
head -c 4096 <&8 >/dev/null
sessions() { sql old "SELECT count(*) FROM pg_stat_activity WHERE datname = 'shop' AND pid <> pg_backend_pid() AND backend_type = 'client backend'"; }
assert_ne "$(sessions)" 0 "sessions during a dump"
kill -KILL "$dump"
wait "$dump" || true
none() { [ "$(sessions)" = 0 ]; }
within 30 none
exec 8<&-
sql old "SET lock_timeout = '2s'; TRUNCATE log" shop
