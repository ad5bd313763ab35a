#!/usr/bin/env bash
# --if-exists drop and --discard take away what the copy brings, and nothing of others; what cannot be told apart is refused by name
# before anything is dropped. Event triggers, the copy's and the target's, are kept quiet meanwhile.
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
CREATE SCHEMA app;
CREATE EXTENSION hstore SCHEMA app;
CREATE TYPE app.mood AS ENUM ('good', 'bad');
CREATE FUNCTION app.next(app.mood) RETURNS app.mood LANGUAGE sql AS 'SELECT $1';
CREATE TABLE app.orders (id bigserial PRIMARY KEY, m app.mood DEFAULT app.next('good'));
CREATE FUNCTION app.last(app.orders) RETURNS bigint LANGUAGE sql AS 'SELECT $1.id';
CREATE VIEW app.seen AS SELECT id, app.last(o) FROM app.orders o;
CREATE MATERIALIZED VIEW counted AS SELECT count(*) FROM app.seen;
CREATE TABLE items (id int PRIMARY KEY, o bigint REFERENCES app.orders);
CREATE OPERATOR === (LEFTARG = int, RIGHTARG = int, FUNCTION = int4eq);
CREATE TEXT SEARCH CONFIGURATION words (COPY = simple);
CREATE DOMAIN "a ""b" AS int;
INSERT INTO app.orders DEFAULT VALUES;
ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC;
ALTER DEFAULT PRIVILEGES IN SCHEMA app GRANT EXECUTE ON ROUTINES TO postgres;
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON ROUTINES FROM PUBLIC;
INSERT INTO items VALUES (1, 1);
SELECT lo_from_bytea(4711, 'of the copy');
CREATE TABLE ddl_log (id bigserial PRIMARY KEY, tag text);
CREATE FUNCTION log_ddl() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO public.ddl_log (tag) VALUES (tg_tag); END';
CREATE EVENT TRIGGER audit ON ddl_command_end EXECUTE FUNCTION log_ddl();
CREATE TABLE logged (id int PRIMARY KEY);
SQL
from="$(url_as old postgres shop)" to="$(url_as new postgres shop)"
# quietly STATEMENTS: on the target, unnoticed by its audit.
quietly() { sql new "SET session_replication_role = replica; $1" shop >/dev/null; }
run_expect 0 dump-stream -o "$T/s" "$from"

step "event triggers of the copy do not fire on its load"
run_expect 0 load-stream -i "$T/s" "$to"
run_expect 0 verify-rows "$from" "$to"
assert_eq "$(sql new "SELECT id, tag FROM ddl_log" shop)" "$(sql old "SELECT id, tag FROM ddl_log" shop)" "what the audit has logged"

step "others' objects stay, and what is the copy's is replaced"
sql_file new shop <<'SQL'
CREATE TABLE theirs (id int PRIMARY KEY, t text DEFAULT 'x');
INSERT INTO theirs VALUES (1);
CREATE VIEW their_view AS SELECT id FROM theirs;
CREATE FUNCTION app.theirs() RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE EXTENSION citext;
SELECT lo_from_bytea(4712, 'theirs');
SELECT lo_put(4711, 0, 'CHANGED');
INSERT INTO items VALUES (2, NULL);
CREATE FUNCTION no_ddl() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no changes on Fridays'; END $$;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
CREATE EVENT TRIGGER frozen ON ddl_command_start EXECUTE FUNCTION no_ddl();
SQL
public=$(sql new "SELECT 'public'::regnamespace::oid" shop) extension=$(sql new "SELECT oid FROM pg_extension WHERE extname = 'hstore'" shop)
run_expect 0 dump-stream -o "$T/s" "$from"
run_expect 13 load-stream -i "$T/s" "$to"
assert_contains "$ERR" "the database shop holds"
run_expect 13 load-stream --if-exists drop -i "$T/s" "$to"
assert_contains "$ERR" "--yes"
run_expect 0 load-stream --if-exists drop --yes --dry-run -i "$T/s" "$to"
assert_contains "$OUT" "there already: 1 table, not in the copy, so left as they are"
run_expect 0 load-stream --if-exists drop --yes -i "$T/s" "$to"
assert_contains "$ERR" "there already"
assert_eq "$(sql new "SELECT (SELECT count(*) FROM their_view), app.theirs(), (SELECT count(*) FROM items), 'public'::regnamespace::oid = $public, convert_from(lo_get(4711), 'UTF8'),
    convert_from(lo_get(4712), 'UTF8'), (SELECT string_agg(extname, ' ' ORDER BY extname) FROM pg_extension WHERE extname = 'citext' OR oid = $extension)" shop)" \
    $'1\t1\t1\tt\tof the copy\ttheirs\tcitext hstore'
quietly "DROP EVENT TRIGGER frozen; DROP VIEW their_view; DROP TABLE theirs; DROP FUNCTION app.theirs, no_ddl; SELECT lo_unlink(4712); DROP EXTENSION citext"
run_expect 0 verify-rows "$from" "$to"

step "one that fires in every session is named beforehand"
sql new "ALTER EVENT TRIGGER audit ENABLE ALWAYS" shop
run_expect 0 dump-stream -o "$T/s" "$from"
run_expect 0 load-stream --if-exists drop --yes --dry-run -i "$T/s" "$to"
assert_contains "$OUT" "event trigger audit"
sql new "ALTER EVENT TRIGGER audit ENABLE" shop

step "what others have made of the copy's objects is named, before anything is dropped"
quietly "CREATE VIEW their_view AS SELECT id FROM items; CREATE TABLE theirs (m app.mood, o bigint REFERENCES app.orders)"
for dry in --dry-run ''; do
    run_expect 13 load-stream --if-exists drop --yes $dry -i "$T/s" "$to"
    assert_contains "$OUT$ERR" "view public.their_view"
    assert_contains "$OUT$ERR" "table public.theirs"
done
assert_eq "$(sql new "SELECT count(*) FROM items" shop)" 1 "rows of what was to be dropped"
run_expect 0 dump-stream -t public.items -o "$T/items" "$from"
run_expect 13 load-stream --if-exists drop --yes -i "$T/items" "$to"
assert_contains "$ERR" "view public.their_view"
quietly "DROP VIEW their_view; DROP TABLE theirs"
run_expect 10 load-stream --if-exists drop --yes -i "$T/items" "$to"
assert_contains "$ERR" "role postgres: has default privileges here on tables, which those of the copy will have too"
assert_contains "$OUT" "table public.items belongs to, runs as or may be used by others than on the source"
quietly "REVOKE SELECT ON items FROM PUBLIC"
run_expect 0 verify-rows "$from" "$to"

step "a half-loaded copy is removed, and what was there before it is not"
sql new "DROP DATABASE shop"
sql new "CREATE DATABASE shop"
sql new "CREATE SCHEMA app; CREATE EXTENSION citext; REVOKE ALL ON SCHEMA public FROM PUBLIC" shop
public=$(sql new "SELECT oid, nspacl FROM pg_namespace WHERE nspname = 'public'" shop)
head -c $(($(stat -c %s "$T/s") - 100)) "$T/s" >"$T/cut"
run_expect 65 load-stream -i "$T/cut" "$to"
uuid=$(grep -oE '[0-9a-f]{8}-[0-9a-f-]{27}' <<<"$ERR" | head -n 1)
assert_eq "$(sql new "SELECT count(*) FROM pg_class WHERE relname = 'orders'" shop)" 1 "what the half copy has made"
run_expect 0 load-stream --discard "$uuid" "$to"
assert_eq "$(sql new "SELECT count(*) FROM pg_class WHERE relnamespace IN ('app'::regnamespace, 'public'::regnamespace)" shop)" 0 "what is left of it"
assert_eq "$(sql new "SELECT (SELECT count(*) FROM pg_type WHERE typname = 'mood'), (SELECT count(*) FROM pg_event_trigger), (SELECT count(*) FROM pg_extension)" shop)" $'0\t0\t2'
assert_eq "$(sql new "SELECT oid, nspacl FROM pg_namespace WHERE nspname = 'public'" shop)" "$public" "schema public"
