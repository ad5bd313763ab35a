#!/usr/bin/env bash
# Databases that are not UTF-8: names, conditions and definitions beyond ASCII, and bytes that no encoding has.
# SPDX-License-Identifier: MIT
set -euo pipefail
# shellcheck source=tests/support/servers.sh
. "$FLYTT_SRC/tests/support/servers.sh"
# shellcheck source=tests/support/assert.sh
. "$FLYTT_SRC/tests/support/assert.sh"

server_start postgres old
server_start postgres new
from="$(url_as old postgres shop)" to="$(url_as new postgres shop)"
export PGCLIENTENCODING=UTF8

step "LATIN1"
sql old "CREATE DATABASE shop ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0"
sql_file old shop <<'SQL'
CREATE SCHEMA "schön";
CREATE TYPE mood AS ENUM ('é', 'ü');
CREATE TABLE "schön"."café" ("prénom" text PRIMARY KEY, j jsonb, a text[], m mood DEFAULT 'ü', g text GENERATED ALWAYS AS ("prénom" || 'ñ') STORED);
INSERT INTO "schön"."café" VALUES ('é', '{"é": "ü"}', '{é}', 'ü'), ('ÿ', NULL, NULL, 'é');
INSERT INTO "schön"."café" SELECT 'n' || g FROM generate_series(1, 5000) g;
COMMENT ON TABLE "schön"."café" IS 'ñ';
CREATE INDEX "indéx" ON "schön"."café" (lower("prénom"));
CREATE TABLE "für" ("é" mood) PARTITION BY HASH ("é");
CREATE TABLE "für0" PARTITION OF "für" FOR VALUES WITH (MODULUS 1, REMAINDER 0);
INSERT INTO "für" VALUES ('é'), ('ü');
ANALYZE;
SQL
for jobs in 1 4; do
    run_expect 0 dump-stream --jobs "$jobs" --chunk-size 64K -o "$T/s" "$from"
    run_expect 0 load-stream --jobs "$jobs" -i "$T/s" "$to"
    run_expect 0 verify-rows "$from" "$to"
    assert_eq "$(sql new "SELECT count(*), min(g) FROM \"schön\".\"café\"" shop)" "$(sql old "SELECT count(*), min(g) FROM \"schön\".\"café\"" shop)"
    sql new "DROP DATABASE shop"
done
for where in "schön.café=\"prénom\" >= 'é'" "schön.café=\"prénom\" IN ('é', 'e')"; do
    run_expect 0 dump-stream -t 'schön.café' --where "$where" -o "$T/s" "$from"
    run_expect 13 load-stream -i "$T/s" "$to"
    assert_contains "$ERR" "type public.mood"
    run_expect 0 dump-stream --where "$where" -o "$T/s" "$from"
    run_expect 0 load-stream -i "$T/s" "$to"
    assert_eq "$(sql new "SELECT count(*) FROM \"schön\".\"café\"" shop)" "$(sql old "SELECT count(*) FROM \"schön\".\"café\" WHERE ${where#*=}" shop)" "rows of $where"
    run_expect 0 verify-rows --where "$where" "$from" "$to"
    sql new "DROP DATABASE shop"
done
run_expect 65 dump-stream --where "schön.café=\"prénom\" = '字'" -o "$T/s" "$from"
assert_contains "$ERR" "LATIN1"

step "bytes of a database without an encoding"
sql old "DROP DATABASE shop"
sql old "CREATE DATABASE shop ENCODING 'SQL_ASCII' LOCALE 'C' TEMPLATE template0"
PGCLIENTENCODING=SQL_ASCII sql_file old shop < <(printf "CREATE TABLE t (id int PRIMARY KEY, v text, a text[]);
    INSERT INTO t VALUES (1, 'caf\xe9', ARRAY['\xff\xfe']), (2, 'ok', NULL), (3, 'utf \xc3\xa9', NULL);
    CREATE TABLE k (v text PRIMARY KEY); INSERT INTO k VALUES ('\xe9'), ('a'), ('\xc3\xa9'); INSERT INTO k SELECT '\xe9' || g FROM generate_series(1, 3000) g;")
run_expect 0 dump-stream -o "$T/s" "$from"
run_expect 0 load-stream -i "$T/s" "$to"
run_expect 0 verify-rows "$from" "$to"
PGCLIENTENCODING=SQL_ASCII sql_file new shop < <(printf "UPDATE k SET v = '\xea' WHERE v = '\xe9'")
run_expect 1 verify-rows "$from" "$to"
assert_harmless "$T/out"
run_expect 1 verify-rows --json "$from" "$to"
assert_harmless "$T/out"
run_expect 0 dump-stream --where "public.t=v = 'utf é'" -t public.t -o "$T/s" "$from"
sql new "DROP DATABASE shop"
run_expect 0 load-stream -i "$T/s" "$to"
assert_eq "$(sql new "SELECT id FROM t" shop)" 3
