#!/usr/bin/env bash
# What can only fail when the rows are there leaves the rest in place, is named, and is exit 10: foreign keys whose rows lack parents
# arrive NOT VALID; materialized views are filled in the order that they need, under the database's own search path.
# SPDX-License-Identifier: MIT
set -euo pipefail
# shellcheck source=tests/support/servers.sh
. "$FLYTT_SRC/tests/support/servers.sh"
# shellcheck source=tests/support/assert.sh
. "$FLYTT_SRC/tests/support/assert.sh"

server_start postgres old
server_start postgres new
sql old "CREATE DATABASE shop"
sql old "ALTER DATABASE shop SET search_path = app, public"
sql_file old shop <<'SQL'
CREATE SCHEMA app;
CREATE TABLE public.customers (id int PRIMARY KEY);
INSERT INTO public.customers VALUES (1);
CREATE TABLE public."Orders" (id int PRIMARY KEY, customer int, CONSTRAINT "by ""whom""" FOREIGN KEY (customer) REFERENCES public.customers DEFERRABLE INITIALLY DEFERRED);
CREATE TABLE public.good (id int PRIMARY KEY, customer int, CONSTRAINT "by ""whom""" FOREIGN KEY (customer) REFERENCES public.customers);
CREATE TABLE public.before (id int PRIMARY KEY, customer int);
INSERT INTO public.before VALUES (1, 99);
ALTER TABLE public.before ADD CONSTRAINT old_one FOREIGN KEY (customer) REFERENCES public.customers NOT VALID;
COMMENT ON CONSTRAINT "by ""whom""" ON public."Orders" IS 'whose; it is';
INSERT INTO public.good VALUES (1, 1);
SET session_replication_role = replica;
INSERT INTO public."Orders" VALUES (1, 1), (2, 77);
RESET session_replication_role;
CREATE TABLE app.docs (id int PRIMARY KEY, body text);
INSERT INTO app.docs VALUES (1, 'hello world');
CREATE MATERIALIZED VIEW public.z AS SELECT count(*) AS n FROM app.docs;
CREATE FUNCTION public.zn() RETURNS bigint LANGUAGE plpgsql STABLE AS 'BEGIN RETURN (SELECT n FROM public.z); END';
CREATE MATERIALIZED VIEW public.a AS SELECT public.zn() AS n;
CREATE FUNCTION public.n() RETURNS bigint LANGUAGE plpgsql STABLE AS 'BEGIN RETURN (SELECT count(*) FROM docs); END';
CREATE MATERIALIZED VIEW public.m AS SELECT public.n() AS n;
SQL
from="$(url_as old postgres shop)" to="$(url_as new postgres shop)"

for jobs in 1 4; do
    step "$jobs jobs"
    run_expect 0 dump-stream -o "$T/s" "$from"
    run_expect 10 load-stream --jobs "$jobs" -i "$T/s" "$to"
    assert_contains "$OUT" 'foreign key by "whom" of public."Orders": rows lack their parent, so it is NOT VALID'
    assert_contains "$OUT" 'ALTER TABLE public."Orders" VALIDATE CONSTRAINT "by ""whom"""'
    assert_not_contains "$OUT" old_one
    assert_not_contains "$OUT" public.good
    assert_eq "$(sql new "SELECT conrelid::regclass, convalidated, condeferred, obj_description(oid, 'pg_constraint') FROM pg_constraint WHERE contype = 'f' ORDER BY conrelid::regclass::text COLLATE \"C\"" shop)" \
        $'"Orders"\tf\tt\twhose; it is\nbefore\tf\tf\t\ngood\tt\tf\t'
    assert_eq "$(sql new "SELECT (SELECT n FROM public.z), (SELECT n FROM public.a), (SELECT n FROM public.m)" shop)" $'1\t1\t1'
    run_expect 1 verify-rows "$from" "$to"
    assert_contains "$OUT" 'foreign key public.Orders.by "whom"'
    sql new "DROP DATABASE shop"
done

step "the rows of a table that is left out are missing to its children"
run_expect 0 dump-stream --exclude-table public.customers -o "$T/s" "$from"
run_expect 10 load-stream -i "$T/s" "$to"
assert_contains "$OUT" 'foreign key by "whom" of public.good: rows lack'
sql new "DROP DATABASE shop"

step "a view that cannot be filled is named with its remedy"
sql old "CREATE TABLE app.secret (v int); INSERT INTO app.secret VALUES (1)" shop
sql old "CREATE FUNCTION public.late() RETURNS int LANGUAGE plpgsql STABLE AS 'BEGIN RETURN 1 / (SELECT v FROM app.secret); END';
    CREATE MATERIALIZED VIEW public.late AS SELECT public.late(); UPDATE app.secret SET v = 0" shop
run_expect 0 dump-stream -o "$T/s" "$from"
run_expect 10 load-stream -i "$T/s" "$to"
assert_contains "$OUT" "refresh public.late"
assert_contains "$OUT" "division by zero"
assert_eq "$(sql new "SELECT (SELECT n FROM public.a), (SELECT count(*) FROM pg_matviews WHERE NOT ispopulated)" shop)" $'1\t1'
run_expect 1 verify-rows "$from" "$to"
assert_contains "$OUT" "public.late"

step "an index that is only understood where sessions of the database look for names"
sql old "CREATE DATABASE names"
sql_file old names <<'SQL'
CREATE FUNCTION plain(text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT lower($1) $$;
CREATE FUNCTION by_path(text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT plain($1) $$;
CREATE TABLE docs (id int PRIMARY KEY, body text);
INSERT INTO docs SELECT g, 'Text ' || g FROM generate_series(1, 20000) g;
CREATE INDEX by_body ON docs (by_path(body));
CREATE TABLE parts (id int PRIMARY KEY) PARTITION BY RANGE (id);
CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (100000);
INSERT INTO parts SELECT g FROM generate_series(1, 1000) g;
CREATE TABLE other (id int PRIMARY KEY);
INSERT INTO other VALUES (1);
SQL
from="$(url_as old postgres names)" to="$(url_as new postgres names)"
for jobs in 1 4; do
    run_expect 0 dump-stream --jobs "$jobs" --recount -o "$T/s" "$from"
    run_expect 0 load-stream -i "$T/s" "$to"
    run_expect 0 verify-rows "$from" "$to"
    assert_eq "$(sql new "SELECT count(*) FROM docs WHERE by_path(body) = 'text 7'" names)" 1
    run_expect 0 dump-stream --jobs "$jobs" --where "public.docs=by_path(body) < 'text 3'" -t public.docs -o "$T/s" "$from"
    sql new "DROP DATABASE names"
done
