#!/usr/bin/env bash
# PostgreSQL has tables without columns, and rows in them: each is counted, carried and compared.
# SPDX-License-Identifier: MIT
set -euo pipefail
# shellcheck source=tests/support/servers.sh
. "$FLYTT_SRC/tests/support/servers.sh"
# shellcheck source=tests/support/assert.sh
. "$FLYTT_SRC/tests/support/assert.sh"

server_start postgres old
server_start postgres new
sql old "CREATE DATABASE shop"
sql new "CREATE DATABASE shop"
sql old "CREATE TABLE five (); INSERT INTO five SELECT FROM generate_series(1, 5); CREATE TABLE none ()" shop
old=$(url_as old postgres shop) new=$(url_as new postgres shop)

run_expect 0 dump-stream -o "$T/stream" "$old"
run_expect 0 load-stream --list -i "$T/stream"
assert_contains "$OUT" "table public.five: 5 rows"
run_expect 0 load-stream -i "$T/stream" "$new"
assert_eq "$(sql new "SELECT count(*) FROM five" shop)" 5 "rows that arrived"
run_expect 0 verify-rows "$old" "$new"
sql new "INSERT INTO five SELECT FROM generate_series(1, 2)" shop
run_expect 1 verify-rows "$old" "$new"
assert_contains "$OUT" "rows 5/7"
