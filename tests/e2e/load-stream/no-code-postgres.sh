#!/usr/bin/env bash
# PostgreSQL: --no-code and --list --statements; and archives whose statements are not those of pg_dump.
# SPDX-License-Identifier: MIT
set -euo pipefail
# shellcheck source=tests/support/servers.sh
. "$FLYTT_SRC/tests/support/servers.sh"
# shellcheck source=tests/support/assert.sh
. "$FLYTT_SRC/tests/support/assert.sh"
# shellcheck source=tests/e2e/load-stream/_forged.bash
. "$FLYTT_SRC/tests/e2e/load-stream/_forged.bash"

server_start postgres old
server_start postgres new
sql old "CREATE DATABASE shop"
sql old "CREATE ROLE app LOGIN PASSWORD 'a secret'"
sql_file old shop <<'SQL'
CREATE SCHEMA "my shop";
SET search_path = "my shop";
CREATE TYPE mood AS ENUM ('sad; very', 'glad');
CREATE DOMAIN positive AS int CHECK (VALUE > 0);
CREATE TABLE parent (id int PRIMARY KEY, m mood DEFAULT 'glad', n positive, drop int);
CREATE TABLE child (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, p int REFERENCES parent, twice int GENERATED ALWAYS AS (p * 2) STORED);
CREATE INDEX by_m ON parent (m);
CREATE TABLE parts (id int, at date) PARTITION BY RANGE (at);
CREATE TABLE part1 PARTITION OF parts FOR VALUES FROM ('2000-01-01') TO ('2030-01-01');
INSERT INTO parent VALUES (1, 'glad', 5), (2, 'sad; very', 6);
INSERT INTO child (p) VALUES (1), (2);
INSERT INTO parts VALUES (1, '2020-01-01');
COMMENT ON TABLE parent IS 'it''s; a $$comment';
CREATE VIEW seen AS SELECT * FROM parent;
CREATE MATERIALIZED VIEW kept AS SELECT count(*) FROM child;
CREATE FUNCTION body(a int, begin int DEFAULT 1) RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT CASE WHEN a > 1 THEN 1 ELSE 2 END AS "end"; SELECT 3; END;
CREATE FUNCTION old_style() RETURNS trigger LANGUAGE plpgsql AS $x$ BEGIN NEW.p := abs(NEW.p); RETURN NEW; END; -- $$ ; '
$x$;
COMMENT ON FUNCTION old_style() IS 'code';
CREATE TRIGGER positive BEFORE INSERT ON child FOR EACH ROW EXECUTE FUNCTION old_style();
CREATE RULE quiet AS ON DELETE TO parent DO INSTEAD NOTHING;
GRANT SELECT ON parent TO app;
GRANT EXECUTE ON FUNCTION pg_catalog.pg_ls_logdir() TO app;
SELECT lo_from_bytea(4711, 'large');
COMMENT ON LARGE OBJECT 4711 IS 'it''s; large';
SQL
target=$(url_as new postgres shop)
source=$(url_as old postgres shop)
run_expect 0 dump-stream --users -o "$T/stream" "$source"

step "all statements can be read before they run, without what stands for a password"
run_expect 0 load-stream --list --statements -i "$T/stream"
for line in 'schemas: my shop, public' '-- account app' '    CREATE TYPE "my shop".mood AS ENUM' 'CREATE FUNCTION "my shop".body' 'CREATE TRIGGER positive' 'REFRESH MATERIALIZED VIEW "my shop"."kept"' 'COMMENT ON LARGE OBJECT 4711'; do
    assert_contains "$OUT" "$line" "statements"
done
assert_not_contains "$OUT" "SCRAM-SHA-256" "statements"
run_expect 0 load-stream --list --statements --no-code -i "$T/stream"
assert_contains "$OUT" 'CREATE TABLE "my shop".parent'
assert_not_contains "$OUT" "CREATE FUNCTION"
assert_not_contains "$OUT" "CREATE VIEW"

step "a genuine stream is good, and with --no-code its tables come with all that is theirs"
run_expect 0 load-stream --check -i "$T/stream"
run_expect 10 load-stream --no-code -i "$T/stream" "$target"
for part in '1 account' '2 functions' '1 materialized view' '1 rule' '1 trigger' '1 view' '1 refresh'; do assert_contains "$OUT" "$part" "what was left out"; done
assert_eq "$(sql new "SELECT count(*) FROM pg_proc WHERE pronamespace = '\"my shop\"'::regnamespace" shop)" 0 "functions"
assert_eq "$(sql new "SELECT count(*) FROM pg_class WHERE relkind IN ('v', 'm') AND relnamespace = '\"my shop\"'::regnamespace" shop)" 0 "views"
assert_eq "$(sql new "SELECT string_agg(twice::text, ',' ORDER BY id) FROM \"my shop\".child" shop)" "2,4" "rows"
assert_eq "$(sql new "SELECT count(*) FROM pg_constraint WHERE connamespace = '\"my shop\"'::regnamespace AND contype IN ('p', 'f')" shop)" 3 "keys"
run_expect 10 load-stream -i "$T/stream" "$target"
assert_contains "$OUT" "is in already, without its code"

step "and with its code it is whole"
sql new "DROP DATABASE shop"
run_expect 0 load-stream -i "$T/stream" "$target"
assert_eq "$(sql new "SELECT \"my shop\".body(2)" shop)" 3 "the function's answer"
sql new "DROP DATABASE shop"
