#!/usr/bin/env bash
# What goes wrong with PostgreSQL is told by name, with the right exit status, and leaves the servers as they were found.
# SPDX-License-Identifier: MIT
set -euo pipefail
# shellcheck source=tests/support/servers.sh
. "$FLYTT_SRC/tests/support/servers.sh"
# shellcheck source=tests/support/assert.sh
. "$FLYTT_SRC/tests/support/assert.sh"
# shellcheck source=tests/e2e/dump-stream/_refusals.bash
. "$FLYTT_SRC/tests/e2e/dump-stream/_refusals.bash"

server_start postgres old
server_start postgres new
accounts_for old shop
accounts_for new
sql old "CREATE TABLE keyed (id int PRIMARY KEY, t text); INSERT INTO keyed SELECT g, md5(g::text) || md5((g + 1)::text) || md5((g + 2)::text) FROM generate_series(1, 100000) g;
    CREATE TABLE keyless (a int); INSERT INTO keyless VALUES (1); CREATE TABLE hidden (a int); ANALYZE" shop
from="$(url_as old flytt_dump shop)" to="$(url_as new postgres shop)"
nothing_left() {
    assert_eq "$(sql old "SELECT count(*) FROM pg_replication_slots" shop)" 0 "slots on the source"
    assert_eq "$(sql old "SELECT count(*) FROM pg_publication" shop)" 0 "publications on the source"
}

step "no server, no database, no such role, a wrong password, a wrong parameter"
export FLYTT_SOURCE_PASSWORD=wrong
refused 77 "password authentication failed" "$from"
assert_contains "$ERR" "FLYTT_SOURCE_PASSWORD"
export FLYTT_SOURCE_PASSWORD=$S_OLD_PASSWORD FLYTT_TARGET_PASSWORD=$S_NEW_PASSWORD
refused 69 "refused" "postgres://flytt_dump@127.0.0.1:1/shop"
refused 69 'database "nowhere" does not exist' "$(url_as old flytt_dump nowhere)"
refused 77 "nobody" "$(url_as old nobody shop)"
refused 64 "sslmode" "$from&ssl-mode=require"
refused 64 "--all-databases" --all-databases "$from"
refused 64 "is not the database of" -d other "$from"
refused 64 "--all-databases" --schema-only --all-databases "$from"
run_expect 64 load-stream -i /dev/null "postgres://u:secret@/shop"
assert_not_contains "$ERR" secret

step "row security: refused by name, never a copy of some of the rows"
sql old "ALTER TABLE hidden ENABLE ROW LEVEL SECURITY" shop
refused 77 "row security hides rows of public.hidden" "$from"
assert_contains "$OUT$ERR" "BYPASSRLS"
sql old "ALTER TABLE hidden DISABLE ROW LEVEL SECURITY" shop

step "missing privileges, all at once"
sql old "CREATE ROLE poor LOGIN PASSWORD '$S_OLD_PASSWORD'"
for table in keyed keyless hidden; do refused 77 "\"public\".\"$table\"" "$(url_as old poor shop)"; done

step "a slot: what stands in the way is named first, and nothing is left behind"
refused 13 "only an owner may publish it" --slot move "$from"
superuser="$(url_as old postgres shop)"
refused 13 "public.keyless has no replica identity" --slot move "$superuser"
refused 13 "is no name for a slot" --slot 'Move It' "$superuser"
refused 13 "taken without a slot" --to-follow "$superuser"
refused 77 "only an owner may publish it" --slot move -t public.keyed "$from"
refused 13 "cannot be limited to rows by a condition" --slot move -t public.keyed --where 'public.keyed=id < 5' "$superuser"
nothing_left
sql old "ALTER TABLE keyless REPLICA IDENTITY FULL; ALTER TABLE hidden REPLICA IDENTITY FULL" shop
run_expect 74 dump-stream --slot move -o /dev/full "$superuser"
nothing_left
mkfifo "$T/pipe"
dump-stream --slot move "$superuser" >"$T/pipe" 2>"$T/dump.err" &
dump=$!
exec 8<"$T/pipe"
head -c 4096 <&8 >/dev/null
kill -INT "$dump"
exec 8<&-
STATUS=0
wait "$dump" || STATUS=$?
assert_ne "$STATUS" 0 "exit status of a dump that was stopped"
nothing_left
assert_contains "$(cat "$T/dump.err")" "pg_drop_replication_slot"

step "a slot whose dump succeeds stays, at the copy's position, and says so"
run_expect 0 dump-stream --slot move -o "$T/slot" "$superuser"
run_expect 0 load-stream --list -i "$T/slot"
position=$(sql old "SELECT confirmed_flush_lsn FROM pg_replication_slots WHERE slot_name = 'move' AND plugin = 'pgoutput'" shop)
assert_contains "$OUT" "position: lsn $position"
assert_eq "$(sql old "SELECT string_agg(tablename, ',' ORDER BY tablename) FROM pg_publication_tables WHERE pubname = 'move'" shop)" "hidden,keyed,keyless"
refused 13 "slot move is there already" --slot move "$superuser"
sql old "SELECT pg_drop_replication_slot('move'); DROP PUBLICATION move" shop >/dev/null

step "the target: not empty, wrong encoding, not to be had, of another product"
run_expect 0 dump-stream -o "$T/stream" "$from"
not_loaded 64 "names no database" -i "$T/stream" "postgres://postgres@/?host=$S_NEW_SOCKET&port=$S_NEW_PORT"
sql new "CREATE DATABASE shop"
sql new "CREATE VIEW mine AS SELECT 1" shop
not_loaded 13 "holds view public.mine" -i "$T/stream" "$to"
sql new "CREATE TABLE keyless (mine int)" shop
not_loaded 13 "--yes" -i "$T/stream" --if-exists drop "$to"
assert_eq "$(sql new "SELECT count(*) FROM pg_namespace WHERE nspname = 'flytt'" shop)" 0 "ledger after a refusal"
run_expect 0 load-stream -i "$T/stream" --if-exists drop --yes "$to"
sql new "DROP DATABASE shop; "
sql new "CREATE DATABASE shop ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0"
not_loaded 13 "encoding LATIN1" -i "$T/stream" "$to"
sql new "DROP DATABASE shop"
not_loaded 13 "holds" -i "$T/stream" "$superuser"

step "--data-only and --schema-only"
run_expect 0 dump-stream --schema-only -o "$T/schema" "$from"
run_expect 0 dump-stream --data-only -o "$T/data" "$from"
not_loaded 13 "is not there, and the stream holds rows only" -i "$T/data" "$to"
run_expect 0 load-stream -i "$T/schema" "$to"
assert_eq "$(sql new "SELECT count(*) FROM keyed" shop)" 0
run_expect 0 load-stream -i "$T/data" "$to"
assert_eq "$(sql new "SELECT count(*) FROM keyed" shop)" 100000
run_expect 13 load-stream -i "$T/data" --dry-run "$(url_as new postgres elsewhere)"

step "one table, with a condition"
sql new "DROP DATABASE shop"
run_expect 0 dump-stream -t public.keyed --where "public.keyed=id <= 10" -o "$T/part" "$from"
run_expect 0 load-stream -i "$T/part" "$to"
assert_eq "$(sql new "SELECT count(*), max(id) FROM keyed" shop)" $'10\t10'
assert_eq "$(sql new "SELECT count(*) FROM pg_class WHERE relname = 'keyless'" shop)" 0

step "a closed pipe and a full disk"
run_expect 74 dump-stream -o /dev/full "$from"
set +o pipefail
dump-stream "$from" 2>/dev/null | head -c 1000 >/dev/null
status=("${PIPESTATUS[@]}")
set -o pipefail
[ "${status[0]}" = 141 ] || [ "${status[0]}" = 74 ] || fail "exit status ${status[0]} of a dump into a closed pipe"
