#!/usr/bin/env bash
# Keys of every type, in collations that fold, expand and pad, cut into many chunks by several workers, arrive bit for bit:
# compared in the servers, never by our own decoder.   Usage: odd-keys.sh [PRODUCT]
# SPDX-License-Identifier: MIT
set -euo pipefail
# shellcheck source=tests/support/servers.sh
. "$FLYTT_SRC/tests/support/servers.sh"
# shellcheck source=tests/support/assert.sh
. "$FLYTT_SRC/tests/support/assert.sh"
product=${1:-mariadb}
[ "$product" = mysql97 ] && other=mariadb || other=mysql

server_start "$product" old
server_start "$product" new
sed -E "/^-- $other: /d; s/^-- (mariadb|mysql): //" "$FLYTT_SRC/tests/e2e/dump-stream/_odd_keys.sql" | sql_file old >/dev/null
# raw SERVER STATEMENT: as sql, but without the client's own escapes in what it prints.
raw() { mariadb --no-defaults --socket="$(s_get "$1" SOCKET)" --user=root --batch --raw --skip-column-names --default-character-set=utf8mb4 --execute="$2" </dev/null; }
raw old "SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = 'odd' ORDER BY 1" >"$T/tables"
[ "$(wc -l <"$T/tables")" -ge 38 ] || fail "the test database has too few tables"
sql old "ANALYZE TABLE $(sed 's/.*/odd.&/' "$T/tables" | paste -sd,)" >/dev/null

run_expect 0 dump-stream --jobs 3 --chunk-size 64K --recount -o "$T/stream" -d odd "$S_OLD_URL"
assert_not_contains "$ERR" "temporal format"
run_expect 0 load-stream --jobs 3 -i "$T/stream" "$S_NEW_URL"

while IFS= read -r table; do
    query=$(raw old "SET group_concat_max_len = 100000; SELECT CONCAT('SELECT ', GROUP_CONCAT(
        CASE WHEN DATA_TYPE IN ('float','double') THEN CONCAT('HEX(CAST(CAST(', COLUMN_NAME, ' AS DOUBLE) AS CHAR))')
             WHEN DATA_TYPE IN ('bit','enum','set') THEN CONCAT(COLUMN_NAME, ' + 0')
             ELSE CONCAT('HEX(', COLUMN_NAME, ')') END ORDER BY ORDINAL_POSITION SEPARATOR ', '), ' FROM odd.', MAX(TABLE_NAME))
        FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = 'odd' AND TABLE_NAME = '$table'")
    for server in old new; do raw "$server" "$query" | sort >"$T/$server.rows"; done
    cmp "$T/old.rows" "$T/new.rows" || fail "rows of $table differ: $(diff "$T/old.rows" "$T/new.rows" | head -n 5)"
    assert_eq "$(raw new "SHOW CREATE TABLE odd.$table")" "$(raw old "SHOW CREATE TABLE odd.$table")" "definition of $table"
done <"$T/tables"

step "verify-rows says so, too"
run_expect 0 verify-rows --jobs 2 -d odd "$S_OLD_URL" "$S_NEW_URL"
assert_contains "$OUT" "equal"
