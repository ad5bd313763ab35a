#!/usr/bin/env bash
# Every kind of column, key, name and object arrives bit for bit: compared in the servers, never by our own decoder.
# SPDX-License-Identifier: MIT
set -euo pipefail
# shellcheck source=tests/support/servers.sh
. "$FLYTT_SRC/tests/support/servers.sh"
# shellcheck source=tests/support/assert.sh
. "$FLYTT_SRC/tests/support/assert.sh"

server_start mariadb old
server_start mariadb new
sql_file old <"$FLYTT_SRC/tests/e2e/dump-stream/_types.sql" >/dev/null
accounts_for old types
accounts_for new types
export FLYTT_SOURCE_PASSWORD=$S_OLD_PASSWORD FLYTT_TARGET_PASSWORD=$S_NEW_PASSWORD

step "copy, with every worker on every table"
run_expect 0 dump-stream --jobs 3 --chunk-size 64K --recount -o "$T/stream" "$(url_as old flytt_dump types)"
run_expect 0 load-stream --jobs 3 -i "$T/stream" "$(url_as new flytt_load)"

step "values, as the servers themselves show them"
# raw SERVER STATEMENT: as sql, but without the client's own escapes in what it prints.
raw() { mariadb --no-defaults --socket="$(s_get "$1" SOCKET)" --user=root --batch --raw --skip-column-names --default-character-set=utf8mb4 --execute="$2" </dev/null; }
# hex_query TABLE: SELECT of every column as hexadecimal; floating point through DOUBLE, which keeps every bit.
hex_query() {
    raw old "SELECT CONCAT('SELECT ', GROUP_CONCAT(
        CASE WHEN DATA_TYPE IN ('float','double') THEN CONCAT('HEX(CAST(CAST(\`', REPLACE(COLUMN_NAME,'\`','\`\`'), '\` AS DOUBLE) AS CHAR))')
             WHEN DATA_TYPE = 'bit' THEN CONCAT('HEX(\`', REPLACE(COLUMN_NAME,'\`','\`\`'), '\`+0)')
             WHEN DATA_TYPE = 'enum' OR DATA_TYPE = 'set' THEN CONCAT('\`', REPLACE(COLUMN_NAME,'\`','\`\`'), '\`+0')
             ELSE CONCAT('HEX(\`', REPLACE(COLUMN_NAME,'\`','\`\`'), '\`)') END ORDER BY ORDINAL_POSITION SEPARATOR ', '),
        ' FROM types.\`', REPLACE(TABLE_NAME,'\`','\`\`'), '\`')
        FROM information_schema.COLUMNS WHERE TABLE_SCHEMA='types' AND TABLE_NAME=$1 GROUP BY TABLE_NAME"
}
raw old "SELECT QUOTE(TABLE_NAME) FROM information_schema.TABLES WHERE TABLE_SCHEMA='types' AND TABLE_TYPE='BASE TABLE'" >"$T/tables"
[ "$(wc -l <"$T/tables")" -ge 13 ] || fail "the test database has too few tables"
while IFS= read -r table; do
    query=$(hex_query "$table")
    [ -n "$query" ] || fail "no query for $table"
    sql old "$query" </dev/null | sort >"$T/old.rows"
    sql new "$query" </dev/null | sort >"$T/new.rows"
    cmp "$T/old.rows" "$T/new.rows" || fail "rows of $table differ: $(diff "$T/old.rows" "$T/new.rows" | head -n 5)"
done <"$T/tables"
assert_sql new "SELECT CAST(f AS DOUBLE) FROM types.numbers WHERE id = 0" "$(sql old 'SELECT CAST(f AS DOUBLE) FROM types.numbers WHERE id = 0')"
assert_sql new "SELECT HEX(k) FROM types.texts ORDER BY k LIMIT 1" "$(sql old 'SELECT HEX(k) FROM types.texts ORDER BY k LIMIT 1')"
assert_sql new "SELECT COUNT(*) FROM types.parts PARTITION (old)" "$(sql old 'SELECT COUNT(*) FROM types.parts PARTITION (old)')"

step "definitions, word for word"
for server in old new; do
    {
        while IFS= read -r table; do
            name=$(raw "$server" "SELECT REPLACE($table, '\`', '\`\`')")
            sql "$server" "SHOW CREATE TABLE types.\`$name\`" </dev/null
        done <"$T/tables"
        for view in b_first a_second; do sql "$server" "SHOW CREATE VIEW types.$view"; done
        for routine in 'FUNCTION half' 'FUNCTION glue' 'PROCEDURE fill'; do
            read -r kind name <<<"$routine"
            sql "$server" "SHOW CREATE $kind types.$name"
        done
        for trigger in keyless_one keyless_two; do
            sql "$server" "SELECT TRIGGER_NAME, ACTION_ORDER, ACTION_STATEMENT, SQL_MODE, DEFINER, COLLATION_CONNECTION
                FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA='types' AND TRIGGER_NAME='$trigger'"
        done
        sql "$server" "SELECT DEFAULT_CHARACTER_SET_NAME, DEFAULT_COLLATION_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME='types'"
        sql "$server" "SELECT EVENT_NAME, EVENT_DEFINITION, INTERVAL_VALUE, INTERVAL_FIELD, DEFINER FROM information_schema.EVENTS WHERE EVENT_SCHEMA='types' ORDER BY 1"
    } >"$T/$server.ddl"
done
diff "$T/old.ddl" "$T/new.ddl" >"$T/ddl.diff" || fail "definitions differ: $(cat "$T/ddl.diff")"

step "events sleep, sequences and AUTO_INCREMENT go on where they were"
assert_sql new "SELECT DISTINCT STATUS FROM information_schema.EVENTS WHERE EVENT_SCHEMA='types'" "DISABLED"
assert_sql new "SELECT next_not_cached_value FROM types.counter" "$(sql old 'SELECT next_not_cached_value FROM types.counter')"
assert_sql new "SELECT AUTO_INCREMENT FROM information_schema.TABLES WHERE TABLE_SCHEMA='types' AND TABLE_NAME='extras'" "100"
assert_sql new "SELECT types.glue('a', 'b')" "ab"
sql new "SET FOREIGN_KEY_CHECKS=1; DELETE FROM types.parent WHERE id=1"
assert_sql new "SELECT COUNT(*) FROM types.child" "2"

step "the stream can be shown and checked without a server"
run_expect 0 load-stream --check -i "$T/stream"
run_expect 0 load-stream --list -i "$T/stream"
assert_contains "$OUT" 'select "x";'
run_expect 0 load-stream --print 'types.keyless' -i "$T/stream"
assert_contains "$OUT" "NULL"
zstd -t -q "$T/stream" || fail "zstd does not take the stream for one of its files"
