#!/usr/bin/env bash
# A filter that matches nothing is no table without rows: 64, with the nearest name, from dump-stream and verify-rows alike.
# SPDX-License-Identifier: MIT
set -euo pipefail
# shellcheck source=tests/support/servers.sh
. "$FLYTT_SRC/tests/support/servers.sh"
# shellcheck source=tests/support/assert.sh
. "$FLYTT_SRC/tests/support/assert.sh"

server_start mariadb old
server_start mariadb new
sql_file old <<'SQL'
CREATE DATABASE shop;
CREATE TABLE shop.orders (id int PRIMARY KEY, v int);
CREATE TABLE shop.sessions (id int PRIMARY KEY);
CREATE TABLE shop.cache_a (id int PRIMARY KEY);
CREATE VIEW shop.cheap AS SELECT id FROM shop.orders WHERE v < 10;
INSERT INTO shop.orders VALUES (1, 1), (2, 2);
CREATE DATABASE crm;
CREATE TABLE crm.calls (id int PRIMARY KEY);
SQL
accounts_for old shop
from="$(url_as old flytt_dump shop)"
export FLYTT_SOURCE_PASSWORD=$S_OLD_PASSWORD

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
refused "--table 'orders' matches nothing" "Did you mean shop.orders?" -t orders
refused "--table 'shop.oders' matches nothing" "Did you mean shop.orders?" -t shop.oders -t shop.sessions
refused "--table 'Shop.Orders' matches nothing" "Did you mean shop.orders?" -t Shop.Orders
refused "--exclude-table 'shop.sesions' matches nothing" "Did you mean shop.sessions?" --exclude-table shop.sesions
refused "--exclude-table 'shop.cahce_*' matches nothing" "Did you mean shop.cache_a?" --exclude-table 'shop.cahce_*'
refused "--where 'ordrs' matches nothing" "Did you mean shop.orders?" --where 'ordrs=1=1'
refused "--table 'a.b' matches nothing; --where 'c.d' matches nothing" "Write it as DATABASE.TABLE" -t a.b --where 'c.d=1=1'

step "a view has no rows to choose among, and --table takes it"
refused "--where 'shop.cheap' is the view shop.cheap" "Name tables" --where 'shop.cheap=1=1'
run_expect 0 dump-stream --dry-run -t 'shop.cheap' -t 'shop.o*' "$from"
assert_contains "$OUT" "view shop.cheap"

step "a misspelt database"
run_expect 64 dump-stream -o "$T/s" -d shp "$(url_as old flytt_dump)"
assert_contains "$ERR" "there is no database 'shp', or this account may not see it"
assert_contains "$ERR" "HINT: Did you mean shop?"
assert_contains "$ERR" "HINT: If it is there, its privileges are missing: GRANT"
run_expect 77 dump-stream -o "$T/s" -d crm "$(url_as old flytt_dump)"
run_expect 0 dump-stream -o "$T/s" -t shop.orders "$from"
unset FLYTT_SOURCE_PASSWORD

step "with all databases a pattern counts over all of them"
run_expect 0 dump-stream --dry-run --all-databases --exclude-table 'crm.*' "$S_OLD_URL"
assert_not_contains "$OUT" "crm.calls"
run_expect 64 dump-stream --dry-run --all-databases --exclude-table 'crm.cals' "$S_OLD_URL"
assert_contains "$ERR" "Did you mean crm.calls?"

step "verify-rows: what one side has is there"
run_expect 0 load-stream -i "$T/s" "$S_NEW_URL"
to="$(url_as new root shop)" all="$(url_as old root shop)"
run_expect 0 verify-rows -t shop.orders "$all" "$to"
run_expect 1 verify-rows -t shop.orders -t shop.sessions "$all" "$to"
assert_contains "$OUT" "missing     shop.sessions"
run_expect 64 verify-rows -t shop.ordes "$all" "$to"
assert_contains "$ERR" "Did you mean shop.orders?"
run_expect 64 verify-rows --exclude-table shop.sesions "$all" "$to"
assert_contains "$ERR" "Did you mean shop.sessions?"
run_expect 64 verify-rows -t shop.orders --where 'ordrs=1=1' "$all" "$to"
assert_contains "$ERR" "Did you mean shop.orders?"
run_expect 64 verify-rows -d shp "$(url_as old root)" "$(url_as new root)"
assert_contains "$ERR" "Did you mean shop?"
