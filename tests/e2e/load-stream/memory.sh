#!/usr/bin/env bash
# Memory: at most 64 MiB a tool at 2 jobs, whatever the table; a row of half a gigabyte passes and costs its own size.
# SPDX-License-Identifier: MIT
set -euo pipefail
# shellcheck source=tests/support/servers.sh
. "$FLYTT_SRC/tests/support/servers.sh"
# shellcheck source=tests/support/assert.sh
. "$FLYTT_SRC/tests/support/assert.sh"
[ -z "${FLYTT_SANITIZE:-}" ] || skip "a sanitizer takes memory of its own"

server_start mariadb old max_allowed_packet=1G innodb_log_file_size=2G
server_start mariadb new max_allowed_packet=1G innodb_log_file_size=2G
sql old "CREATE DATABASE shop; USE shop; CREATE TABLE shop.ordinary (id INT PRIMARY KEY, a INT, t TEXT, m MEDIUMBLOB);
    INSERT INTO shop.ordinary SELECT seq, seq, REPEAT(SHA2(seq, 512), 4), IF(seq % 2000 = 0, REPEAT(RANDOM_BYTES(1000), 900), NULL) FROM seq_1_to_150000;
    CREATE DATABASE large; CREATE TABLE large.one (id INT PRIMARY KEY, l LONGBLOB, n INT);
    INSERT INTO large.one VALUES (1, 'small', 1), (2, REPEAT(RANDOM_BYTES(1000), 536870), 2), (3, NULL, 3)"

# measured OUT COMMAND...: runs it and sets PEAK to its peak memory in KiB.
measured() {
    local out=$1
    shift
    command time -o "$T/peak" -f %M "$@" >"$out" 2>"$T/err" || fail "$* says: $(cat "$T/err")"
    PEAK=$(tail -n 1 "$T/peak")
}

step "rows under 1 MiB"
measured "$T/stream" dump-stream --jobs 2 "$S_OLD_URL" -d shop
assert_le "$PEAK" 65536 "KiB of dump-stream"
measured /dev/null load-stream --jobs 2 -i "$T/stream" "$S_NEW_URL"
assert_le "$PEAK" 65536 "KiB of load-stream"
assert_sql new "CHECKSUM TABLE shop.ordinary" "$(sql old 'CHECKSUM TABLE shop.ordinary')"

step "a row of 512 MB"
measured "$T/stream" dump-stream --jobs 2 "$S_OLD_URL" -d large
assert_le "$PEAK" $((900 * 1024)) "KiB of dump-stream"
measured /dev/null load-stream --jobs 2 -i "$T/stream" "$S_NEW_URL"
assert_le "$PEAK" $((1300 * 1024)) "KiB of load-stream"
assert_sql new "CHECKSUM TABLE large.one" "$(sql old 'CHECKSUM TABLE large.one')"
