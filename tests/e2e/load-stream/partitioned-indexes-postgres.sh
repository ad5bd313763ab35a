#!/usr/bin/env bash
# Indexes of partitions of partitions, built side by side: PostgreSQL may leave the whole invalid when its parts are attached at
# the same time. None arrives so, and one that is invalid on the source still is.
# SPDX-License-Identifier: MIT
set -euo pipefail
# shellcheck source=tests/support/servers.sh
. "$FLYTT_SRC/tests/support/servers.sh"
# shellcheck source=tests/support/assert.sh
. "$FLYTT_SRC/tests/support/assert.sh"

server_start postgres old
server_start postgres new
sql old "CREATE DATABASE shop"
# Enough of them that some meet in every run.
for t in $(seq 40); do
    echo "CREATE TABLE o$t (a int, b int, PRIMARY KEY (a, b)) PARTITION BY RANGE (b);
        CREATE TABLE o${t}_1 PARTITION OF o$t FOR VALUES FROM (0) TO (1);
        CREATE TABLE o${t}_2 PARTITION OF o$t FOR VALUES FROM (1) TO (2) PARTITION BY HASH (a);
        CREATE TABLE o${t}_2e PARTITION OF o${t}_2 FOR VALUES WITH (MODULUS 1, REMAINDER 0);
        CREATE INDEX ON o$t (b); INSERT INTO o$t SELECT g, g % 2 FROM generate_series(1, 50) g;"
done | sql_file old shop
sql old "CREATE INDEX lonely ON ONLY o1 (a)" shop
run_expect 0 dump-stream -o "$T/stream" "$(url_as old postgres shop)"
run_expect 0 load-stream --jobs 4 -i "$T/stream" "$(url_as new postgres shop)"
assert_eq "$(sql new "SELECT indexrelid::regclass FROM pg_index WHERE NOT indisvalid" shop)" lonely "indexes that are not valid"
indexes="SELECT count(*) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE relnamespace = 'public'::regnamespace"
assert_eq "$(sql new "$indexes" shop)" "$(sql old "$indexes" shop)" "number of indexes"
