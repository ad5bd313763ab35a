#!/usr/bin/env bash
# A SCHEMA object is one statement that makes what the object claims, in the database that it claims: else 65, before anything runs.
# SPDX-License-Identifier: MIT
set -euo pipefail
# shellcheck source=tests/support/servers.sh
. "$FLYTT_SRC/tests/support/servers.sh"
# shellcheck source=tests/support/assert.sh
. "$FLYTT_SRC/tests/support/assert.sh"
# shellcheck source=tests/e2e/load-stream/_forged.bash
. "$FLYTT_SRC/tests/e2e/load-stream/_forged.bash"

server_start mariadb new
sql new "CREATE DATABASE shop; CREATE TABLE shop.t (id INT PRIMARY KEY); INSERT INTO shop.t VALUES (1)"
users() { sql new "SELECT COUNT(*) FROM mysql.global_priv"; }
before=$(users)

# hostile OBJECT TEXT: OBJECT (JSON) among those of a good stream of database ev is refused by --check and by a load, with TEXT.
hostile() {
    forge >"$T/hostile" <<RECIPE
database ev
table ev t id:int32 key=0
hello {"scope": {"users": true}}
schema 2 ev ev CREATE DATABASE IF NOT EXISTS \`ev\`
schema 4 ev t CREATE TABLE \`ev\`.\`t\` (\`id\` int NOT NULL, PRIMARY KEY (\`id\`))
schema $1
rows 0 1 x00 i32:5
table_end 0
end
RECIPE
    run_expect 65 load-stream --check -i "$T/hostile"
    assert_contains "$ERR" "$2"
    run_expect 65 load-stream -i "$T/hostile" "$S_NEW_URL"
    assert_contains "$ERR" "$2"
    assert_sql new "SELECT COUNT(*) FROM information_schema.SCHEMATA WHERE SCHEMA_NAME IN ('ev', 'flytt')" 0
    assert_eq "$(users)" "$before" "accounts"
}
view='"kind": 8, "schema": "ev", "name": "v"'
routine() { # TYPE: an object without its statement
    printf '"kind": 7, "schema": "ev", "name": "p", "attributes": "{\\"type\\":\\"%s\\",\\"name\\":\\"p\\"}"' "$1"
}

step "another statement than the object's"
hostile "{$view, \"statement\": \"create user pwned@'%'\"}" "view ev.v: its statement does not create it"
hostile "{$view, \"statement\": \"GRANT ALL ON *.* TO app@'%'\"}" "view ev.v: its statement does not create it"
hostile "{$view, \"statement\": \"SET GLOBAL general_log = 1\"}" "view ev.v"
hostile "{$view, \"statement\": \"INSERT INTO mysql.global_priv VALUES ('%', 'x', '{}')\"}" "view ev.v"
hostile "{$view, \"statement\": \"CREATE OR REPLACE VIEW v AS SELECT 1\"}" "view ev.v"
hostile "{$view, \"statement\": \"\"}" "it ends too soon"
hostile '{"kind": 2, "schema": "ev", "name": "ev", "statement": "CREATE DATABASE ev; DROP DATABASE shop"}' "database ev"
hostile '{"kind": 13, "schema": "ev", "name": "archive", "statement": "PGDMP"}' "a stream of this product has no such object"

step "two statements, or one that hides in a comment"
hostile "{$view, \"statement\": \"CREATE VIEW v AS SELECT 1; CREATE USER pwned\"}" "its statement is more than one"
hostile "{$view, \"statement\": \"CREATE /*! USER pwned */ VIEW v AS SELECT 1\"}" "view ev.v"
hostile "{$view, \"statement\": \"/*M!100100 CREATE USER pwned */\"}" "view ev.v"
hostile "{$view, \"statement\": \"CREATE VIEW v AS SELECT 1 /*!99999 ; DROP TABLE shop.t */\"}" "view ev.v"

step "another name or database"
hostile "{$view, \"statement\": \"CREATE VIEW w AS SELECT 1\"}" "its statement is about 'w'"
hostile "{$view, \"statement\": \"CREATE VIEW shop.v AS SELECT 1\"}" "its statement is about database 'shop'"
hostile '{"kind": 8, "schema": "shop", "name": "v", "statement": "CREATE VIEW v AS SELECT 1"}' "belongs to 'shop', which HELLO does not name"
hostile '{"kind": 8, "schema": "mysql", "name": "v", "statement": "CREATE VIEW v AS SELECT 1"}' "belongs to 'mysql', which HELLO does not name"
hostile '{"kind": 4, "schema": "ev", "name": "u", "statement": "CREATE TABLE `ev`.`u` (id int)"}' "which HELLO does not name"
hostile '{"kind": 9, "schema": "ev", "name": "g", "parent": "t", "statement": "CREATE TRIGGER g AFTER INSERT ON shop.t FOR EACH ROW SET @a = 1"}' "database 'shop'"

step "code that would run at once, or come from the server's host"
hostile '{"kind": 10, "schema": "ev", "name": "e", "statement": "CREATE EVENT `e` ON SCHEDULE EVERY 1 SECOND ON COMPLETION PRESERVE ENABLE DO DELETE FROM shop.t"}' "does not make it disabled"
hostile '{"kind": 10, "schema": "ev", "name": "e", "statement": "CREATE EVENT `e` ON SCHEDULE AT (SELECT 1) ON COMPLETION PRESERVE DISABLE DO DELETE FROM shop.t"}' "event ev.e"
hostile "{$(routine FUNCTION), \"statement\": \"CREATE FUNCTION p RETURNS INTEGER SONAME 'x.so'\"}" "routine ev.p"
hostile "{$(routine 'DATABASE shop; --'), \"statement\": \"CREATE PROCEDURE p() SELECT 1\"}" "its attributes have the type"

step "tables that are filled from elsewhere, or lie elsewhere"
table() { # STATEMENT TEXT
    forge >"$T/hostile" <<RECIPE
database ev
table ev t id:int32 key=0
hello
schema {"kind": 4, "schema": "ev", "name": "t", "statement": "$1"}
end
RECIPE
    run_expect 65 load-stream -i "$T/hostile" "$S_NEW_URL"
    assert_contains "$ERR" "$2"
}
table 'CREATE TABLE `ev`.`t` (id int) SELECT 1 AS id' "fills the table from elsewhere"
table 'CREATE TABLE `ev`.`t` (id int) /*!99999 '"'"' */ SELECT 1 /*!99999 '"'"' */' "end of a comment inside of a quote"
table "CREATE TABLE \`ev\`.\`t\` (id int) DATA DIRECTORY='/tmp'" "names a directory of the server"
table 'CREATE OR REPLACE TABLE `ev`.`t` (id int)' "table ev.t"
table 'CREATE TABLE `ev`.`t` LIKE mysql.global_priv' "table ev.t"
table 'CREATE TABLE `shop`.`t` (id int)' "about database 'shop'"
hostile '{"kind": 5, "schema": "ev", "name": "k", "parent": "t", "statement": "ALTER TABLE `ev`.`t`\n  ADD KEY `k` (`id`), RENAME TO shop.z", "attributes": "{\"keys\":[\"k\"],\"adds\":[\"ADD KEY `k` (`id`), RENAME TO shop.z\"]}"}' "does more than to add it"
hostile '{"kind": 6, "schema": "ev", "name": "f", "parent": "t", "statement": "ALTER TABLE `shop`.`t` DROP COLUMN id"}' "foreign key ev.t.f"

step "settings that end their quotes"
hostile "{$view, \"statement\": \"CREATE VIEW v AS SELECT 1\", \"sql_mode\": \"', global general_log=1, session sql_mode='\"}" "its sql_mode is"
hostile "{$view, \"statement\": \"CREATE VIEW v AS SELECT 1\", \"charset\": \"utf8mb4', global general_log=1\"}" "its character set is"
hostile "{$view, \"statement\": \"CREATE VIEW v AS SELECT 1\", \"collation\": \"x'y\"}" "its collation is"
hostile "{$view, \"statement\": \"CREATE VIEW v AS SELECT 1\", \"time_zone\": \"+00:00', @x='\"}" "its time zone is"
hostile "{$(routine PROCEDURE), \"sql_mode\": \"NO_BACKSLASH_ESCAPES\", \"statement\": \"CREATE DEFINER='a\\\\\\\\' EVENT x'@'b' PROCEDURE p() SELECT 1\"}" "routine ev.p"

step "accounts that the scope does not have, and those of the server"
printf '%s\n' 'database ev' hello "schema {\"kind\": 1, \"name\": \"app@%\", \"statement\": \"CREATE USER IF NOT EXISTS app@'%'\"}" end | forge >"$T/hostile"
run_expect 65 load-stream -i "$T/hostile" "$S_NEW_URL"
assert_contains "$ERR" "account app@% is in the stream, and HELLO says that accounts are not"
hostile "{\"kind\": 1, \"name\": \"root@%\", \"statement\": \"CREATE USER IF NOT EXISTS \`root\`@\`%\`\"}" "it belongs to the server"
hostile "{\"kind\": 1, \"name\": \"app@%\", \"statement\": \"CREATE USER IF NOT EXISTS \`app\`@\`%\`, \`two\`@\`%\`\"}" "has the word ,"
hostile "{\"kind\": 11, \"name\": \"app@% #1\", \"definer\": \"app@%\", \"statement\": \"GRANT ALL ON *.* TO \`other\`@\`%\`\"}" "about another account"
hostile "{\"kind\": 11, \"name\": \"app@% #1\", \"definer\": \"app@%\", \"statement\": \"SET GLOBAL general_log = 1\"}" "grant app@% #1"

step "a table that HELLO names and nobody defines is refused, and one that is there is never added to"
into_shop() { # HELLO EXIT IF-EXISTS [LINE...]
    printf '%s\n' 'database shop' 'table shop t id:int32 key=0' "hello $1" "${@:4}" 'rows 0 1 x00 i32:777' 'table_end 0' end | forge >"$T/into"
    run_expect "$2" load-stream --if-exists "$3" -i "$T/into" "$S_NEW_URL"
    assert_contains "$ERR" "shop.t"
}
defined='schema {"kind": 4, "schema": "shop", "name": "t", "statement": "CREATE TABLE `shop`.`t` (`id` int NOT NULL, PRIMARY KEY (`id`))"}'
into_shop '' 65 fail
into_shop '' 65 append
into_shop '' 13 fail "$defined"
into_shop '{"scope": {"include_tables": ["shop.t"]}}' 13 fail "$defined"
into_shop '{"scope": {"data_only": true}}' 13 fail
printf '%s\n' 'database ev' 'table ev t id:int32 key=0' hello 'rows 0 1 x00 i32:777' 'table_end 0' end | forge >"$T/undefined"
run_expect 65 load-stream -i "$T/undefined" "$S_NEW_URL"
assert_contains "$ERR" "HELLO names the table 'ev.t', and the stream has no definition of it"
assert_sql new "SELECT GROUP_CONCAT(id) FROM shop.t" 1
assert_sql new "SELECT COUNT(*) FROM information_schema.SCHEMATA WHERE SCHEMA_NAME IN ('ev', 'flytt')" 0

step "an account with all privileges, by a row of a table"
forged priv <<'RECIPE'
table mysql global_priv Host:text User:text Priv:json
hello {"scope": {"databases": ["ev"]}, "databases": [{"name": "ev"}]}
rows 0 1 x00 s:"%" s:"evilroot" s:"{\"access\":18446744073709551615}"
table_end 0
end
RECIPE
refused_without_server priv "HELLO names the table 'mysql.global_priv', which is not in its scope"
run_expect 65 load-stream -i "$T/priv" "$S_NEW_URL"
assert_eq "$(users)" "$before" "accounts"

step "names that quote themselves stay names"
forged names <<'RECIPE'
database ev3
table ev3 "a`;drop database shop;--\n%s" "i`d":int32
hello
schema 2 ev3 ev3 CREATE DATABASE IF NOT EXISTS `ev3`
schema {"kind": 4, "schema": "ev3", "name": "a`;drop database shop;--\n%s", "statement": "CREATE TABLE `a``;drop database shop;--\n%s` (`i``d` int primary key)"}
rows 0 1 x00 i32:5
table_end 0
end
RECIPE
run_expect 0 load-stream -i "$T/names" "$S_NEW_URL"
assert_sql new "SELECT GROUP_CONCAT(id) FROM shop.t" 1
