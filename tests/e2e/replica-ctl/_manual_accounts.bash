# A move with the accounts that the manual's own statements make, in the manual's order: preflight says what start says, and making the
# accounts leaves no history behind that stands in the way. Sourced by manual-accounts*.sh with the product in $product, its title,
# and write_ahead: writes on the target into the history of the source.
# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# shellcheck source=tests/support/servers.sh
. "$FLYTT_SRC/tests/support/servers.sh"
# shellcheck source=tests/support/assert.sh
. "$FLYTT_SRC/tests/support/assert.sh"
server_start "${product:?}" old --addr 127.0.0.2
server_start "$product" new --addr 127.0.0.3
kPassword=Manual-$(od -An -tx1 -N8 /dev/urandom | tr -d ' \n')
export FLYTT_SOURCE_PASSWORD=$kPassword FLYTT_TARGET_PASSWORD=$kPassword FLYTT_REPL_PASSWORD=$kPassword

# statements: what stands in the manual, as somebody pastes it.
statements() {
    awk -v title="${title:?}" '/^\.S[hs] / { part = index($0, title) > 0 } /^\.Bd/ { if (part) { on = 1; next } } /^\.Ed/ { if (on) exit; on = 0 } on' "$FLYTT_SRC/man/flytt.7" |
        sed "s/\\\\(aq/'/g; s/'\\.\\.\\.'/'$kPassword'/"
}
[ "$(statements | grep -c '^CREATE USER')" = 5 ] || fail "the manual's statements were not found: $(statements)"
from=$(url_as old flytt_ctl shop) to=$(url_as new flytt_ctl shop)
ctl() { local verb=$1; shift; replica-ctl "$verb" --source-address "$S_OLD_ADDR:$S_OLD_PORT" "$@" "$from" "$to"; }

for name in old new; do statements | sql_file "$name"; done
sql old "CREATE DATABASE shop; CREATE TABLE shop.t (id INT PRIMARY KEY); INSERT INTO shop.t VALUES (1); CREATE PROCEDURE shop.p() SELECT 1; CREATE VIEW shop.v AS SELECT id FROM shop.t;
    CREATE EVENT shop.e ON SCHEDULE EVERY 1 DAY DO DELETE FROM shop.t WHERE id < 0; CREATE TRIGGER shop.g BEFORE INSERT ON shop.t FOR EACH ROW SET NEW.id = NEW.id"

step "before the copy preflight says no, as start does"
run_expect 13 ctl preflight
assert_contains "$OUT" "no finished copy"
run_expect 13 ctl start
assert_contains "$ERR" "no finished copy"

# The runbook with the accounts of the manual.
move() {
    env ASK=no OLD="$from" NEW="$to" VERIFY_OLD="$(url_as old flytt_verify shop)" VERIFY_NEW="$(url_as new flytt_verify shop)" \
        SOURCE_ADDRESS="$S_OLD_ADDR:$S_OLD_PORT" DUMP="dump-stream '$(url_as old flytt_dump shop)'" LOAD="load-stream '$(url_as new flytt_load shop)'" \
        "$FLYTT_SRC/examples/move" "$@"
}

step "copied and followed: preflight and start say yes"
sql old "SET SESSION sql_log_bin = 0; CREATE USER shopkeeper@'%'"
run_expect 0 move copy
assert_not_contains "$ERR$OUT" "has written" "what the loader says of the target's history"
run_expect 0 ctl preflight
assert_not_contains "$OUT" "local-writes"
assert_not_contains "$OUT" "unseen" "what the account of the manual may see"
preflight=$(grep -E '^(warning|blocks)' <<<"$OUT" || true)
run_expect 0 ctl start
assert_eq "$(grep -E '^(warning|blocks)' <<<"$OUT" || true)" "$preflight" "what start finds beside what preflight found"
assert_matches "$preflight" "account-missing: .*'shopkeeper'@'%'"
run_expect 0 move follow wait verify
assert_matches "$OUT" 'equal +shop\.t +rows 1/1'
assert_not_contains "$ERR" "channel cannot be seen"
run_expect 0 lag-wait --zero --timeout 120s "$from" "$to"
run_expect 0 verify-rows "$(url_as old flytt_verify shop)" "$(url_as new flytt_verify shop)"
run_expect 0 replica-ctl switchover --dry-run "$from" "$to"
assert_not_contains "$OUT" "definitions-unseen" "what the account of the manual may compare"
run_expect 0 replica-ctl drop "$from" "$to"

step "a target that has written in the source's history: both say no"
sql new "DROP DATABASE shop; DELETE FROM flytt.copies"
write_ahead
run_expect 0 dump-stream -o "$T/s" "$(url_as old flytt_dump shop)"
run_expect 0 load-stream -i "$T/s" "$(url_as new flytt_load shop)"
run_expect 13 ctl preflight
assert_contains "$OUT" "cannot follow from"
run_expect 13 ctl start
assert_contains "$ERR" "cannot follow from"
run_expect 1 replica-ctl status "$from" "$to"
assert_contains "$OUT" "target takes writes"
