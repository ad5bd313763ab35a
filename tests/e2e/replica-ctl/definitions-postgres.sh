#!/usr/bin/env bash
# What verify-rows compares, status and the switchover compare: each definition that was changed on the source while the target followed is
# named, and the switchover refused, until it was changed on the target too.
# flytt-test: timeout=900
# SPDX-License-Identifier: MIT
set -euo pipefail
# shellcheck source=tests/support/servers.sh
. "$FLYTT_SRC/tests/support/servers.sh"
# shellcheck source=tests/support/assert.sh
. "$FLYTT_SRC/tests/support/assert.sh"
server_pair postgres shop
export FLYTT_SOURCE_PASSWORD=$S_OLD_PASSWORD FLYTT_TARGET_PASSWORD=$S_NEW_PASSWORD FLYTT_REPL_PASSWORD=$S_OLD_PASSWORD FLYTT_BUDGET=120s
from=$(url_as old flytt_ctl shop) to=$(url_as new flytt_ctl shop)
for name in old new; do sql "$name" "CREATE ROLE tenant LOGIN"; done
sql_file old shop <<'SQL'
CREATE TABLE acct (id int PRIMARY KEY, owner text, bal int CONSTRAINT bal CHECK (bal > -100), d date DEFAULT '2020-01-01'); INSERT INTO acct VALUES (1, 'a', 1), (2, 'b', 2);
CREATE TABLE log (id int PRIMARY KEY, v text); CREATE INDEX li ON log (v);
CREATE TABLE other (id int PRIMARY KEY); CREATE TABLE child (id int PRIMARY KEY, o int CONSTRAINT fk REFERENCES other);
CREATE VIEW v AS SELECT id, bal FROM acct; GRANT SELECT ON acct, v TO tenant;
CREATE FUNCTION fee(int) RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT $1 * 2; END; CREATE FUNCTION sec() RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION tf() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.bal := NEW.bal; RETURN NEW; END'; CREATE TRIGGER trg BEFORE UPDATE ON acct FOR EACH ROW EXECUTE FUNCTION tf();
CREATE POLICY pol ON acct FOR SELECT USING (owner = current_user); CREATE DOMAIN pos AS int CONSTRAINT c CHECK (VALUE > 0); CREATE TYPE comp AS (a int);
SQL
dump-stream --slot move "$(url_as old postgres shop)" 2>/dev/null | load-stream --if-exists drop --yes "$(url_as new postgres shop)"
run_expect 0 replica-ctl start --source-address "$S_OLD_ADDR:$S_OLD_PORT" "$from" "$to"
run_expect 0 lag-wait --zero --timeout 300s "$from" "$to"
run_expect 0 replica-ctl status "$from" "$to"

# noticed OBJECT CHANGE UNDO: on the source; status names it, and is content when it was undone.
noticed() {
    sql old "$2" shop
    run_expect 1 replica-ctl status "$from" "$to"
    assert_matches "$OUT" "definition-(differs|missing|extra): $1 " "what status says after: $2"
    sql old "$3" shop
}
step "each kind is noticed"
noticed "table public.acct" "ALTER TABLE acct ENABLE ROW LEVEL SECURITY" "ALTER TABLE acct DISABLE ROW LEVEL SECURITY"
noticed "table public.acct" "ALTER TABLE acct ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY" "ALTER TABLE acct DISABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY"
noticed ".*pol" "ALTER POLICY pol ON acct USING (owner = current_user AND bal > 0)" "ALTER POLICY pol ON acct USING (owner = current_user)"
noticed ".*pol" "DROP POLICY pol ON acct" "CREATE POLICY pol ON acct FOR SELECT USING (owner = current_user)"
noticed "table public.acct" "REVOKE SELECT ON acct FROM tenant" "GRANT SELECT ON acct TO tenant"
noticed "table public.log" "ALTER TABLE log OWNER TO tenant" "ALTER TABLE log OWNER TO postgres"
noticed "view public.v" "CREATE OR REPLACE VIEW v AS SELECT id, bal FROM acct WHERE owner = current_user" "CREATE OR REPLACE VIEW v AS SELECT id, bal FROM acct"
noticed "trigger public.trg" "ALTER TABLE acct DISABLE TRIGGER trg" "ALTER TABLE acct ENABLE TRIGGER trg"
noticed "routine public.fee.*" "CREATE OR REPLACE FUNCTION fee(int) RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT \$1 * 3; END" "CREATE OR REPLACE FUNCTION fee(int) RETURNS int LANGUAGE sql BEGIN ATOMIC SELECT \$1 * 2; END"
noticed "routine public.sec.*" "ALTER FUNCTION sec() SECURITY DEFINER" "ALTER FUNCTION sec() SECURITY INVOKER"
noticed "index public.*li" "DROP INDEX li; CREATE INDEX li ON log (lower(v))" "DROP INDEX li; CREATE INDEX li ON log (v)"
noticed ".*bal" "ALTER TABLE acct DROP CONSTRAINT bal, ADD CONSTRAINT bal CHECK (bal > 0)" "ALTER TABLE acct DROP CONSTRAINT bal, ADD CONSTRAINT bal CHECK (bal > -100)"
noticed ".*fk" "ALTER TABLE child DROP CONSTRAINT fk, ADD CONSTRAINT fk FOREIGN KEY (o) REFERENCES other ON DELETE CASCADE" "ALTER TABLE child DROP CONSTRAINT fk, ADD CONSTRAINT fk FOREIGN KEY (o) REFERENCES other"
noticed "type public.pos" "ALTER DOMAIN pos DROP CONSTRAINT c; ALTER DOMAIN pos ADD CONSTRAINT c CHECK (VALUE > 10)" "ALTER DOMAIN pos DROP CONSTRAINT c; ALTER DOMAIN pos ADD CONSTRAINT c CHECK (VALUE > 0)"
noticed "type public.comp" "ALTER TYPE comp ADD ATTRIBUTE b text" "ALTER TYPE comp DROP ATTRIBUTE b"
noticed ".*r" "CREATE RULE r AS ON DELETE TO log DO INSTEAD NOTHING" "DROP RULE r ON log"
run_expect 0 replica-ctl status "$from" "$to"

step "the switchover refuses, also what changes after its preflight"
sql old "ALTER TABLE acct ENABLE ROW LEVEL SECURITY; REVOKE SELECT ON v FROM tenant" shop
run_expect 13 replica-ctl switchover --dry-run "$from" "$to"
run_expect 13 replica-ctl switchover "$from" "$to"
assert_contains "$OUT" "table public.acct differs"
assert_contains "$OUT" "view public.v differs"
sql new "SET default_transaction_read_only = off; ALTER TABLE acct ENABLE ROW LEVEL SECURITY; REVOKE SELECT ON v FROM tenant" shop
run_expect 13 replica-ctl switchover --hook-pre-fence "psql -X -q -h '$S_OLD_SOCKET' -p $S_OLD_PORT -U postgres -d shop -c 'ALTER POLICY pol ON acct USING (false)'" "$from" "$to"
assert_contains "$ERR" "definitions of the source were changed"
run_expect 0 replica-ctl rollback "$from" "$to"
sql new "SET default_transaction_read_only = off; ALTER POLICY pol ON acct USING (false)" shop
run_expect 0 replica-ctl switchover "$from" "$to"
assert_matches "$OUT" "writes were blocked for [0-9]+ ms"
say "$OUT"
