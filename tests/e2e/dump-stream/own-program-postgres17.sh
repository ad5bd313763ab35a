#!/usr/bin/env bash
# PostgreSQL 17.12 keeps numbers of its own among the options of columns, which the pg_dump of a newer release would write.
# flytt-test: labels=matrix
# SPDX-License-Identifier: MIT
set -euo pipefail
# shellcheck source=tests/support/servers.sh
. "$FLYTT_SRC/tests/support/servers.sh"
# shellcheck source=tests/support/assert.sh
. "$FLYTT_SRC/tests/support/assert.sh"
server_start postgres17 old
sql old "CREATE TABLE t (id int PRIMARY KEY, v text)"
if [ "$(sql old "SELECT count(*) FROM pg_attribute WHERE attrelid = 't'::regclass AND attoptions::text LIKE '%pg_attver%'")" = 0 ]; then skip "this release keeps no such numbers"; fi
postgres_clients postgres18
run_expect 78 dump-stream -o "$T/s" "$(url_as old postgres)"
assert_contains "$ERR" "pg_dump of PostgreSQL 17 is not here, and newer ones write what this server keeps for itself"
postgres_clients postgres17
run_expect 0 dump-stream -o "$T/s" "$(url_as old postgres)"
