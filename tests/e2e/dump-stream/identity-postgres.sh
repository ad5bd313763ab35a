#!/usr/bin/env bash
# A publication must not break the source's own writes, nor a follower stop at the first change: tables whose rows could not be
# found again are refused before the publication is made, and those that can are found.
# SPDX-License-Identifier: MIT
set -euo pipefail
# shellcheck source=tests/support/servers.sh
. "$FLYTT_SRC/tests/support/servers.sh"
# shellcheck source=tests/support/assert.sh
. "$FLYTT_SRC/tests/support/assert.sh"
product=${1:-postgres}
server_start "$product" old wal_level=logical
postgres_clients "$product"
sql old "CREATE DATABASE shop"
from=$(url_as old postgres shop)

# refused TEXT STATEMENT...: with these tables there is no slot, and the reason is this one.
refused() {
    sql old "CREATE SCHEMA s; SET search_path = s; $2" shop
    run_expect 13 dump-stream --slot move -o "$T/stream" "$from"
    assert_contains "$ERR" "$1"
    assert_sql old "SELECT count(*) FROM pg_publication" 0
    sql old "DROP SCHEMA s CASCADE" shop >/dev/null 2>&1
}

step "what the server takes for no identity, whatever the catalog calls a primary key"
refused 's.item has a primary key that is DEFERRABLE' "CREATE TABLE item (id int PRIMARY KEY DEFERRABLE INITIALLY DEFERRED, v text)"
refused 's.item has no replica identity' "CREATE TABLE item (id int, v text)"
refused 's.item has no replica identity' "CREATE TABLE item (id int PRIMARY KEY, v text); ALTER TABLE item REPLICA IDENTITY NOTHING"
refused 's.item is identified by its generated column k' "CREATE TABLE item (a text NOT NULL, k text GENERATED ALWAYS AS (lower(a)) STORED PRIMARY KEY)"

step "whole rows that no follower could compare"
for type in json point xml box 'json[]' 's.pair'; do
    refused "its column doc of type $type has no equality operator" "CREATE TYPE pair AS (a int, b json); CREATE TABLE item (id int, doc $type); ALTER TABLE item REPLICA IDENTITY FULL"
done
if [ "$product" != postgres ]; then
    refused 's.item is identified by whole rows, and its generated column k' \
        "CREATE TABLE item (a text, k text GENERATED ALWAYS AS (lower(a)) STORED); ALTER TABLE item REPLICA IDENTITY FULL"
fi

step "what can be followed is, and the source goes on with its work"
sql old "CREATE TABLE a (id int PRIMARY KEY, pos int UNIQUE DEFERRABLE, j json, v text GENERATED ALWAYS AS (id::text) STORED);
    CREATE TABLE b (id int NOT NULL, k text); CREATE UNIQUE INDEX by_id ON b (id); ALTER TABLE b REPLICA IDENTITY USING INDEX by_id;
    CREATE TABLE c (id int, m money, t text[], u uuid, r int4range); ALTER TABLE c REPLICA IDENTITY FULL; CREATE UNLOGGED TABLE d (id int)" shop
run_expect 0 dump-stream --slot move -o "$T/stream" "$from"
sql old "INSERT INTO a VALUES (1, 1); UPDATE a SET pos = 2; DELETE FROM a; INSERT INTO b VALUES (1); UPDATE b SET k = 'x'; DELETE FROM b;
    INSERT INTO c VALUES (1, 5, '{a}'); UPDATE c SET id = 2; DELETE FROM c" shop
