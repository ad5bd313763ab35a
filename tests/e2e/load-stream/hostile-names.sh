#!/usr/bin/env bash
# A server that folds names: a stream whose names would be others there is refused, and rows never go to a table that it did not name.
# SPDX-License-Identifier: MIT
set -euo pipefail
# shellcheck source=tests/support/servers.sh
. "$FLYTT_SRC/tests/support/servers.sh"
# shellcheck source=tests/support/assert.sh
. "$FLYTT_SRC/tests/support/assert.sh"
# shellcheck source=tests/e2e/load-stream/_forged.bash
. "$FLYTT_SRC/tests/e2e/load-stream/_forged.bash"

server_start mariadb new lower_case_table_names=1
sql new "CREATE DATABASE shop; CREATE TABLE shop.orders (id INT PRIMARY KEY); INSERT INTO shop.orders VALUES (1)"

# named DATABASE TABLE [HELLO]: one row for it, from a source that does not say how it folds.
named() {
    printf '%s\n' "database \"$1\"" "table \"$1\" \"$2\" id:int32 key=0" "hello ${3:-}" \
        "schema {\"kind\": 2, \"schema\": \"$1\", \"name\": \"$1\", \"statement\": \"CREATE DATABASE IF NOT EXISTS \`$1\`\"}" \
        "schema {\"kind\": 4, \"schema\": \"$1\", \"name\": \"$2\", \"statement\": \"CREATE TABLE \`$1\`.\`$2\` (\`id\` int NOT NULL, PRIMARY KEY (\`id\`))\"}" \
        'rows 0 1 x00 i32:777' 'table_end 0' end | forge >"$T/named"
}
refused() { # TEXT
    run_expect 13 load-stream --if-exists append -i "$T/named" "$S_NEW_URL"
    assert_contains "$ERR" "$1"
    assert_sql new "SELECT GROUP_CONCAT(id) FROM shop.orders" 1
    assert_sql new "SELECT COUNT(*) FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = 'flytt'" 0
}

step "names that would be others here"
named Shop orders
refused "Shop.orders: would have another name here"
named shop Orders '{"scope": {"include_tables": ["shop.Orders"]}}'
refused "shop.Orders: would have another name here"
named 'İnformation_schema' t # folds to the server's own
refused "would have another name here"

step "a stream of another engine that bears this product's name"
named other t '{"source": {"engine": "unheard-of"}}'
refused "the copy was taken from MariaDB and this is MariaDB"

step "the same names as here are loaded"
named other orders
run_expect 0 load-stream -i "$T/named" "$S_NEW_URL"
assert_sql new "SELECT GROUP_CONCAT(id) FROM other.orders" 777
