#!/usr/bin/env bash
# What a PostgreSQL database has beside objects comes with it: settings, owner, privileges, connection limit, comment; with --users what
# roles have. A database that is closed to everybody is closed on the target, and verify-rows compares all of it.
# SPDX-License-Identifier: MIT
set -euo pipefail
# shellcheck source=tests/support/servers.sh
. "$FLYTT_SRC/tests/support/servers.sh"
# shellcheck source=tests/support/assert.sh
. "$FLYTT_SRC/tests/support/assert.sh"

server_start postgres old
server_start postgres new
accounts_for old
accounts_for new
for server in old new; do sql "$server" "CREATE ROLE shop_owner LOGIN; CREATE ROLE \"app ro\" LOGIN"; done
sql old "CREATE DATABASE shop OWNER shop_owner"
sql_file old shop <<'SQL'
CREATE TABLE t (id int PRIMARY KEY, v text);
INSERT INTO t VALUES (1, 'x');
CREATE SCHEMA app AUTHORIZATION shop_owner;
ALTER DATABASE shop SET search_path = app, "$user", "odd "" name, x";
ALTER DATABASE shop SET timezone = 'Europe/Oslo';
ALTER DATABASE shop SET "app.jwt_secret" = 's''3\';
ALTER DATABASE shop SET default_transaction_read_only = on;
ALTER ROLE "app ro" IN DATABASE shop SET work_mem = '8MB';
ALTER DATABASE shop CONNECTION LIMIT 50;
COMMENT ON DATABASE shop IS 'the shop; it''s "ours"';
REVOKE ALL ON DATABASE shop FROM PUBLIC;
GRANT CONNECT ON DATABASE shop TO "app ro";
GRANT CREATE ON DATABASE shop TO "app ro" WITH GRANT OPTION;
GRANT CREATE ON DATABASE shop TO flytt_dump;
ALTER ROLE "app ro" SET statement_timeout = '3s';
COMMENT ON ROLE "app ro" IS 'reads; writes not';
SQL
from="$(url_as old postgres shop)"
facts() {
    sql "$1" "SELECT pg_get_userbyid(datdba), datconnlimit, shobj_description(oid, 'pg_database'), (SELECT string_agg(a.grantee::regrole || ' ' || a.privilege_type
        || a.is_grantable, ',' ORDER BY 1) FROM aclexplode(datacl) a WHERE a.grantee <> 'flytt_dump'::regrole) FROM pg_database WHERE datname = '$2'"
    sql "$1" "SELECT setrole::regrole, unnest(setconfig) FROM pg_db_role_setting WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = '$2') ORDER BY 1, 2"
}

step "all of it arrives, also in a database of another name"
run_expect 0 dump-stream -o "$T/s" "$from"
run_expect 0 load-stream --list --statements -i "$T/s"
assert_contains "$OUT" 'ALTER DATABASE "shop" OWNER TO "shop_owner"'
for name in shop other; do
    run_expect 0 load-stream -i "$T/s" "$(url_as new postgres "$name")"
    assert_eq "$(facts new "$name")" "$(facts old shop)" "what the database has"
    run_expect 0 verify-rows "$from" "$(url_as new postgres "$name")"
    sql new "DROP SCHEMA flytt CASCADE" "$name" >/dev/null 2>&1 || true
done
if PGOPTIONS='' psql -X -q -h "$S_NEW_SOCKET" -p "$S_NEW_PORT" -U flytt_repl -d shop -c 'SELECT 1' >/dev/null 2>&1; then fail "the database is open to everybody"; fi

step "verify-rows tells each of them"
differs() { # STATEMENT WHAT
    sql new "$1"
    run_expect 1 verify-rows "$from" "$(url_as new postgres shop)"
    assert_contains "$OUT" "$2"
    assert_contains "$OUT" "definitions that differ: 1"
}
differs "GRANT CONNECT ON DATABASE shop TO PUBLIC" "privileges of everybody on the database"
sql new "REVOKE CONNECT ON DATABASE shop FROM PUBLIC"
differs "ALTER DATABASE shop SET timezone = 'UTC'" "property setting TimeZone"
sql new "ALTER DATABASE shop SET timezone = 'Europe/Oslo'"
differs "ALTER ROLE \"app ro\" IN DATABASE shop RESET work_mem" "property setting work_mem of app ro"
sql new "ALTER ROLE \"app ro\" IN DATABASE shop SET work_mem = '8MB'"
differs "ALTER DATABASE shop CONNECTION LIMIT 5" "property connection limit"
sql new "ALTER DATABASE shop CONNECTION LIMIT 50"
differs "REVOKE CONNECT ON DATABASE shop FROM \"app ro\"" "property privileges of app ro"
sql new "GRANT CONNECT ON DATABASE shop TO \"app ro\""
differs "ALTER DATABASE shop OWNER TO postgres" "property owner"
sql new "ALTER DATABASE shop OWNER TO shop_owner; ALTER DATABASE shop SET random_page_cost = 1.1"
run_expect 0 verify-rows "$from" "$(url_as new postgres shop)"

step "a fence on the source is no difference"
replica-ctl fence --yes "$from" >/dev/null 2>&1 || fail "no fence"
run_expect 0 verify-rows "$from" "$(url_as new postgres shop)"
run_expect 0 dump-stream -o "$T/fenced" "$from"
replica-ctl unfence --yes "$from" >/dev/null 2>&1 || fail "no end of the fence"
sql new "DROP DATABASE shop"
run_expect 0 load-stream -i "$T/fenced" "$(url_as new postgres shop)"
assert_eq "$(facts new shop)" "$(facts old shop)" "what the database has, copied behind a fence"

step "with --users: settings and comments of roles"
sql new "DROP DATABASE shop"
sql new "DROP DATABASE other"
sql new "DROP ROLE \"app ro\"; DROP ROLE shop_owner"
run_expect 13 load-stream -i "$T/s" "$(url_as new postgres shop)"
assert_contains "$ERR" "role app ro"
assert_contains "$ERR" "role shop_owner"
assert_not_contains "$ERR" "flytt_dump"
run_expect 0 dump-stream --users -o "$T/users" "$from"
run_expect 0 load-stream -i "$T/users" "$(url_as new postgres shop)"
assert_eq "$(facts new shop)" "$(facts old shop)" "what the database has"
assert_eq "$(sql new "SELECT setconfig[1], shobj_description(setrole, 'pg_authid') FROM pg_db_role_setting WHERE setrole = '\"app ro\"'::regrole AND setdatabase = 0")" \
    $'statement_timeout=3s\treads; writes not'

step "what the loading account may not do is named, and the rest is there"
sql new "DROP DATABASE shop"
sql new "GRANT shop_owner, \"app ro\" TO flytt_load"
sql old "ALTER DATABASE shop SET session_preload_libraries = 'auto_explain'"
run_expect 0 dump-stream -o "$T/s" "$from"
export FLYTT_TARGET_PASSWORD=$S_NEW_PASSWORD
run_expect 10 load-stream -i "$T/s" "$(url_as new flytt_load shop)"
assert_contains "$OUT" 'session_preload_libraries'
assert_contains "$OUT" 'permission denied to set parameter'
assert_eq "$(sql new "SELECT count(*) FROM public.t" shop)" 1

step "without owners"
sql new "DROP DATABASE shop"
sql new "DROP OWNED BY \"app ro\"; DROP OWNED BY shop_owner; DROP ROLE \"app ro\"; DROP ROLE shop_owner"
run_expect 0 load-stream --skip-definers -i "$T/s" "$(url_as new postgres shop)"
assert_eq "$(sql new "SELECT has_database_privilege('flytt_repl', 'shop', 'CONNECT')")" f
