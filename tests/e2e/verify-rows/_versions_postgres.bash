# The body of the tests postgres17 and postgres18: the same statements make equal databases on this Debian's release and on $1.
# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# shellcheck source=tests/support/servers.sh
. "$FLYTT_SRC/tests/support/servers.sh"
# shellcheck source=tests/support/assert.sh
. "$FLYTT_SRC/tests/support/assert.sh"

server_start postgres old
server_start "$1" new
for server in old new; do
    accounts_for "$server" shop
    sql_file "$server" shop <"$FLYTT_SRC/tests/e2e/verify-rows/_keys_postgres.sql" >/dev/null
    sql_file "$server" shop <"$FLYTT_SRC/tests/e2e/verify-rows/_objects_postgres.sql" >/dev/null
done
export FLYTT_SOURCE_PASSWORD=$S_OLD_PASSWORD FLYTT_TARGET_PASSWORD=$S_NEW_PASSWORD
verify() { verify-rows "$@" "$(url_as old flytt_verify shop)" "$(url_as new flytt_verify shop)"; }

step "values and definitions are equal across releases"
run_expect 0 verify --jobs 2 --chunk-size 64K
assert_matches "$OUT" 'equal +keys\.every +rows 2008/2008'

if [ "$1" = postgres18 ]; then
    step "what is computed when it is read is compared as what is stored"
    for db in here there; do
        sql new "CREATE DATABASE $db"
        sql new "CREATE TABLE t (id int PRIMARY KEY, a int, v int GENERATED ALWAYS AS (a * 2) VIRTUAL); INSERT INTO t SELECT s, s FROM generate_series(1, 500) s" "$db"
    done
    run_expect 0 verify-rows "$(url_as new postgres here)" "$(url_as new postgres there)"
    sql new "ALTER TABLE t ALTER v SET EXPRESSION AS (a * 2 + (a = 7)::int)" there
    run_expect 1 verify-rows --no-schema "$(url_as new postgres here)" "$(url_as new postgres there)"
    assert_contains "$OUT" "different  id=7  generated column v: 14 | 15"
    sql new "ALTER TABLE t ALTER v SET EXPRESSION AS (1 / (a - 9))" there
    run_expect 65 verify-rows --no-schema "$(url_as new postgres here)" "$(url_as new postgres there)"
    assert_contains "$ERR" "division by zero"
    assert_contains "$ERR" "--exclude-column leaves it out"
    run_expect 0 verify-rows --no-schema --exclude-column public.t.v "$(url_as new postgres here)" "$(url_as new postgres there)"
fi

# differs PATTERN STATEMENT: the change of a definition is told.
differs() {
    sql new "SET search_path = keys; $2" shop
    run_expect 1 verify --count-only
    assert_matches "$OUT" "schema +$1"
}

step "definitions that differ are told by name"
differs 'table keys\.by_down: .*owner.*bob' 'ALTER TABLE by_down OWNER TO bob'
differs 'index keys\.by_uuid\.' 'CREATE INDEX ON by_uuid (v) WHERE v > 3'
differs 'table keys\.by_bytes: .*column v' 'ALTER TABLE by_bytes ALTER v SET DEFAULT 5'
differs 'table keys\.by_pair: .*OPTIONS n_distinct=5' 'ALTER TABLE by_pair ALTER v SET (n_distinct = 5)'
differs 'view keys\.v1: ' 'CREATE OR REPLACE VIEW v1 AS SELECT id, tx, f8 FROM every WHERE id > 6'
differs 'trigger keys\.t1' 'DROP TRIGGER t1 ON by_text_and_number'
differs 'policy keys\.by_nocase\.pol: ' 'ALTER POLICY pol ON by_nocase USING (v > 6)'
differs 'sequence keys\.sq: .*increment' 'ALTER SEQUENCE sq INCREMENT 6'
differs 'routine keys\.half\(n integer\): ' "CREATE OR REPLACE FUNCTION half(n int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT n / 3'"
differs 'type keys\.mood: .*angry' "ALTER TYPE mood ADD VALUE 'angry'"
differs 'type keys\.code: ' 'ALTER DOMAIN code SET DEFAULT 5'
differs 'publication pb' 'DROP PUBLICATION pb'
differs 'event trigger et' 'DROP EVENT TRIGGER et'
differs 'routine keys\.mysum\(integer\)' 'DROP AGGREGATE mysum(int)'
differs 'schema keys: .*bob' 'GRANT CREATE ON SCHEMA keys TO bob'
differs 'statistics keys\.by_text_and_number\.st' 'DROP STATISTICS st'
differs 'foreign key keys\.by_domain\.fk' 'ALTER TABLE by_domain DROP CONSTRAINT fk'
