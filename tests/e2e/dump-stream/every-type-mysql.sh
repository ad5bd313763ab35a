#!/usr/bin/env bash
# As every-type.sh, on MySQL: every kind of column, key and object arrives bit for bit through LOAD DATA, and through INSERT where
# the account may not allow local_infile. What MySQL alone has and we do not carry is refused by name.
# flytt-test: labels=matrix
# SPDX-License-Identifier: MIT
set -euo pipefail
# shellcheck source=tests/support/servers.sh
. "$FLYTT_SRC/tests/support/servers.sh"
# shellcheck source=tests/support/assert.sh
. "$FLYTT_SRC/tests/support/assert.sh"

server_start mysql97 old
server_start mysql97 new
sql_file old <"$FLYTT_SRC/tests/e2e/dump-stream/_types_mysql.sql" >/dev/null
accounts_for old types
accounts_for new types
export FLYTT_SOURCE_PASSWORD=$S_OLD_PASSWORD FLYTT_TARGET_PASSWORD=$S_NEW_PASSWORD
raw() { mariadb --no-defaults --socket="$(s_get "$1" SOCKET)" --user=root --batch --raw --skip-column-names --default-character-set=utf8mb4 --execute="$2" </dev/null; }

run_expect 0 dump-stream --jobs 2 --chunk-size 64K --recount -o "$T/stream" "$(url_as old flytt_dump types)"

# the_same WHAT: values and definitions of both servers.
the_same() {
    local table query server
    raw old "SELECT QUOTE(TABLE_NAME) FROM information_schema.TABLES WHERE TABLE_SCHEMA='types' AND TABLE_TYPE='BASE TABLE' ORDER BY 1" >"$T/tables"
    [ "$(wc -l <"$T/tables")" -ge 11 ] || fail "the test database has too few tables"
    while IFS= read -r table; do
        query=$(raw old "SET group_concat_max_len=100000; SELECT CONCAT('SELECT ', GROUP_CONCAT(
            CASE WHEN DATA_TYPE IN ('float','double') THEN CONCAT('HEX(CAST(CAST(\`', REPLACE(COLUMN_NAME,'\`','\`\`'), '\` AS DOUBLE) AS CHAR))')
                 WHEN DATA_TYPE IN ('bit','enum','set') THEN CONCAT('\`', REPLACE(COLUMN_NAME,'\`','\`\`'), '\`+0')
                 ELSE CONCAT('HEX(\`', REPLACE(COLUMN_NAME,'\`','\`\`'), '\`)') END ORDER BY ORDINAL_POSITION SEPARATOR ', '),
            ' FROM types.\`', MAX(REPLACE(TABLE_NAME,'\`','\`\`')), '\`')
            FROM information_schema.COLUMNS WHERE TABLE_SCHEMA='types' AND TABLE_NAME=$table")
        for server in old new; do sql "$server" "$query" </dev/null | sort >"$T/$server.rows"; done
        cmp "$T/old.rows" "$T/new.rows" || fail "$1: rows of $table differ: $(diff "$T/old.rows" "$T/new.rows" | head -n 5)"
        for server in old new; do sql "$server" "SHOW CREATE TABLE types.\`$(raw "$server" "SELECT REPLACE($table, '\`', '\`\`')")\`" </dev/null >"$T/$server.ddl"; done
        diff "$T/old.ddl" "$T/new.ddl" || fail "$1: definitions of $table differ"
    done <"$T/tables"
    for object in 'VIEW a_second' 'FUNCTION half' 'TRIGGER keyless_one'; do
        read -r kind name <<<"$object"
        for server in old new; do sql "$server" "SHOW CREATE $kind types.$name" | sed 's/20[0-9-]* [0-9:.]*//' >"$T/$server.ddl"; done
        diff "$T/old.ddl" "$T/new.ddl" || fail "$1: $object differs"
    done
    assert_sql new "SELECT STATUS FROM information_schema.EVENTS WHERE EVENT_SCHEMA='types'" "DISABLED"
}

step "through LOAD DATA; local_infile is put back"
before=$(sql new 'SELECT @@GLOBAL.local_infile')
run_expect 0 load-stream --jobs 2 -i "$T/stream" "$(url_as new flytt_load)"
assert_sql new 'SELECT @@GLOBAL.local_infile' "$before"
the_same "LOAD DATA"

step "through INSERT, for an account that may not change settings"
sql new "DROP DATABASE types; DROP DATABASE flytt; REVOKE SYSTEM_VARIABLES_ADMIN ON *.* FROM flytt_load@'%'; GRANT SESSION_VARIABLES_ADMIN ON *.* TO flytt_load@'%';
    SET GLOBAL log_bin_trust_function_creators = 1"
run_expect 0 load-stream --jobs 2 -i "$T/stream" "$(url_as new flytt_load)"
the_same "INSERT"

step "what cannot be carried bit for bit is refused by name"
sql old "CREATE TABLE types.v (id INT PRIMARY KEY, v VECTOR(3)); CREATE TABLE types.o (id INT PRIMARY KEY, j JSON);
    INSERT INTO types.o VALUES (1, JSON_OBJECT('d', CAST('2024-01-31' AS DATE)))"
run_expect 13 dump-stream -o "$T/refused" "$(url_as old flytt_dump types)"
assert_contains "$ERR" "types.v"
assert_contains "$ERR" "types.o"
