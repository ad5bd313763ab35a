#!/usr/bin/env bash
# Indexes of a large PostgreSQL table are built as soon as its rows are in, while another table is still loaded; pg_restore makes
# all others. In the end both sides have the same definitions, also when the load was killed while they were built.
# SPDX-License-Identifier: MIT
set -euo pipefail
# shellcheck source=tests/support/servers.sh
. "$FLYTT_SRC/tests/support/servers.sh"
# shellcheck source=tests/support/assert.sh
. "$FLYTT_SRC/tests/support/assert.sh"

product=${1:-postgres}
server_start "$product" old
server_start "$product" new
sql old "CREATE DATABASE shop"
sql_file old shop <<'SQL'
CREATE SCHEMA "my ""shop";
CREATE TABLE "my ""shop"."select ""x"";" (id bigint NOT NULL, a int NOT NULL, b text COLLATE "C" NOT NULL, c int NOT NULL, d int[] NOT NULL, e int);
INSERT INTO "my ""shop"."select ""x"";" SELECT g, g * 7 % 1000, md5(g::text) || repeat('x', 100), g, ARRAY[g % 10], g FROM generate_series(1, 150000) g;
SET search_path = "my ""shop";
CREATE FUNCTION half(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1 / 2';
ALTER TABLE "select ""x"";" ADD CONSTRAINT "the ""key" PRIMARY KEY (id) INCLUDE (a) WITH (fillfactor = 70);
ALTER TABLE "select ""x"";" ADD CONSTRAINT once UNIQUE NULLS NOT DISTINCT (c);
ALTER TABLE "select ""x"";" ADD CONSTRAINT later UNIQUE (e) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE "select ""x"";" ADD CONSTRAINT apart EXCLUDE USING btree (c WITH =) WHERE (c > 149000);
CREATE INDEX "by; ""a" ON "select ""x"";" (a DESC NULLS LAST) INCLUDE (c);
CREATE INDEX "two
lines" ON "select ""x"";" (b, a);
CREATE INDEX part ON "select ""x"";" (b) WHERE a > 500;
CREATE INDEX halves ON "select ""x"";" (half(a));
CREATE INDEX many ON "select ""x"";" USING gin (d);
CREATE INDEX counted ON "select ""x"";" (half(c));
CREATE UNIQUE INDEX replica ON "select ""x"";" (c, id);
CREATE INDEX clustered ON "select ""x"";" (e);
ALTER INDEX counted ALTER COLUMN 1 SET STATISTICS 500;
ALTER TABLE "select ""x"";" CLUSTER ON clustered;
ALTER TABLE "select ""x"";" REPLICA IDENTITY USING INDEX replica;
COMMENT ON INDEX "by; ""a" IS 'it''s; a comment';
COMMENT ON CONSTRAINT "the ""key" ON "select ""x"";" IS 'the key';
CREATE TABLE child (id bigint REFERENCES "select ""x"";" (id), c int REFERENCES "select ""x"";" (c));
INSERT INTO child SELECT g, g FROM generate_series(1, 100) g;
CREATE TABLE parts (id int, at date, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
INSERT INTO parts SELECT g, '2026-05-05' FROM generate_series(1, 500000) g;
CREATE TABLE larger (id int, b text);
INSERT INTO larger SELECT g, repeat(md5(g::text), 10) FROM generate_series(1, 150000) g;
CREATE TABLE small (id int PRIMARY KEY, b text UNIQUE);
SQL
sql old ANALYZE shop
# The archive has a random word for psql in it, since a fix of 2025.
definitions() { client_of "$1" pg_dump --schema-only --exclude-schema=flytt shop | grep -vE '^\\(un)?restrict |^--'; }
client_of() {
    local server=$1 program=$2
    shift 2
    product_run "$product" "$T" "$(postgres_program "$product" "$program")" --host="$(s_get "$server" SOCKET)" --port="$(s_get "$server" PORT)" --username=postgres "$@"
}
definitions old >"$T/old.sql"
to=$(url_as new postgres shop)
same() {
    definitions new >"$T/new.sql"
    diff "$T/old.sql" "$T/new.sql" >"$T/diff" || fail "definitions differ: $(head -n 20 "$T/diff")"
    assert_eq "$(sql new "SELECT count(*) FROM pg_index WHERE NOT indisvalid" shop)" 0 'invalid indexes'
    run_expect 0 verify-rows "$(url_as old postgres shop)" "$to"
}

step 'before the last rows are in'
run_expect 0 dump-stream --jobs 2 --chunk-size 512K -o "$T/stream" "$(url_as old postgres shop)"
run_expect 0 load-stream --list -i "$T/stream"
for name in 'the "key' once 'by; "a' part halves many; do assert_contains "$OUT" "index my \"shop.select \"x\";.$name"; done
for name in later apart counted replica clustered parts small; do assert_not_contains "$OUT" ";.$name"; done
assert_not_contains "$OUT" 'index my "shop.parts'
assert_not_contains "$OUT" 'index my "shop.small'

# The second half of the stream comes when $T/go is there.
half=$(($(stat -c %s "$T/stream") / 2))
halves() { head -c "$half" "$T/stream" && wait_until 60 test -e "$T/go" && tail -c "+$((half + 1))" "$T/stream"; }
# hold TABLE MODE: a session that holds this lock, until let_go.
hold() {
    product_run "$product" "$T" "$(postgres_program "$product" psql)" --no-psqlrc --quiet "host=$(s_get new SOCKET) port=$(s_get new PORT) user=postgres dbname=shop application_name=holder" \
        -c "LOCK TABLE \"my \"\"shop\".$1 IN $2 MODE; SELECT pg_sleep(600)" >"$T/holder.log" 2>&1 &
    within 20 held
}
held() { [ "$(sql new "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'holder' AND wait_event = 'PgSleep'" postgres)" = 1 ]; }
let_go() { sql new "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'holder'" postgres >/dev/null; }
waiting() { sql new "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'CREATE % INDEX %the%key%' AND pid <> $1" postgres | grep -q .; }

# One small table is held up: the indexes of the others do not wait for it.
halves | load-stream --jobs 4 -vv "$to" >"$T/log" 2>&1 &
load=$!
within 60 grep -q 'created definitions' "$T/log"
hold child 'ACCESS EXCLUSIVE'
touch "$T/go"
built() { [ "$(grep -c 'created index' "$T/log")" -ge 7 ]; }
within 60 built
assert_not_contains "$(cat "$T/log")" 'chunks are in'
let_go
wait "$load" || fail "load-stream: $(cat "$T/log")"
assert_contains "$(cat "$T/log")" 'chunks are in'
same

step 'killed while they are built, with the server still at it'
sql new 'DROP DATABASE shop' >/dev/null
rm "$T/go"
mkfifo "$T/pipe"
halves >"$T/pipe" &
load-stream --jobs 2 -vv -i "$T/pipe" "$to" >"$T/log" 2>&1 &
load=$!
within 60 grep -q 'created definitions' "$T/log"
hold '"select ""x"";"' 'ROW EXCLUSIVE' # rows come in, and no index is built
touch "$T/go"
within 60 waiting 0
orphan=$(sql new "SELECT pid FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'CREATE % INDEX %'" postgres | head -n 1)
kill -KILL "$load"
wait "$load" || true
load-stream --jobs 2 -vv -i "$T/stream" "$to" >"$T/log" 2>&1 &
load=$!
within 60 waiting "$orphan"
let_go
wait "$load" || fail "load-stream: $(cat "$T/log")"
same

step 'all of them before the rows, and as somebody else'
printf '%s;\n' 'DROP DATABASE shop' 'CREATE ROLE clerk NOLOGIN' 'CREATE DATABASE shop' 'GRANT CREATE ON DATABASE shop TO clerk' | sql_file new postgres
run_expect 0 load-stream --no-defer-indexes --definer clerk -i "$T/stream" "$to"
assert_eq "$(sql new "SELECT DISTINCT relowner::regrole FROM pg_class WHERE relnamespace = '\"my \"\"shop\"'::regnamespace" shop)" clerk 'owner of tables and indexes'
assert_eq "$(definitions new | grep -vE 'OWNER TO')" "$(grep -vE 'OWNER TO' "$T/old.sql")" 'definitions'
