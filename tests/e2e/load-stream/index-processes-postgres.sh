#!/usr/bin/env bash
# Several of the server's processes for one index only where the jobs alone do not keep all processors busy. The function that the
# indexes call says no when load-stream's sessions have another setting than is due.
# SPDX-License-Identifier: MIT
set -euo pipefail
# shellcheck source=tests/support/servers.sh
. "$FLYTT_SRC/tests/support/servers.sh"
# shellcheck source=tests/support/assert.sh
. "$FLYTT_SRC/tests/support/assert.sh"

server_start postgres old
server_start postgres new max_parallel_maintenance_workers=3
jobs=$(($(nproc) > 1 ? $(nproc) : 2))

# copied NAME EXPECTED TABLES-OF-EQUAL-SIZE
copied() {
    sql old "CREATE DATABASE $1"
    {
        echo "CREATE FUNCTION due(int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS \$\$ BEGIN
            IF current_setting('application_name') = 'flytt' AND current_query() LIKE '%CREATE INDEX%' AND current_setting('max_parallel_maintenance_workers') <> '$2' THEN
                RAISE EXCEPTION 'not $2 but %', current_setting('max_parallel_maintenance_workers'); END IF; RETURN \$1; END \$\$;"
        for ((i = 1; i <= $3; i++)); do
            echo "CREATE TABLE t$i AS SELECT g AS a, repeat('x', 1000) AS b FROM generate_series(1, 20000) g; CREATE INDEX ON t$i (due(a));"
        done
    } | sql_file old "$1"
    run_expect 0 dump-stream -o "$T/stream" "$(url_as old postgres "$1")"
    run_expect 0 load-stream --jobs "$jobs" -i "$T/stream" "$(url_as new postgres "$1")"
}

step "tables that are at most a job's share: as many processes as jobs"
copied even 0 $((jobs * 2))
step "one table: what the administrator has set"
copied single 3 1
