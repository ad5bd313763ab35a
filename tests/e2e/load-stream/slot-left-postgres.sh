#!/usr/bin/env bash
# A loader that fails when the dump has ended already leaves the dump's slot on the source: its last word names it and the command that
# removes it, and so does --discard. When the dump failed itself there is none.
# SPDX-License-Identifier: MIT
set -euo pipefail
# shellcheck source=tests/support/servers.sh
. "$FLYTT_SRC/tests/support/servers.sh"
# shellcheck source=tests/support/assert.sh
. "$FLYTT_SRC/tests/support/assert.sh"
server_pair postgres shop
sql old "CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1)" shop
slots() { sql old "SELECT count(*) FROM pg_replication_slots"; }
to=$(url_as new postgres shop)

step "a load that is refused"
sql new "CREATE TABLE t (id int)" shop
run_expect 0 dump-stream --slot move -o "$T/s" "$(url_as old postgres shop)"
run_expect 13 load-stream -i "$T/s" "$to"
assert_contains "$(tail -n 1 <<<"$ERR")" "THE SOURCE KEEPS ITS LOG"
assert_contains "$(tail -n 1 <<<"$ERR")" "slot move"

step "one that ends in the middle, and --discard"
sql new "DROP TABLE t" shop
head -c "$(($(stat -c %s "$T/s") - 100))" "$T/s" >"$T/cut"
run_expect 65 load-stream -i "$T/cut" "$to"
assert_contains "$(tail -n 1 <<<"$ERR")" "THE SOURCE KEEPS ITS LOG"
uuid=$(grep -oE '[0-9a-f]{8}-[0-9a-f-]{27}' <<<"$ERR" | head -n 1)
assert_eq "$(slots)" 1 "slots"
run_expect 0 load-stream --discard "$uuid" "$to"
assert_contains "$(tail -n 1 <<<"$OUT")" "THE SOURCE KEEPS ITS LOG"

step "the command removes it"
command=${OUT##*remove it there: }
PGHOST=$S_OLD_SOCKET PGPORT=$S_OLD_PORT PGUSER=postgres bash -c "$command" >/dev/null
assert_eq "$(slots)$(sql old 'SELECT count(*) FROM pg_publication' shop)" 00 "slots and publications"

step "a dump that failed removes its own, and nobody speaks of it"
dump-stream --slot move --where 'public.t=1/(id-1) > 0' "$(url_as old postgres shop)" >"$T/failed" 2>/dev/null || true
assert_eq "$(slots)" 0 "slots"
run load-stream -i "$T/failed" "$to"
assert_ne "$STATUS" 0 "exit status"
assert_not_contains "$ERR" "KEEPS ITS LOG"
