#!/usr/bin/env bash
# Definitions that come after the rows, made by several jobs: the same on both sides, also where PostgreSQL's own pg_restore has
# its jobs wait for each other (a table that is clustered by one index and replicated by another).
# SPDX-License-Identifier: MIT
set -euo pipefail
# shellcheck source=tests/support/servers.sh
. "$FLYTT_SRC/tests/support/servers.sh"
# shellcheck source=tests/support/assert.sh
. "$FLYTT_SRC/tests/support/assert.sh"

server_start postgres old
server_start postgres new
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
CREATE INDEX remainders ON parts_1 ((id % 10));
CREATE STATISTICS together (ndistinct) ON a, e FROM "select ""x"";";
CREATE MATERIALIZED VIEW filled AS SELECT id FROM parts WHERE id <= 1000;
CREATE TABLE small (id int PRIMARY KEY, b text UNIQUE);
SQL
for i in $(seq 12); do
    echo "CREATE TABLE pair$i (a int NOT NULL, b int NOT NULL); INSERT INTO pair$i SELECT g, g FROM generate_series(1, 20000) g;
        CREATE UNIQUE INDEX a$i ON pair$i (a); CREATE UNIQUE INDEX b$i ON pair$i (b);
        ALTER TABLE pair$i CLUSTER ON a$i; ALTER TABLE pair$i REPLICA IDENTITY USING INDEX b$i;"
done | sql_file old shop
sql old ANALYZE shop
# A dump has a random word for psql in it, since a fix of 2025.
definitions() { pg_dump --schema-only --exclude-schema=flytt --dbname="$(url_as "$1" postgres shop)" | grep -vE '^\\(un)?restrict |^--'; }
definitions old >"$T/old.sql"
to=$(url_as new postgres shop)
same() {
    definitions new >"$T/new.sql"
    diff "$T/old.sql" "$T/new.sql" >"$T/diff" || fail "definitions differ: $(head -n 20 "$T/diff")"
    assert_eq "$(sql new "SELECT count(*) FROM pg_index WHERE NOT indisvalid" shop)" 0 'invalid indexes'
    assert_eq "$(sql new "SELECT string_agg(DISTINCT tablename, ' ' ORDER BY tablename) FROM pg_stats WHERE schemaname LIKE 'my%'
        AND tablename IN ('select \"x\";', 'halves', 'remainders', 'parts', 'parts_1', 'filled')" shop)" \
        'filled halves parts parts_1 remainders select "x";' 'what has statistics'
    assert_eq "$(sql new "SELECT count(*) FROM pg_statistic_ext_data" shop)" 1 'statistics of columns together'
    run_expect 0 verify-rows "$(url_as old postgres shop)" "$to"
}

run_expect 0 dump-stream -o "$T/stream" "$(url_as old postgres shop)"
for jobs in 4 1; do
    step "$jobs jobs"
    run_expect 0 load-stream --jobs "$jobs" -v -i "$T/stream" "$to"
    if grep -q 'waited for each other' <<<"$ERR"; then echo 'they waited for each other' >&2; fi
    same
    sql new 'DROP DATABASE shop' >/dev/null
done
