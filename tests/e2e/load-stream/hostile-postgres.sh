#!/usr/bin/env bash
# Streams for PostgreSQL that bring other things than a copy's: refused with 65 before anything runs, and 13 for what is there.
# SPDX-License-Identifier: MIT
set -euo pipefail
# shellcheck source=tests/support/servers.sh
. "$FLYTT_SRC/tests/support/servers.sh"
# shellcheck source=tests/support/assert.sh
. "$FLYTT_SRC/tests/support/assert.sh"
# shellcheck source=tests/e2e/load-stream/_forged.bash
. "$FLYTT_SRC/tests/e2e/load-stream/_forged.bash"

server_start postgres old
server_start postgres new
sql old "CREATE DATABASE shop"
room=$(printf 'x%.0s' {1..120}) # in the archive, for what is put into it
sql_file old shop <<SQL
CREATE TABLE orders (id int PRIMARY KEY);
INSERT INTO orders SELECT generate_series(1, 10);
CREATE SEQUENCE numbers;
CREATE VIEW seen AS SELECT '$room'::text AS a;
CREATE INDEX by_id ON orders (id) WHERE '$room' <> '';
SQL
target=$(url_as new postgres shop)
run_expect 0 dump-stream -o "$T/stream" "$(url_as old postgres shop)"
"$(postgres_program postgres pg_dump)" --format=custom --compress=0 --schema-only --dbname="$(url_as old postgres shop)" -f "$T/archive"
roles=$(sql new "SELECT count(*) FROM pg_roles")

nothing_changed() {
    assert_eq "$(sql new "SELECT count(*) FROM pg_roles")" "$roles" "roles"
    assert_sql new "SELECT count(*) FROM pg_database WHERE datname = 'shop'" 0
}

# with_archive FILE: a good stream but for its archive, in $T/hostile.
with_archive() {
    printf '%s\n' "base $T/stream" 'hello {"uuid": "5f0e6a52-1d0b-4b1e-9c55-3f6a7e1c0002"}' "schema_file 13 shop archive $1" "schema_file 14 shop archive $1" 'copy rows' end | forge >"$T/hostile"
}
# in_place OLD NEW: the archive with NEW, filled up with blanks, instead of OLD in $T/changed.
in_place() {
    local new=$2
    [ "${#new}" -le "${#1}" ] || fail "$2 is longer than what it replaces"
    while [ "${#new}" -lt "${#1}" ]; do new+=' '; done
    LC_ALL=C OLD=$1 NEW=$new perl -0777 -pe 's/\Q$ENV{OLD}\E/$ENV{NEW}/g' "$T/archive" >"$T/changed"
    ! cmp -s "$T/archive" "$T/changed" || fail "the archive has no $1"
}
refused() { # TEXT
    run_expect 65 load-stream -i "$T/hostile" "$target"
    assert_contains "$ERR" "$1"
    nothing_changed
}

step "the same, put together again, is good"
with_archive "$T/archive"
run_expect 0 load-stream "$target" <"$T/hostile"
sql new "DROP DATABASE shop"

step "statements in the archive that pg_dump does not write"
view=" SELECT '$room'::text AS a"
index="CREATE INDEX by_id ON public.orders USING btree (id) WHERE ('$room'::text <> ''::text)"
for evil in 'CREATE ROLE pwned SUPERUSER' 'DO $$BEGIN END$$' "COPY (SELECT 1) TO PROGRAM 'touch x'" 'ALTER SYSTEM SET port = 1' 'GRANT pg_monitor TO app' 'CALL f()' \
    'SELECT pg_reload_conf()' 'INSERT INTO orders VALUES (99)' 'CREATE TABLE x AS SELECT 1' 'SET session_replication_role = replica' 'CREATE SCHEMA x CREATE VIEW y AS SELECT 1' \
    'SET standard_conforming_strings = off' 'DROP TABLE orders' 'ALTER DATABASE shop OWNER TO x' 'SET client_encoding = "SJIS"'; do
    in_place "$view" " SELECT 1;$evil"
    with_archive "$T/changed"
    refused "a statement that pg_dump does not write there"
done
in_place "$index" 'CREATE INDEX x ON orders(id);CREATE ROLE pwned; CREATE INDEX y'
with_archive "$T/changed"
refused "a statement that pg_dump does not write there: 'CREATE ROLE pwned'"
in_place "$index" 'CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1 case;END;CREATE ROLE x;'
with_archive "$T/changed"
refused "that begins with CREATE"

step "archives that are none, or not one"
printf 'PGDMPgarbage' >"$T/garbage"
with_archive "$T/garbage"
refused "no archive that pg_restore can read"
printf 'garbage' >"$T/garbage"
with_archive "$T/garbage"
refused "are no archive of pg_dump"
in_place "$view" ' SELECT 1 AS a'
printf '%s\n' "base $T/stream" hello "schema_file 13 shop archive $T/archive" "schema_file 14 shop archive $T/changed" 'copy rows' end | forge >"$T/hostile"
refused "are not those that come before the rows"
printf '%s\n' "base $T/stream" hello 'copy rows' end | forge >"$T/hostile"
refused "the stream has no definitions"
printf '%s\n' "base $T/stream" 'table public unknown a:text encoding=pg-copy-text/1' hello 'copy schema' 'copy rows' end | forge >"$T/hostile"
refused "HELLO names the table 'public.unknown', and the stream has no definition of it"
printf '%s\n' "base $T/stream" 'hello {"schemas": ["other"]}' 'copy schema' 'copy rows' end | forge >"$T/hostile"
refused "HELLO names the table 'public.orders', and not its schema"

step "objects that are not what they say"
object() { # JSON TEXT
    printf '%s\n' "base $T/stream" 'hello {"scope": {"users": true}}' "schema $1" 'copy schema' 'copy rows' end | forge >"$T/hostile"
    run_expect 65 load-stream --check -i "$T/hostile"
    assert_contains "$ERR" "$2"
    refused "$2"
}
object '{"kind": 8, "schema": "public", "name": "v", "statement": "create view zz as select 1; create role pwned superuser"}' "a stream of PostgreSQL has no view public.v"
object '{"kind": 12, "schema": "public", "name": "numbers", "statement": "SELECT pg_catalog.setval('"'\\\"public\\\".\\\"numbers\\\"'"'::pg_catalog.regclass, 1, true); CREATE ROLE pwned"}' "its statement is not the one"
object '{"kind": 15, "schema": "public", "name": "kept", "statement": "REFRESH MATERIALIZED VIEW \"public\".\"kept\"; CREATE ROLE pwned"}' "its statement is not the one"
object '{"kind": 1, "name": "app", "statement": "CREATE ROLE \"app\" WITH LOGIN; CREATE ROLE pwned"}' "its statement does not create it"
object '{"kind": 1, "name": "app", "statement": "CREATE ROLE \"app\" WITH LOGIN IN ROLE pg_execute_server_program"}' "gives it to other roles"
object '{"kind": 11, "name": "a to b", "statement": "GRANT \"pg_execute_server_program\" TO \"b\""}' "does not give that role"
object '{"kind": 11, "schema": "pg_catalog", "name": "large objects from 1", "attributes": "large objects", "statement": "ALTER LARGE OBJECT 1 OWNER TO app; CREATE ROLE pwned"}' "a statement about something else"
object '{"kind": 27, "schema": "shop", "name": "comment", "statement": "COMMENT ON DATABASE \"shop\" IS '"'a'"'; CREATE ROLE pwned"}' "its statement is not the one"
object '{"kind": 27, "schema": "other", "name": "connection limit", "statement": "ALTER DATABASE \"other\" CONNECTION LIMIT 0"}' "is not of the database that HELLO names"
object '{"kind": 27, "name": "setting port of app", "parent": "app", "statement": "ALTER SYSTEM SET \"port\" TO '"'1'"'"}' "its statement is not the one"
printf '%s\n' "base $T/stream" hello 'schema {"kind": 1, "name": "app", "statement": "CREATE ROLE \"app\" WITH LOGIN"}' 'copy schema' 'copy rows' end | forge >"$T/hostile"
refused "HELLO says that accounts are not"

step "rows for a table that is there"
sql new "CREATE DATABASE shop"
sql new "CREATE SCHEMA other; CREATE TABLE other.secret (a text); INSERT INTO other.secret VALUES ('ours'); CREATE TABLE public.orders (id int)" shop
hostile_rows() { # HELLO STATUS
    printf '%s\n' 'product postgres' 'database shop' 'table other secret a:text encoding=pg-copy-text/1' "hello $1" 'rows 0 1 "injected\n"' 'table_end 0' end | forge >"$T/hostile"
    run_expect "$2" load-stream -i "$T/hostile" "$target"
    assert_eq "$(sql new "SELECT string_agg(a, ',') FROM other.secret" shop)" ours "rows"
}
hostile_rows '' 65
hostile_rows '{"scope": {"include_tables": ["x.*"]}}' 65
hostile_rows '{"scope": {"include_tables": ["other.*"]}}' 65
hostile_rows '{"scope": {"data_only": true}}' 13
run_expect 13 load-stream -i "$T/stream" "$target"
