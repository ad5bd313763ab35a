#!/usr/bin/env bash
# Streams whose hashes are right and whose claims are not: found without a server, by --list, --check and --print alike.
# SPDX-License-Identifier: MIT
set -euo pipefail
# shellcheck source=tests/support/assert.sh
. "$FLYTT_SRC/tests/support/assert.sh"
# shellcheck source=tests/e2e/load-stream/_forged.bash
. "$FLYTT_SRC/tests/e2e/load-stream/_forged.bash"
use_test_dir

step "a good one is good"
forged good <<'RECIPE'
database ev
table ev t id:int32 key=0
hello
schema 2 ev ev CREATE DATABASE IF NOT EXISTS `ev` DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin
schema 4 ev t CREATE TABLE `ev`.`t` (`id` int NOT NULL, PRIMARY KEY (`id`)) ENGINE=InnoDB
rows 0 1 x00 i32:5
table_end 0
end
RECIPE
for how in --list --check --print; do run_expect 0 load-stream "$how" -i "$T/good"; done

step "databases and tables that are not the stream's to bring"
for schema in mysql MySQL sys information_schema performance_schema flytt FLYTT '#mysql50#mysql' '#MySQL50#x'; do
    [[ $schema != \#* ]] || schema="\"$schema\""
    plain=${schema//\"/}
    printf '%s\n' "table $schema t id:int32" hello 'rows 0 1 x00 i32:5' end | forge >"$T/outside"
    refused_without_server outside "HELLO names the table '$plain.t', which is not in its scope"
    printf '%s\n' "database $schema" "table $schema t id:int32" hello 'rows 0 1 x00 i32:5' end | forge >"$T/inside"
    refused_without_server inside "HELLO names the database '$plain', which belongs to the server"
done
forged file_name <<'RECIPE'
database ev
table ev "#mysql50#t" id:int32
hello
end
RECIPE
refused_without_server file_name "which is the name of a file"
forged excluded <<'RECIPE'
database ev
table ev secret id:int32
hello {"scope": {"exclude_tables": ["ev.s*"]}}
end
RECIPE
refused_without_server excluded "HELLO names the table 'ev.secret', which is not in its scope"
printf '%s\n' 'database ev' 'hello {"scope": {"databases": ["other"]}}' end | forge >"$T/other"
refused_without_server other "HELLO names the database 'ev', which is not in its scope"
printf '%s\n' 'database ev' 'hello {"databases": []}' end | forge >"$T/more"
refused_without_server more "has the database 'ev' in its scope and does not name it"

step "twice the same"
printf '%s\n' 'database ev' 'database ev' hello end | forge >"$T/twice"
refused_without_server twice "HELLO names the database 'ev' twice"
printf '%s\n' 'database ev' 'table ev t a:int32' 'table ev t a:int32' hello end | forge >"$T/twice"
refused_without_server twice "HELLO names the table 'ev.t' twice"
printf '%s\n' 'database ev' 'table ev t a:int32 a:text' hello end | forge >"$T/twice"
refused_without_server twice "HELLO names the column 'a' of 'ev.t' twice"
printf '%s\n' 'database ev' 'table ev t a:int32' 'table ev T a:int32' 'hello {"source": {"settings": {"lower_case_table_names": "1"}}}' end | forge >"$T/twice"
refused_without_server twice "HELLO names the table 'ev.T' twice"
forged twice <<'RECIPE'
database ev
hello
schema 8 ev v CREATE VIEW `v` AS select 1
schema 8 ev v CREATE VIEW `v` AS select 2
end
RECIPE
run_expect 65 load-stream --check -i "$T/twice"
assert_contains "$ERR" "view ev.v comes twice"

step "a need that is not known"
printf '%s\n' 'database ev' 'table ev t id:int32' 'hello {"needs": ["warp-drive"]}' 'rows 0 1 x00 i32:5' 'table_end 0' end | forge >"$T/needs"
refused_without_server needs "the stream needs 'warp-drive', which this version does not know"

step "rows whose encoding is not known: whole, and no more than that is said"
printf '%s\n' 'database ev' 'table ev t id:int32 encoding=flytt-row/999' hello 'rows 0 3 "garbage"' 'table_end 0' end | forge >"$T/encoding"
run_expect 10 load-stream --check -i "$T/encoding"
assert_contains "$OUT" "unknown encoding, rows not looked at: ev.t (flytt-row/999)"
assert_contains "$OUT" "whole, but not all of it is known here"
run_expect 69 load-stream --print -i "$T/encoding"

step "an engine that is not known: what its statements do cannot be told"
printf '%s\n' 'database ev' 'hello {"source": {"engine": "mariadb"}}' "schema 8 ev v CREATE USER pwned" end | forge >"$T/engine"
run_expect 10 load-stream --check -i "$T/engine"
assert_contains "$OUT" "unknown engine, names and statements not looked at: 'mariadb'"
run_expect 0 load-stream --list -i "$T/engine"
assert_contains "$OUT" "unknown engine, names and statements not looked at: 'mariadb'"

step "rows of other encodings are counted, too"
copied() { # ENCODING COUNT BYTES...
    printf '%s\n' 'product postgres' 'database d' "table public t a:int32 b:text encoding=$1" hello "rows 0 ${*:2}" 'table_end 0' end | forge >"$T/copied"
}
copied pg-copy-text/1 2 '"a\tb\n"' '"c\td\n"'
run_expect 0 load-stream --check -i "$T/copied"
copied pg-copy-text/1 1 '"a\tb\n"' '"c\td\n"'
run_expect 65 load-stream --check -i "$T/copied"
copied pg-copy-text/1 1 '"a\tb"'
run_expect 65 load-stream --check -i "$T/copied"
copied pg-copy-text/1 1 '"\\.\n"'
run_expect 65 load-stream --check -i "$T/copied"
copied pg-copy-binary/1 1 x0002 x00000001 x41 xffffffff
run_expect 0 load-stream --check -i "$T/copied"
copied pg-copy-binary/1 1 x0003 x00000001 x41 xffffffff xffffffff
run_expect 65 load-stream --check -i "$T/copied"
copied pg-copy-binary/1 1 x0002 x7fffffff x41
run_expect 65 load-stream --check -i "$T/copied"

step "END says other things than were read"
for lie in '{"rows": -1}' '{"rows": 1.0}' '{"table_rows": [1, 2]}' '{"table_rows": [0]}' '{"digest": "zz"}' '{"chunks": 2}' '{"uuid": "x"}' '{"schema_objects": 1}' '{"bytes": null}'; do
    printf '%s\n' 'database ev' 'table ev t id:int32' hello 'rows 0 1 x00 i32:5' 'table_end 0' "end $lie" | forge >"$T/lie"
    run_expect 65 load-stream --check -i "$T/lie"
done
printf '%s\n' 'database ev' 'table ev t id:int32' hello 'rows 0 2 x00 i32:5' 'table_end 0' end | forge >"$T/lie"
run_expect 65 load-stream --check -i "$T/lie"
assert_contains "$ERR" "a block says 2 rows and holds 1"
printf '%s\n' 'database ev' 'table ev t id:int32' hello 'rows 0 1 x00 i32:5' 'table_end 0 2 1' end | forge >"$T/lie"
run_expect 65 load-stream --check -i "$T/lie"
printf '%s\n' hello end 'bytes x00' | forge >"$T/lie"
run_expect 65 load-stream --check -i "$T/lie"
assert_contains "$ERR" "something follows END"

step "what PostgreSQL keeps for itself"
of_postgres() { # SCHEMA TABLE MESSAGE [HELLO]
    printf '%s\n' 'product postgres' 'database d' "table $1 $2 a:text encoding=pg-copy-text/1" "hello ${4:-}" 'rows 0 1 "x\n"' 'table_end 0' end | forge >"$T/pg"
    refused_without_server pg "$3"
}
of_postgres pg_catalog pg_description "which belongs to the server"
of_postgres information_schema sql_features "which belongs to the server"
of_postgres pg_toast pg_toast_1255 "which belongs to the server"
of_postgres pg_temp_3 t "which belongs to the server"
of_postgres flytt ledger "which belongs to the server"
of_postgres other secret "and not its schema" '{"schemas": ["public"]}'
of_postgres public t "HELLO names the schema 'pg_catalog', which belongs to the server" '{"schemas": ["public", "pg_catalog"]}'
printf '%s\n' 'product postgres' 'table public t a:text encoding=pg-copy-text/1' hello end | forge >"$T/pg"
refused_without_server pg "HELLO names 0 databases"
printf '%s\n' 'product postgres' 'database d' 'table public t a:text encoding=pg-large-objects/1' hello end | forge >"$T/pg"
refused_without_server pg "HELLO has large objects as the table 'public.t'"
