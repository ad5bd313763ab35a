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
