#!/usr/bin/env bash
# -o FILE: a dump that fails leaves what was there as it was, and nothing beside it; one that succeeds takes the name. What is no regular
# file is written itself. And the stream of a dump that failed gives load-stream the dump's own status.
# SPDX-License-Identifier: MIT
set -euo pipefail
# shellcheck source=tests/support/servers.sh
. "$FLYTT_SRC/tests/support/servers.sh"
# shellcheck source=tests/support/assert.sh
. "$FLYTT_SRC/tests/support/assert.sh"
server_start mariadb db
sql db "CREATE DATABASE shop; USE shop; CREATE TABLE shop.t (id INT PRIMARY KEY, v TEXT); INSERT INTO shop.t SELECT seq, REPEAT(MD5(seq), 100) FROM seq_1_to_2000"
url=$(url_as db root shop)
mkdir "$T/to"
there() { find "$T/to" -mindepth 1 -printf '%f\n' | sort; }

step "one that succeeds takes the name, the mode stays"
run_expect 0 dump-stream -o "$T/to/copy" "$url"
run_expect 0 load-stream --check -i "$T/to/copy"
chmod 640 "$T/to/copy"
ln -s copy "$T/to/link"
run_expect 0 dump-stream -o "$T/to/link" "$url"
assert_eq "$(stat -c '%a %F' "$T/to/copy" "$T/to/link")" $'640 regular file\n777 symbolic link' "what is there"
assert_eq "$(there)" $'copy\nlink' "files"

step "one that fails leaves the old one, and nothing beside it"
sum=$(cksum <"$T/to/copy")
run dump-stream --where 'shop.t=nonsense(id) > 1' -o "$T/to/copy" "$url"
assert_ne "$STATUS" 0 "exit status"
assert_eq "$(cksum <"$T/to/copy")" "$sum" "the old stream"
run dump-stream --where 'shop.t=nonsense(id) > 1' -o "$T/to/new" "$url"
assert_ne "$STATUS" 0 "exit status"
run env --default-signal=TERM timeout --signal TERM 1 dump-stream --where 'shop.t=SLEEP(1) = 0' -o "$T/to/copy" "$url"
assert_eq "$(cksum <"$T/to/copy")" "$sum" "the old stream"
assert_eq "$(there)" $'copy\nlink' "files"

step "what is no regular file is written itself"
run_expect 0 dump-stream -o /dev/null "$url"
assert_eq "$(stat -c %F /dev/null)" "character special file" "/dev/null"
mkfifo "$T/to/pipe"
load-stream --check -i "$T/to/pipe" >"$T/checked" &
checker=$!
run_expect 0 dump-stream -o "$T/to/pipe" "$url"
wait "$checker"
run_expect 0 bash -c 'dump-stream -o /dev/fd/5 "$1" 5>"$2"' _ "$url" "$T/to/five"
run_expect 0 load-stream --check -i "$T/to/five"

step "a dump that ran out of time says so to whoever reads its stream"
run dump-stream --timeout 1s --where "shop.t=SLEEP(1) = 0" "$url"
assert_eq "$STATUS" 11 "exit status of the dump"
assert_contains "$ERR" "the time limit of 1"
dump-stream --timeout 1s --where "shop.t=SLEEP(1) = 0" "$url" >"$T/late" 2>/dev/null || true
run_expect 11 load-stream --check -i "$T/late"
assert_contains "$ERR" "the time limit of 1"
