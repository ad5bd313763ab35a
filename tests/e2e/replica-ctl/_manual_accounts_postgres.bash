# A whole move on PostgreSQL with the accounts that the manual's own statements make, in the manual's order, into a database that the
# loader makes; and what is missing for one that is there already is told by the dry run and by the load alike. Arguments: the product
# as servers.sh names it.
# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# shellcheck source=tests/support/servers.sh
. "$FLYTT_SRC/tests/support/servers.sh"
# shellcheck source=tests/support/assert.sh
. "$FLYTT_SRC/tests/support/assert.sh"
use_test_dir
postgres_clients "$1"
tls_make "$T/tls"
server_start "$1" old --addr 127.0.0.2 --tls "$T/tls"
server_start "$1" new --addr 127.0.0.3 --tls "$T/tls"
kPassword=Manual-$(od -An -tx1 -N8 /dev/urandom | tr -d ' \n')
export FLYTT_SOURCE_PASSWORD=$kPassword FLYTT_TARGET_PASSWORD=$kPassword FLYTT_REPL_PASSWORD=$kPassword FLYTT_BUDGET=120s

# statements SIDE: what stands in the manual for this server, as somebody pastes it: under comments that say where.
statements() {
    awk '/^\.Sh ACCOUNTS/ { part = 1 } /^\.Bd/ { if (part) { on = 1; next } } /^\.Ed/ { if (on) exit } on' "$FLYTT_SRC/man/flytt-postgres.7" |
        awk -v side="$1" '/^-- on the / { here = index($0, "on the " side) } /^-- on both/ { here = 1 } here' | sed "s/'\\.\\.\\.'/'$kPassword'/"
}
[ "$(statements source | grep -c '^CREATE ROLE')" = 5 ] || fail "the manual's statements were not found: $(statements source)"
from=$(url_as old flytt_ctl shop) to=$(url_as new flytt_ctl shop)

sql old "CREATE ROLE shop_owner; CREATE DATABASE shop OWNER shop_owner"
sql old "SET ROLE shop_owner; CREATE TABLE t (id int PRIMARY KEY, v text); INSERT INTO t VALUES (1, 'a'); CREATE SCHEMA more CREATE TABLE u (id serial PRIMARY KEY, t int REFERENCES public.t);
    INSERT INTO more.u (t) VALUES (1); CREATE VIEW v AS SELECT id FROM t; CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE MATERIALIZED VIEW m AS SELECT id FROM t;
    COMMENT ON TABLE t IS 'of the shop'" shop
statements source | sql_file old shop
statements target | sql_file new

step "the move, in the manual's order"
run_expect 0 dump-stream --slot move -o "$T/s" "$(url_as old flytt_dump shop)"
run_expect 0 load-stream --dry-run -i "$T/s" "$(url_as new flytt_load shop)"
run_expect 0 load-stream -i "$T/s" "$(url_as new flytt_load shop)"
assert_sql new "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'shop'" shop_owner
run_expect 0 replica-ctl preflight --source-address "$S_OLD_ADDR:$S_OLD_PORT" "$from" "$to"
run_expect 0 replica-ctl start --source-address "$S_OLD_ADDR:$S_OLD_PORT" "$from" "$to"
sql old "INSERT INTO t VALUES (2, 'b')" shop
run_expect 0 lag-wait --zero --timeout 120s "$(url_as old flytt_lag shop)" "$(url_as new flytt_lag shop)"
run_expect 0 verify-rows --live "$(url_as old flytt_verify shop)" "$(url_as new flytt_verify shop)"
run_expect 0 replica-ctl switchover "$from" "$to"
assert_eq "$(sql new "SELECT count(*) FROM t" shop)" 2 "rows of the new server"

step "a database that is there already: what its owners lack is told by the dry run and by the load alike, with what gives it"
run_expect 0 dump-stream -o "$T/s" "$(url_as old flytt_dump shop)"
not_loaded() {
    local dry
    for dry in --dry-run ''; do
        run_expect 77 load-stream ${dry:+"$dry"} -i "$T/s" "$(url_as new flytt_load again)"
        assert_contains "$OUT$ERR" "the role shop_owner owns objects in the schema public, and may not create there" "what load-stream ${dry:-itself} says"
        assert_contains "$OUT$ERR" "$1"
    done
}
sql new "CREATE DATABASE again; GRANT CREATE ON DATABASE again TO flytt_load"
not_loaded 'GRANT CREATE ON SCHEMA public TO "shop_owner"'
sql new "ALTER DATABASE again OWNER TO shop_owner"
run_expect 0 load-stream --dry-run -i "$T/s" "$(url_as new flytt_load again)"
run_expect 0 load-stream -i "$T/s" "$(url_as new flytt_load again)"

step "one that is left to the loader, and whose owner on the source is an administrator who does not come along"
sql new "DROP DATABASE again"
sql old "ALTER DATABASE shop OWNER TO postgres"
run_expect 0 dump-stream -o "$T/s" "$(url_as old postgres shop)"
not_loaded 'CREATE DATABASE "again" OWNER "shop_owner"'
assert_eq "$(sql new "SELECT count(*) FROM pg_database WHERE datname = 'again'")" 0 "databases that a refused load leaves"
run_expect 0 load-stream --skip-definers --dry-run -i "$T/s" "$(url_as new flytt_load again)"
sql new "REVOKE shop_owner FROM flytt_load"
run_expect 77 load-stream --dry-run -i "$T/s" "$(url_as new flytt_load again)"
assert_contains "$OUT$ERR" 'is no member of the role shop_owner'
