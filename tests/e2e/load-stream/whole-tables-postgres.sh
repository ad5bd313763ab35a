#!/usr/bin/env bash
# Tables that go into PostgreSQL as a whole, and those that must not: loading one may need to read another.
# SPDX-License-Identifier: MIT
set -euo pipefail
# shellcheck source=tests/support/servers.sh
. "$FLYTT_SRC/tests/support/servers.sh"
# shellcheck source=tests/support/assert.sh
. "$FLYTT_SRC/tests/support/assert.sh"

server_start postgres old
server_start postgres new
rows="SELECT g AS id, md5(g::text) AS a, md5((g + 1)::text) AS b FROM generate_series(1, 30000) g"
# counts SERVER DATABASE TABLE...
counts() {
    local server=$1 database=$2 table
    shift 2
    for table in "$@"; do sql "$server" "SELECT count(*), sum(hashtextextended(t::text, 0)) FROM $table t" "$database"; done
}
# copied DATABASE TABLE...: loaded by one and by two jobs from two of the dump's, whatever the order of chunks.
copied() {
    local database=$1 jobs
    shift
    run_expect 0 dump-stream --jobs 2 --chunk-size 64K -o "$T/$database" "$(url_as old postgres "$database")"
    for jobs in 1 2; do
        run_expect 0 timeout 50 load-stream --jobs "$jobs" -i "$T/$database" "$(url_as new postgres "$database")"
        assert_eq "$(counts new "$database" "$@")" "$(counts old "$database" "$@")" "rows with $jobs jobs"
        frozen "$database" >"$T/frozen-$jobs"
        sql new "DROP DATABASE $database" postgres
    done
}
frozen() { sql new "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relpages > 0 AND relallvisible = relpages ORDER BY 1" "$1"; }

step "tables by themselves arrive frozen, and what is small does not matter"
sql old "CREATE DATABASE plain"
sql old "CREATE TABLE one AS $rows; CREATE TABLE two AS SELECT * FROM one; CREATE TABLE three AS SELECT * FROM one; CREATE TABLE small AS SELECT 1 AS n;
    CREATE TABLE parent (LIKE one); CREATE TABLE child () INHERITS (parent); INSERT INTO parent SELECT * FROM one; INSERT INTO child SELECT * FROM one;
    CREATE UNLOGGED TABLE unlogged AS SELECT * FROM one; ANALYZE" plain
copied plain one two three small parent child unlogged
for jobs in 1 2; do assert_eq "$(tr '\n' ' ' <"$T/frozen-$jobs")" "child one parent three two unlogged " "frozen with $jobs jobs"; done

step "a table whose row type is another one's column is not held while that one is loaded"
sql old "CREATE DATABASE typed"
sql old "CREATE TABLE orders AS $rows; CREATE TABLE history (at int, was orders, more orders[]); INSERT INTO history SELECT id, o, ARRAY[o] FROM orders o;
    CREATE TYPE pair AS (x orders, y int); CREATE TABLE pairs (p pair); INSERT INTO pairs SELECT ROW(o, 1)::pair FROM orders o;
    CREATE TABLE other AS SELECT * FROM orders; ANALYZE" typed
copied typed orders history pairs other
for jobs in 1 2; do assert_eq "$(tr '\n' ' ' <"$T/frozen-$jobs")" "history other pairs " "frozen with $jobs jobs"; done

step "a check that reads another table"
sql old "CREATE DATABASE checked"
sql old "CREATE TABLE left_side AS $rows; CREATE TABLE right_side AS SELECT * FROM left_side;
    CREATE FUNCTION in_left(n int) RETURNS boolean LANGUAGE sql AS 'SELECT EXISTS (SELECT 1 FROM public.left_side WHERE id = n AND n < 0)';
    CREATE FUNCTION in_right(n int) RETURNS boolean LANGUAGE plpgsql AS 'BEGIN RETURN EXISTS (SELECT 1 FROM public.right_side LIMIT 1 OFFSET 100000000); END';
    ALTER TABLE right_side ADD CHECK (NOT in_left(id % 10 + 1)) NOT VALID; ALTER TABLE left_side ADD CHECK (id < 1000000 OR NOT in_right(id)) NOT VALID; ANALYZE" checked
copied checked left_side right_side

step "partitions by a hash of an enum: every server has its own, so the root sorts the rows, and they are compared as one table"
sql old "CREATE DATABASE hashed"
sql_file old hashed <<'SQL'
CREATE TYPE filler AS ENUM ('a', 'b', 'c', 'd', 'e');
CREATE TYPE color AS ENUM ('c1', 'c2', 'c3', 'c4', 'c5', 'c6', 'c7', 'c8', 'c9');
CREATE TABLE t (id int, y int, c color, g int GENERATED ALWAYS AS (id * 2) STORED, PRIMARY KEY (id, y, c)) PARTITION BY RANGE (y);
CREATE TABLE t_low PARTITION OF t FOR VALUES FROM (0) TO (5);
CREATE TABLE t_high PARTITION OF t FOR VALUES FROM (5) TO (10) PARTITION BY HASH (c);
CREATE TABLE t_high_0 (c color NOT NULL, y int NOT NULL, id int NOT NULL, g int GENERATED ALWAYS AS (id * 2) STORED);
ALTER TABLE t_high ATTACH PARTITION t_high_0 FOR VALUES WITH (MODULUS 3, REMAINDER 0);
CREATE TABLE t_high_1 PARTITION OF t_high FOR VALUES WITH (MODULUS 3, REMAINDER 1) PARTITION BY HASH (id);
CREATE TABLE t_high_1a PARTITION OF t_high_1 FOR VALUES WITH (MODULUS 1, REMAINDER 0);
CREATE TABLE t_high_2 PARTITION OF t_high FOR VALUES WITH (MODULUS 3, REMAINDER 2);
INSERT INTO t SELECT g, g % 10, (enum_range(NULL::color))[1 + g % 9] FROM generate_series(1, 30000) g;
CREATE TABLE nokey (c color[]) PARTITION BY HASH (c);
CREATE TABLE nokey_0 PARTITION OF nokey FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE nokey_1 PARTITION OF nokey FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO nokey SELECT ARRAY[c] FROM t;
CREATE TABLE plain (id int) PARTITION BY HASH (id);
CREATE TABLE plain_0 PARTITION OF plain FOR VALUES WITH (MODULUS 1, REMAINDER 0);
INSERT INTO plain SELECT g FROM generate_series(1, 100) g;
ANALYZE;
SQL
from="$(url_as old postgres hashed)" to="$(url_as new postgres hashed)"
for jobs in 1 3; do
    run_expect 0 dump-stream --jobs "$jobs" --chunk-size 64K -o "$T/hashed" "$from"
    run_expect 0 load-stream --jobs "$jobs" -i "$T/hashed" "$to"
    assert_eq "$(counts new hashed t nokey plain t_low)" "$(counts old hashed t nokey plain t_low)" "rows with $jobs jobs"
    assert_ne "$(counts new hashed t_high_0 t_high_1a t_high_2)" "$(counts old hashed t_high_0 t_high_1a t_high_2)" "the hash of both servers"
    run_expect 0 verify-rows "$from" "$to"
    assert_contains "$OUT" "4 tables: 4 equal"
    run_expect 0 verify-rows -t public.t "$from" "$to"
    assert_contains "$OUT" "2 tables: 2 equal"
    sql new "UPDATE t SET y = 9 WHERE id = 6" hashed
    run_expect 1 verify-rows "$from" "$to"
    assert_contains "$OUT" "public.t_high "
    [ "$jobs" = 3 ] || sql new "DROP DATABASE hashed" postgres
done
run_expect 0 dump-stream --data-only -o "$T/hashed" "$from"
sql new "TRUNCATE t, nokey, plain" hashed
run_expect 0 load-stream -i "$T/hashed" "$to"
run_expect 0 verify-rows "$from" "$to"
run_expect 13 dump-stream -t public.t_high_0 -o "$T/hashed" "$from"
assert_contains "$ERR" "public.t_high is partitioned by a hash that every server computes for itself"
run_expect 13 dump-stream --slot move -o "$T/hashed" "$from"
assert_contains "$ERR" "public.nokey_0 is a partition by a hash that every server computes for itself"
