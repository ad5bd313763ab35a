#!/usr/bin/env bash
# Proves: a copy whose worker loses its session (KILL on the source) has lost its snapshot and says so at both ends of the pipe,
# even where the shell has no pipefail: exit 69, ERR in the stream, the same code and message from the loader.
# SPDX-License-Identifier: MIT
set -euo pipefail
# shellcheck source=tests/support/servers.sh
. "$FLYTT_SRC/tests/support/servers.sh"
# shellcheck source=tests/support/assert.sh
. "$FLYTT_SRC/tests/support/assert.sh"

server_start mariadb old
server_start mariadb new
sql old "CREATE DATABASE shop; USE shop; CREATE TABLE shop.big (id INT PRIMARY KEY, t TEXT);
    INSERT INTO shop.big SELECT seq, CONCAT(SHA2(seq, 512), SHA2(-seq, 512), RAND()) FROM seq_1_to_200000"
accounts_for old shop
export FLYTT_SOURCE_PASSWORD=$S_OLD_PASSWORD

mkfifo "$T/pipe"
{ dump-stream --jobs 2 --chunk-size 256K "$(url_as old flytt_dump shop)" 2>"$T/dump.err" || echo $? >"$T/dump.status"; } >"$T/pipe" &
exec 8<"$T/pipe"
head -c 500000 <&8 >"$T/begin"
victim=$(sql old "SELECT ID FROM information_schema.PROCESSLIST WHERE USER='flytt_dump' AND INFO LIKE 'SELECT%FROM%big%' ORDER BY ID LIMIT 1")
if [ -z "$victim" ]; then # between two statements just now: any of its sessions that reads will do
    victim=$(sql old "SELECT MIN(ID) + 1 FROM information_schema.PROCESSLIST WHERE USER='flytt_dump'")
fi
sql old "KILL $victim"
STATUS=0
cat "$T/begin" - <&8 | load-stream "$S_NEW_URL" >"$T/out" 2>"$T/load.err" || STATUS=${PIPESTATUS[1]}
exec 8<&-
wait
assert_eq "$(cat "$T/dump.status" 2>/dev/null)" 69 "exit status of dump-stream"
assert_eq "$STATUS" 69 "exit status of load-stream"
message=$(grep -v HINT "$T/dump.err" | grep -m1 -o 'big.*\|connection.*\|lost.*' || true)
[ -n "$message" ] || fail "dump-stream does not say what happened: $(cat "$T/dump.err")"
assert_contains "$(cat "$T/load.err")" "$(sed -n 's/^dump-stream: //p' "$T/dump.err" | head -n 1)"
assert_contains "$(cat "$T/load.err")" "--discard"
