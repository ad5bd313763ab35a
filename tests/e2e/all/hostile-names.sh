#!/usr/bin/env bash
# Databases whose names, columns, comments, definers and rows steer a terminal: no tool passes them on to one. And each arrives.
# SPDX-License-Identifier: MIT
set -euo pipefail
# shellcheck source=tests/support/servers.sh
. "$FLYTT_SRC/tests/support/servers.sh"
# shellcheck source=tests/support/assert.sh
. "$FLYTT_SRC/tests/support/assert.sh"

server_start mariadb old
server_start mariadb new
server_start postgres pg
server_start postgres pgnew

# ESC, carriage return, line feed, CSI of eight bits, a right-to-left override, a line separator, DEL.
E=$'\e]0;pwn\a\e[2J\r\nload-stream: loaded everything\u009b1m\u202e\u2066\u2028\x7f\tx'

# harmless WHAT COMMAND...: whatever its exit status, what it says only shows. No status of a bug or a crash.
harmless() {
    local what=$1
    shift
    run timeout 120 "$@"
    case $STATUS in 70 | 124 | 13[0-9]) fail "$what ends with $STATUS: $ERR" ;; esac
    assert_harmless "$T/out" "stdout of $what"
    assert_harmless "$T/err" "stderr of $what"
    ! grep -q '^load-stream: loaded everything' "$T/out" "$T/err" || fail "$what says a forged line"
}

# all_tools OLD NEW [OPTION...]: a copy and a comparison with everything said, and failures on the way. OPTIONs are dump-stream's.
all_tools() {
    local old=$1 new=$2
    shift 2
    harmless "dump --dry-run" dump-stream --dry-run -v "$@" "$old"
    harmless "dump" dump-stream -v -v --progress 10ms "$@" -o "$T/stream" "$old"
    assert_eq "$STATUS" 0 "exit status of the dump, which says $ERR"
    harmless "a table that is not there" dump-stream "$@" --table "no$E.no$E" -o /dev/fd/5 "$old" 5>"$T/none"
    harmless "a condition that is wrong" dump-stream "$@" --where "*=no$E" -o /dev/fd/5 "$old" 5>"$T/none"
    harmless "what that dump sent" load-stream --check -i "$T/none"
    harmless "list" load-stream --list -v -i "$T/stream"
    assert_contains "$OUT" 'loaded everything\xc2\x9b1m\xe2\x80\xae'
    harmless "print" load-stream --print -i "$T/stream"
    harmless "print of a table that is not there" load-stream --print "no$E" -i "$T/stream"
    harmless "load --dry-run" load-stream --dry-run -v -i "$T/stream" "$new"
    harmless "load" load-stream -v -v --progress 10ms -i "$T/stream" "$new"
    assert_eq "$STATUS" 0 "exit status of the load, which says $ERR"
    dump-stream "$@" -o "$T/second" "$old"
    harmless "load of another copy" load-stream -v -i "$T/second" "$new"
    assert_eq "$STATUS" 13 "exit status of a load over what is there"
    harmless "load without a drop confirmed" load-stream --if-exists drop -i "$T/second" "$new"
    head -c "$(($(stat -c %s "$T/stream") - 100))" "$T/stream" >"$T/cut"
    harmless "a stream that was cut" load-stream --check -i "$T/cut"
    harmless "preflight" replica-ctl preflight -v "$old" "$new"
    harmless "status" replica-ctl status -v "$old" "$new"
    harmless "rtt" io-probe rtt --count 2 -v "$old"
    harmless "a database that is not there" lag-wait --check --zero "$old-no$E" "$new-no$E"
}

step "MariaDB: a table that no snapshot holds"
sql old "CREATE DATABASE \`$E\` CHARACTER SET utf8mb4; CREATE USER \`u$E\`@localhost;
    CREATE TABLE \`$E\`.\`t$E\` (\`i$E\` INT PRIMARY KEY COMMENT '$E', \`v$E\` TEXT COMMENT '$E', KEY \`k$E\` (\`v$E\`(10))) COMMENT '$E';
    INSERT INTO \`$E\`.\`t$E\` VALUES (1, '$E'), (2, 'b');
    CREATE DEFINER=\`u$E\`@localhost SQL SECURITY INVOKER VIEW \`$E\`.\`w$E\` AS SELECT 1 AS \`c$E\`;
    CREATE TABLE \`$E\`.\`m$E\` (\`i$E\` INT) ENGINE=MyISAM"
harmless "a copy of a MyISAM table" dump-stream -d "$E" -o "$T/none" "$S_OLD_URL"
assert_eq "$STATUS" 13 "exit status of a copy of a MyISAM table"
sql old "DROP TABLE \`$E\`.\`m$E\`"
sql new "CREATE USER \`u$E\`@localhost"

step "MariaDB: every tool"
all_tools "$S_OLD_URL" "$S_NEW_URL" -d "$E"
harmless "equal" verify-rows -v -d "$E" "$S_OLD_URL" "$S_NEW_URL"
assert_eq "$STATUS" 0 "exit status of the comparison, which says $OUT $ERR"
sql new "UPDATE \`$E\`.\`t$E\` SET \`v$E\` = 'c$E'; ALTER TABLE \`$E\`.\`t$E\` COMMENT 'x$E'; DROP VIEW \`$E\`.\`w$E\`"
harmless "different" verify-rows -v -d "$E" "$S_OLD_URL" "$S_NEW_URL"
assert_eq "$STATUS" 1 "exit status of the comparison, which says $OUT $ERR"

step "PostgreSQL: every tool"
sql pg "CREATE DATABASE shop"
sql pgnew "CREATE DATABASE shop"
sql pg "CREATE SCHEMA \"$E\"; CREATE ROLE \"u$E\";
    CREATE TABLE \"$E\".\"t$E\" (\"i$E\" int PRIMARY KEY, \"v$E\" text);
    COMMENT ON TABLE \"$E\".\"t$E\" IS '$E'; CREATE INDEX \"k$E\" ON \"$E\".\"t$E\" (\"v$E\");
    INSERT INTO \"$E\".\"t$E\" VALUES (1, '$E'), (2, 'b');
    CREATE VIEW \"$E\".\"w$E\" AS SELECT 1 AS \"c$E\"; ALTER VIEW \"$E\".\"w$E\" OWNER TO \"u$E\"" shop
old=$(url_as pg postgres shop) new=$(url_as pgnew postgres shop)
harmless "roles that are missing" load-stream --dry-run -i <(dump-stream "$old") "$new"
sql pgnew "CREATE ROLE \"u$E\""
all_tools "$old" "$new"
harmless "equal" verify-rows -v "$old" "$new"
assert_eq "$STATUS" 0 "exit status of the comparison, which says $OUT $ERR"
sql pgnew "UPDATE \"$E\".\"t$E\" SET \"v$E\" = 'c$E'; COMMENT ON TABLE \"$E\".\"t$E\" IS 'x$E'; DROP VIEW \"$E\".\"w$E\"" shop
harmless "different" verify-rows -v "$old" "$new"
assert_eq "$STATUS" 1 "exit status of the comparison, which says $OUT $ERR"
