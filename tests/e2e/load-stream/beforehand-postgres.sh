#!/usr/bin/env bash
# Of PostgreSQL: what cannot come along is named or refused before the rows, and what is only large or elsewhere comes.
# SPDX-License-Identifier: MIT
set -euo pipefail
# shellcheck source=tests/support/servers.sh
. "$FLYTT_SRC/tests/support/servers.sh"
# shellcheck source=tests/support/assert.sh
. "$FLYTT_SRC/tests/support/assert.sh"

server_start postgres old
server_start postgres new
accounts_for old shop
from="$(url_as old postgres shop)" to="$(url_as new postgres shop)"
export FLYTT_SOURCE_PASSWORD=$S_OLD_PASSWORD
sql_file old shop <<'SQL'
CREATE EXTENSION postgres_fdw;
CREATE SERVER far FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '127.0.0.1', port '1');
CREATE USER MAPPING FOR postgres SERVER far OPTIONS (user 'u', password 'secret');
CREATE TABLE parts (id int, at int) PARTITION BY LIST (at);
CREATE TABLE here PARTITION OF parts FOR VALUES IN (1);
CREATE FOREIGN TABLE there PARTITION OF parts FOR VALUES IN (2) SERVER far;
INSERT INTO here SELECT g, 1 FROM generate_series(1, 1000) g;
CREATE TABLE jobs (id int PRIMARY KEY);
SQL

step "partitions on another server are not asked for statistics, and what a server and its mappings are is compared"
run_expect 0 dump-stream -o "$T/s" "$from"
run_expect 0 load-stream -i "$T/s" "$to"
assert_eq "$(sql new "SELECT reltuples FROM pg_class WHERE relname = 'here'" shop)" 1000 "statistics"
run_expect 0 verify-rows "$from" "$to"
sql new "ALTER SERVER far OPTIONS (SET port '2'); DROP USER MAPPING FOR postgres SERVER far" shop
run_expect 1 verify-rows "$from" "$to"
assert_contains "$OUT" "options of server far"
assert_contains "$OUT" "user mapping of postgres for far"
assert_not_contains "$OUT" secret
run_expect 0 dump-stream -o "$T/s" "$(url_as old flytt_dump shop)"
assert_contains "$ERR" "user mapping of postgres for server far: its options"
sql new "DROP DATABASE shop"

step "definitions of more than 30 MiB"
for i in $(seq 17); do printf "CREATE FUNCTION f%s() RETURNS text LANGUAGE sql AS \$x\$ SELECT '%s' \$x\$;\n" "$i" "$(seq 320000)"; done | sql_file old shop
run_expect 0 dump-stream -o "$T/s" "$from"
run_expect 0 load-stream -i "$T/s" "$to"
run_expect 0 verify-rows "$from" "$to"
sql new "DROP DATABASE shop"
for i in $(seq 17); do echo "DROP FUNCTION f$i();"; done | sql_file old shop

step "rows that users added to tables of an extension"
sql old "ALTER EXTENSION postgres_fdw ADD TABLE jobs; INSERT INTO jobs VALUES (1);
    UPDATE pg_extension SET extconfig = ARRAY['jobs'::regclass::oid], extcondition = ARRAY['WHERE id > 1000'] WHERE extname = 'postgres_fdw'" shop
run_expect 0 dump-stream -o "$T/s" "$from"
assert_not_contains "$ERR" "public.jobs"
sql old "INSERT INTO jobs VALUES (1001)" shop
run_expect 0 dump-stream -o "$T/s" "$from"
assert_contains "$ERR" "rows that users added to public.jobs of extension postgres_fdw are not carried"
run_expect 10 load-stream -i "$T/s" "$to"
assert_contains "$OUT" "rows that users added to public.jobs of extension postgres_fdw are not carried"
run_expect 10 verify-rows "$from" "$to"
assert_contains "$OUT" "public.jobs of extension postgres_fdw"
sql old "ALTER EXTENSION postgres_fdw DROP TABLE jobs; UPDATE pg_extension SET extconfig = NULL, extcondition = NULL" shop

step "what no value can hold, and what lies where only the tools' notes should"
sql old "SELECT lo_create(7); SELECT lo_put(7, 1073741824, 'x')" shop >/dev/null
sql old "CREATE SCHEMA flytt; CREATE TABLE flytt.mine (id int)" shop
for dry in --dry-run ''; do
    run_expect 13 dump-stream $dry -o "$T/s" "$from"
    assert_contains "$OUT$ERR" "large object 7"
    assert_contains "$OUT$ERR" "flytt.mine"
done
