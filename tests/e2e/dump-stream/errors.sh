#!/usr/bin/env bash
# Bad input and bad days: each a message that names the thing, the exit code of the manual, and servers left as they were.
# SPDX-License-Identifier: MIT
set -euo pipefail
# shellcheck source=tests/support/servers.sh
. "$FLYTT_SRC/tests/support/servers.sh"
# shellcheck source=tests/support/assert.sh
. "$FLYTT_SRC/tests/support/assert.sh"
# shellcheck source=tests/e2e/dump-stream/_refusals.bash
. "$FLYTT_SRC/tests/e2e/dump-stream/_refusals.bash"

server_start mariadb old
server_start mariadb new
sql old "CREATE DATABASE shop; USE shop; CREATE TABLE shop.a (id INT PRIMARY KEY, t TEXT);
    INSERT INTO shop.a SELECT seq, REPEAT(SHA2(seq, 512), 4) FROM seq_1_to_20000"
accounts_for old shop
url=$(url_as old flytt_dump shop)

# no_stream EXIT: all that was written is the error, which a loader at the other end of the pipe hands on.
no_stream() {
    run_expect "$1" load-stream --check -i "$T/s"
    assert_le "$(stat -c %s "$T/s")" 2000 "bytes written"
}

step "wrong password, unknown host, closed port, no such database"
FLYTT_SOURCE_PASSWORD=wrong run_expect 77 dump-stream -o "$T/s" "$url"
assert_contains "$ERR" "flytt_dump"
assert_contains "$ERR" "HINT"
assert_not_contains "$ERR" "wrong"
run_expect 69 dump-stream -o "$T/s" "mysql://u@no-such-host.invalid:3306/shop?ssl-mode=disabled"
assert_contains "$ERR" "no-such-host.invalid"
run_expect 69 dump-stream -o "$T/s" "mysql://u@127.0.0.254:1/shop"
run_expect 69 dump-stream -o /dev/fd/5 -d nowhere "$S_OLD_URL" 5>"$T/s"
assert_contains "$ERR" "nowhere"
no_stream 69

step "a password in a URL on the command line is refused"
run_expect 64 dump-stream -o "$T/s" "mysql://flytt_dump:secret@localhost/shop?socket=$S_OLD_SOCKET"
assert_not_contains "$ERR" "secret"

step "unknown parameter, unknown option, unknown scheme"
run_expect 64 dump-stream -o "$T/s" "$S_OLD_URL&sockt=x" -d shop
run_expect 64 dump-stream --tabel x "$S_OLD_URL"
assert_contains "$ERR" "--table"
run_expect 64 dump-stream -o "$T/s" "oracle://x/y"

step "a dry run is refused for what the copy is refused for"
refused 64 "has no replication slots" --slot move -d shop "$S_OLD_URL"
refused 64 "is not known" -d shop "$S_OLD_URL&sockt=x"
refused 69 "nowhere" -d nowhere "$S_OLD_URL"
refused 64 "exclude each other" --all-databases -d shop "$S_OLD_URL"
refused 13 "belongs to the server" -d mysql "$S_OLD_URL"
refused 13 "cannot be limited to rows by a condition" --to-follow --where "shop.a=id < 5" "$S_OLD_URL" -d shop

step "missing privileges: all of them, before the first byte"
sql old "CREATE USER poor@'%'; GRANT SELECT ON shop.* TO poor@'%'"
run_expect 77 dump-stream -o /dev/fd/5 "$(url_as old poor shop)" 5>"$T/s"
assert_contains "$ERR" "TRIGGER"
assert_contains "$ERR" "EVENT"
assert_contains "$ERR" "SHOW VIEW"
no_stream 77

step "stdout: a full device, a closed pipe, a terminal"
export FLYTT_SOURCE_PASSWORD=$S_OLD_PASSWORD
STATUS=0
dump-stream "$url" >/dev/full 2>"$T/err" || STATUS=$?
assert_eq "$STATUS" 74 "exit status with /dev/full"
set +o pipefail
{ dump-stream "$url" 2>"$T/err" || echo $? >"$T/status"; } | head -c 100000 >/dev/null
set -o pipefail
assert_matches "$(cat "$T/status")" '^(141|74)$' "exit status with head"
if command -v script >/dev/null; then
    script -qec "dump-stream '$url' 2>'$T/err'; echo \$? >'$T/status'" /dev/null >/dev/null </dev/null
    assert_eq "$(cat "$T/status")" 64 "exit status with a terminal as stdout"
fi

step "a target that is not empty, not writable, full"
run_expect 0 dump-stream -o "$T/s" "$url"
sql new "CREATE DATABASE shop; CREATE TABLE shop.a (id INT PRIMARY KEY)"
not_loaded 13 "shop.a" -i "$T/s" "$S_NEW_URL"
assert_sql new "SELECT COUNT(*) FROM shop.a" 0
not_loaded 13 "--yes" -i "$T/s" --if-exists drop "$S_NEW_URL"
sql new "DROP DATABASE shop; SET GLOBAL read_only=1; CREATE USER someone@'%'; GRANT ALL ON shop.* TO someone@'%'; GRANT ALL ON flytt.* TO someone@'%'"
run load-stream -i "$T/s" "$(url_as new someone)"
assert_matches "$STATUS" '^(13|77)$' "exit status with a read-only target"
assert_sql new "SELECT COUNT(*) FROM information_schema.SCHEMATA WHERE SCHEMA_NAME IN ('shop','flytt')" 0

step "no disk space on the target"
server_start mariadb small innodb_file_per_table=0 innodb_data_file_path=ibdata1:12M
run_expect 74 load-stream -i "$T/s" "$S_SMALL_URL"
assert_contains "$ERR" "shop.a"

step "nothing was left behind on the source"
no_sessions() { [ "$(sql old "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE USER LIKE 'flytt%'")" = 0 ]; }
within 5 no_sessions
