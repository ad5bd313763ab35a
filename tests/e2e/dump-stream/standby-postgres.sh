#!/usr/bin/env bash
# A standby is a source as good as its primary, except for what only a primary has: it is told so, and nothing is copied.
# SPDX-License-Identifier: MIT
set -euo pipefail
# shellcheck source=tests/support/servers.sh
. "$FLYTT_SRC/tests/support/servers.sh"
# shellcheck source=tests/support/assert.sh
. "$FLYTT_SRC/tests/support/assert.sh"

server_start postgres old
server_start postgres new
server_start postgres standby
accounts_for old shop
sql old "CREATE TABLE t (id int PRIMARY KEY, v text); INSERT INTO t SELECT g, md5(g::text) FROM generate_series(1, 50000) g; CREATE TABLE keyless AS SELECT 1 AS a" shop

step "a standby of the first server"
server_stop standby
rm -rf "$S_STANDBY_DIR/data"
postgres_user "$(postgres_program postgres pg_basebackup)" --host "$S_OLD_SOCKET" --port "$S_OLD_PORT" --username postgres --pgdata "$S_STANDBY_DIR/data" --write-recovery-conf --checkpoint fast
# shellcheck disable=SC2154 # of postgres.sh
(cd "$S_STANDBY_DIR" && "${kAsUser[@]}")
server_restart standby
replayed() { [ "$(sql standby "SELECT pg_last_wal_replay_lsn() >= '$1'::pg_lsn" postgres)" = t ]; }
catch_up() { within 30 replayed "$(sql old 'SELECT pg_current_wal_lsn()')"; }
from="$(url_as standby flytt_dump shop)" to="$(url_as new postgres shop)"
export FLYTT_SOURCE_PASSWORD=$S_OLD_PASSWORD
catch_up
assert_eq "$(sql standby 'SELECT pg_is_in_recovery()' postgres)" t "the standby is one"

step "it is copied whole, and its copy is equal"
run_expect 0 dump-stream -o "$T/stream" "$from"
run_expect 0 load-stream -i "$T/stream" "$to"
run_expect 0 verify-rows "$(url_as old postgres shop)" "$to"
assert_matches "$OUT" 'equal +public.t +rows 50000/50000'

step "no slot there, and the reason"
run_expect 13 dump-stream --slot move -o "$T/no" "$from"
assert_contains "$ERR" "standby"
assert_contains "$ERR" "primary"
assert_eq "$(sql old 'SELECT count(*) FROM pg_replication_slots; SELECT count(*) FROM pg_publication' shop | tr '\n' ' ')" "0 0 " "slots and publications"

step "rows that it does not have are named, also to whoever reads the stream"
sql old "CREATE UNLOGGED TABLE volatile (a int); INSERT INTO volatile VALUES (1)" shop
catch_up
run_expect 13 dump-stream "$from"
cp "$T/out" "$T/no"
assert_contains "$ERR" "public.volatile: is unlogged"
run_expect 13 load-stream --check -i "$T/no"
assert_contains "$ERR" "public.volatile: is unlogged"
run_expect 0 dump-stream --exclude-table 'public.volatile' -o "$T/yes" "$from"
