# The body of the tests every-type-postgres*: copies a database of every kind to the product $1 and compares in the servers.
# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# shellcheck source=tests/support/servers.sh
. "$FLYTT_SRC/tests/support/servers.sh"
# shellcheck source=tests/support/assert.sh
. "$FLYTT_SRC/tests/support/assert.sh"

server_start postgres old
server_start "$1" new
accounts_for old types
accounts_for new
sql_file old types <"$FLYTT_SRC/tests/e2e/dump-stream/_types_postgres.sql" >/dev/null
# A least-privileged role reads what is granted to it; large objects have no privilege that covers all of them.
sql old "GRANT SELECT ON LARGE OBJECT 4711, 4712 TO flytt_dump" types
export FLYTT_SOURCE_PASSWORD=$S_OLD_PASSWORD FLYTT_TARGET_PASSWORD=$S_NEW_PASSWORD

step "copy, with every worker on every table"
run_expect 0 dump-stream --users --jobs 3 --chunk-size 64K --recount -o "$T/stream" "$(url_as old flytt_dump types)"
run_expect 0 load-stream --jobs 3 -i "$T/stream" "$(url_as new postgres types)"

step "rows, as the servers themselves show them"
tables=$(sql old "SELECT quote_ident(nspname) || '.' || quote_ident(relname) FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
    WHERE relkind IN ('r','m') AND relispopulated AND nspname IN ('app', 'odd \"schema\"; é') ORDER BY 1" types)
[ "$(wc -l <<<"$tables")" -ge 20 ] || fail "the test database has too few tables: $tables"
while IFS= read -r table; do
    for server in old new; do
        sql "$server" "SET extra_float_digits=3; SET bytea_output=hex; SET timezone='UTC';
            SELECT tableoid::regclass, md5(coalesce(x::text, '')), length(x::text) FROM ONLY $table x ORDER BY 2" types </dev/null >"$T/$server.rows"
    done
    cmp "$T/old.rows" "$T/new.rows" || fail "rows of $table differ: $(diff "$T/old.rows" "$T/new.rows" | head -n 5)"
    sql old "SELECT count(*) FROM ONLY $table" types </dev/null >>"$T/counts"
done <<<"$tables"
[ "$(awk '{ n += $1 } END { print n }' "$T/counts")" -gt 5000 ] || fail "hardly any rows were compared"

step "floating point, bit for bit, by its binary form"
floats="SELECT encode(float4send(f4) || float8send(f8), 'hex') FROM app.numbers ORDER BY id"
assert_eq "$(sql new "$floats" types)" "$(sql old "$floats" types)" "floats"

step "definitions, word for word, by the same pg_dump where one can read both"
if [ "$1" = postgres ]; then
    for server in old new; do
        pg_dump --schema-only --exclude-schema=flytt --dbname="$(url_as "$server" postgres types)" | grep -v restrict >"$T/$server.ddl"
    done
    diff "$T/old.ddl" "$T/new.ddl" >"$T/ddl.diff" || fail "definitions differ: $(cat "$T/ddl.diff")"
fi
for server in old new; do
    {
        sql "$server" "SELECT conrelid::regclass, conname, convalidated, pg_get_constraintdef(oid) FROM pg_constraint WHERE contype IN ('c','f','p','u','x') AND connamespace = 'app'::regnamespace ORDER BY 1::text, 2" types
        sql "$server" "SELECT pg_get_indexdef(indexrelid), indisclustered, indisvalid FROM pg_index JOIN pg_class c ON c.oid = indrelid WHERE relnamespace = 'app'::regnamespace ORDER BY 1" types
        sql "$server" "SELECT tgrelid::regclass, tgname, tgenabled FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1::text, 2" types
        sql "$server" "SELECT oid::regclass, relowner::regrole, relpersistence, relreplident, relrowsecurity, relacl FROM pg_class WHERE relnamespace = 'app'::regnamespace AND relkind IN ('r','p','v','m','S') ORDER BY 1::text" types
        sql "$server" "SELECT lomowner::regrole, lomacl, obj_description(oid, 'pg_largeobject'), md5(lo_get(oid)) FROM pg_largeobject_metadata ORDER BY oid" types
        sql "$server" "SELECT evtname, evtenabled FROM pg_event_trigger; SELECT pubname, pubinsert, pubupdate FROM pg_publication; SELECT extname FROM pg_extension ORDER BY 1" types
        sql "$server" "SELECT c.oid::regclass, pg_sequence_last_value(c.oid), seqstart, seqincrement FROM pg_sequence JOIN pg_class c ON c.oid = seqrelid ORDER BY 1::text" types
        sql "$server" "SELECT rolname, rolcanlogin FROM pg_roles WHERE rolname IN ('owner_one','reader_one') ORDER BY 1" types
    } | LC_ALL=C sort | sed -E 's/,flytt_dump=r\/[a-z_]+//; s/postgres=[a-zA-Z]+\/postgres/OWNER/g' >"$T/$server.defs"
done
diff "$T/old.defs" "$T/new.defs" >"$T/defs.diff" || fail "definitions differ: $(cat "$T/defs.diff")"
assert_eq "$(sql new "SELECT nextval('app.used'), nextval('app.fresh')" types)" $'94\t50' "next values"
assert_eq "$(sql new "SELECT relispopulated FROM pg_class WHERE oid = 'app.unfilled'::regclass" types)" f "unfilled view is filled"
assert_eq "$(sql new "SELECT count(*) FROM app.child WHERE n = 77" types)" 0 "rows that a trigger changed while loading"
assert_eq "$(sql new "SELECT reltuples FROM pg_class WHERE oid = 'app.keyless'::regclass" types)" 2000 "statistics"

step "the stream can be shown and checked without a server"
run_expect 0 load-stream --check -i "$T/stream"
run_expect 0 load-stream --list -i "$T/stream"
assert_contains "$OUT" 'select "x";'
zstd -t -q "$T/stream" || fail "zstd does not take the stream for one of its files"
