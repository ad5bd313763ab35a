#!/usr/bin/env bash
# What a selection of tables leaves behind of a PostgreSQL database is named, and what arrives is proved against the source.
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
CREATE TYPE app.mood AS ENUM ('good', 'bad');
CREATE TABLE app.orders (id bigserial PRIMARY KEY, note text DEFAULT 'x', CHECK (id > 0));
CREATE TABLE app.log (id int PRIMARY KEY, o bigint REFERENCES app.orders);
CREATE FUNCTION app.twice(a int) RETURNS int LANGUAGE sql AS 'SELECT $1 * 2';
CREATE VIEW app.seen AS SELECT id FROM app.orders;
CREATE MATERIALIZED VIEW app.counted AS SELECT count(*) FROM app.orders;
CREATE INDEX by_note ON app.orders (note);
INSERT INTO app.orders (note) SELECT 'n' || g FROM generate_series(1, 100) g;
SQL

step "a whole database is proved"
run_expect 0 dump-stream -o "$T/whole" "$(url_as old postgres shop)"
assert_not_contains "$ERR" "left out"
run_expect 0 load-stream -i "$T/whole" "$(url_as new postgres whole)"

step "what the target's own default privileges give to others is found out"
sql new "CREATE ROLE app; CREATE DATABASE granted"
sql new "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO app" granted
run_expect 10 load-stream -i "$T/whole" "$(url_as new postgres granted)"
assert_contains "$ERR" "role postgres: has default privileges here on tables, which those of the copy will have too"
assert_contains "$OUT" "table app.orders belongs to, runs as or may be used by others than on the source"
assert_not_contains "$OUT" "routine app.twice"
run_expect 10 load-stream -i "$T/whole" "$(url_as new postgres granted)"
run_expect 0 load-stream --skip-definers -i "$T/whole" "$(url_as new postgres skipped)"

step "what a selection leaves behind is named"
run_expect 0 dump-stream -v -o "$T/one" "$(url_as old postgres shop)" --table app.orders
assert_contains "$ERR" "left out: 1 table, not named by --table"
assert_contains "$ERR" "left out: table app.log"
assert_contains "$ERR" "left out: 2 views, not named by --table"
assert_contains "$ERR" "left out: 1 routine, not named by --table"
assert_contains "$ERR" "left out: 1 type, not named by --table"
assert_not_contains "$ERR" "sequence app.orders_id_seq"
run_expect 0 load-stream --list -i "$T/one"
assert_contains "$OUT" "left out: 1 routine, not named by --table"
run_expect 0 dump-stream -o "$T/without" "$(url_as old postgres shop)" --exclude-table app.log
assert_contains "$ERR" "left out: 1 table, defined but without its rows: excluded by --exclude-table"
run_expect 0 load-stream -i "$T/without" "$(url_as new postgres without)"
