#!/usr/bin/env bash
# Filters on PostgreSQL: what matches nothing, or nothing that is a table, is 64; a partitioned table's name means its partitions,
# and a partition comes with what it is a part of.
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
CREATE TABLE orders (id serial PRIMARY KEY, v text);
INSERT INTO orders (v) SELECT 'x' FROM generate_series(1, 50);
CREATE TABLE sessions (id int PRIMARY KEY);
CREATE VIEW cheap AS SELECT id FROM orders;
CREATE MATERIALIZED VIEW sums AS SELECT count(*) FROM orders;
CREATE TABLE log (id serial, at date, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE "log[25]" PARTITION OF log FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE public.log24 PARTITION OF log FOR VALUES FROM ('2024-01-01') TO ('2025-01-01') PARTITION BY RANGE (at);
CREATE TABLE public.log24a PARTITION OF public.log24 FOR VALUES FROM ('2024-01-01') TO ('2024-07-01');
INSERT INTO log (at) VALUES ('2024-05-05'), ('2024-06-06'), ('2025-05-05');
SQL
from="$(url_as old postgres shop)" to="$(url_as new postgres shop)"

# refused SENTENCE HINT ARGUMENT...: dump-stream, and its --dry-run, do not take these filters.
refused() {
    local sentence=$1 hint=$2 dry
    shift 2
    for dry in '' --dry-run; do
        run_expect 64 dump-stream ${dry:+"$dry"} -o "$T/s" "$@" "$from"
        assert_contains "$ERR" "$sentence"
        assert_contains "$ERR" "HINT: $hint"
    done
}

step "names that are nearly right"
refused "--table 'orders' matches nothing" "Did you mean public.orders?" -t orders
refused "--table 'public.oders' matches nothing" "Did you mean public.orders?" -t public.oders -t public.sessions
refused "--table 'app.orders' matches nothing" "Did you mean public.orders?" -t app.orders
refused "--exclude-table 'public.sesions' matches nothing" "Did you mean public.sessions?" --exclude-table public.sesions
refused "--where 'ordrs' matches nothing" "Did you mean public.orders?" --where 'ordrs=1=1'
refused "there is no database 'shpo'" "Did you mean shop?" -d shpo

step "what is no table is told as what it is"
refused "--table 'public.cheap' is the view public.cheap, and --table takes tables" "Name tables" -t public.cheap
refused "--table 'public.sums' is the materialized view public.sums" "Name tables" -t public.sums
refused "--table 'public.orders_id_seq' is the sequence public.orders_id_seq" "Name tables" -t public.orders_id_seq

step "a partitioned table's name means its partitions, at every depth"
run_expect 0 dump-stream -t public.log -o "$T/s" "$from"
run_expect 0 load-stream -i "$T/s" "$to"
assert_eq "$(sql new "SELECT string_agg(at::text, ' ' ORDER BY at) FROM log" shop)" "2024-05-05 2024-06-06 2025-05-05"
assert_eq "$(sql new "SELECT count(*) FROM pg_class WHERE relname = 'orders'" shop)" 0 'tables that were not chosen'
run_expect 0 verify-rows -t public.log "$from" "$to"
assert_contains "$OUT" "2 tables: 2 equal"
sql new "DROP DATABASE shop"

step "its rows by condition, and without one of its parts"
run_expect 0 dump-stream -t public.log --exclude-table public.log24 --where "public.log=at > '2025-06-01'" -o "$T/s" "$from"
run_expect 0 load-stream -i "$T/s" "$to"
assert_eq "$(sql new "SELECT count(*) FROM log" shop)" 0
run_expect 0 verify-rows -t public.log --exclude-table public.log24 --where "public.log=at > '2025-06-01'" "$from" "$to"
run_expect 1 verify-rows -t public.log --exclude-table public.log24 --where "public.log=at > '2025-01-01'" "$from" "$to"
sql new "DROP DATABASE shop"

step "all but its partitions"
run_expect 0 dump-stream --exclude-table public.log -o "$T/s" "$from"
run_expect 0 load-stream -i "$T/s" "$to"
assert_eq "$(sql new "SELECT (SELECT count(*) FROM log), (SELECT count(*) FROM orders)" shop)" $'0\t50'
sql new "DROP DATABASE shop"

step "a partition by itself is attached to its parent, which comes along"
run_expect 0 dump-stream -t public.log24a -o "$T/s" "$from"
run_expect 0 load-stream -i "$T/s" "$to"
assert_eq "$(sql new "SELECT count(*) FROM log" shop)" 2
run_expect 0 verify-rows -t public.log24a "$from" "$to"

step "a slot publishes the partitions"
run_expect 0 dump-stream --slot move -t public.log -o "$T/s" "$from"
assert_eq "$(sql old "SELECT string_agg(tablename, ' ' ORDER BY tablename) FROM pg_publication_tables WHERE pubname = 'move'" shop)" "log24a log[25]"

step "a selection brings its schema, and what else it needs is asked for before the rows"
sql_file old shop <<'SQL'
CREATE SCHEMA "my app";
CREATE TYPE "my app".mood AS ENUM ('good', 'bad');
CREATE FUNCTION public.now_ish() RETURNS text LANGUAGE sql AS $$ SELECT 'now' $$;
CREATE TABLE "my app".t (id serial PRIMARY KEY, m text[]);
INSERT INTO "my app".t (m) VALUES ('{a}');
CREATE TABLE "my app".moods (id int PRIMARY KEY, m "my app".mood[], at text DEFAULT public.now_ish());
CREATE TABLE "my app".child (id int PRIMARY KEY, t int CONSTRAINT "of ""t" REFERENCES "my app".t, o int REFERENCES orders);
COMMENT ON CONSTRAINT "of ""t" ON "my app".child IS 'the parent';
INSERT INTO "my app".child VALUES (1, 1, 1);
SQL
sql new "DROP DATABASE IF EXISTS shop"
run_expect 0 dump-stream -t 'my app.t' -o "$T/s" "$from"
run_expect 0 load-stream -i "$T/s" "$to"
run_expect 0 verify-rows -t 'my app.t' "$from" "$to"
run_expect 0 dump-stream -t 'my app.moods' -o "$T/s" "$from"
for dry in --dry-run ''; do
    run_expect 13 load-stream $dry -i "$T/s" "$to"
    assert_contains "$OUT$ERR" 'function public.now_ish()'
    assert_contains "$OUT$ERR" 'type "my app".mood'
done
sql new "CREATE TYPE \"my app\".mood AS ENUM ('good', 'bad'); CREATE FUNCTION public.now_ish() RETURNS text LANGUAGE sql AS \$\$ SELECT 'now' \$\$" shop
run_expect 0 load-stream -i "$T/s" "$to"

step "a foreign key to a table that was not chosen is named, twice, and the rest is in"
run_expect 0 dump-stream -t 'my app.child' -o "$T/s" "$from"
assert_contains "$ERR" 'foreign key child_o_fkey of my app.child needs public.orders, which is not copied'
assert_contains "$ERR" 'foreign key of "t of my app.child needs my app.t, which is not copied'
sql new "DROP DATABASE shop"
run_expect 10 load-stream -i "$T/s" "$to"
assert_contains "$OUT" 'a foreign key is left out: relation "public.orders" does not exist; make it when that table is here: ALTER TABLE ONLY "my app".child ADD CONSTRAINT child_o_fkey FOREIGN KEY (o) REFERENCES public.orders(id);'
assert_eq "$(sql new "SELECT count(*) FROM \"my app\".child" shop)" 1
