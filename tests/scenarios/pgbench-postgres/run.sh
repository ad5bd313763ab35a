#!/usr/bin/env bash
# A switchover while pgbench works on the old server, with a number out of a sequence in every transaction: what it counted as
# done is on the new server, its balances add up there, and the sequences are ahead of every number that was given out.
# SPDX-License-Identifier: MIT
set -euo pipefail
# shellcheck source=tests/support/assert.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/../../support/assert.sh"
# shellcheck source=tests/support/servers.sh
. "$FLYTT_SRC/tests/support/servers.sh"
kClients=4

server_pair postgres shop
app_password=Till-$(od -An -tx1 -N8 /dev/urandom | tr -d ' \n')
# shellcheck disable=SC2154
export FLYTT_SOURCE_PASSWORD=$S_OLD_PASSWORD FLYTT_TARGET_PASSWORD=$S_NEW_PASSWORD FLYTT_REPL_PASSWORD=$S_OLD_PASSWORD
export FLYTT_BUDGET=120s # a machine that does something else beside may need it
from=$(url_as old flytt_ctl shop) to=$(url_as new flytt_ctl shop)
pgbench=$(postgres_program postgres pgbench)

# as_app SERVER: pgbench's way there, as the application.
as_app() { application=("$pgbench" --no-vacuum --host="$(s_get "$1" ADDR)" --port="$(s_get "$1" PORT)" --username=app); }
export PGPASSWORD=$app_password

for name in old new; do sql "$name" "CREATE ROLE app LOGIN PASSWORD '$app_password'"; done
sql old 'GRANT CREATE ON SCHEMA public TO app' shop
as_app old
"${application[@]}" --initialize --scale=2 --quiet shop 2>"$T/init.log" || fail "pgbench --initialize: $(cat "$T/init.log")"
sql old 'CREATE TABLE ticket (n bigserial PRIMARY KEY, client int NOT NULL); ALTER TABLE ticket OWNER TO app' shop
cat >"$T/transaction" <<'SQL'
\set account random(1, 100000 * :scale)
\set teller random(1, 10 * :scale)
\set branch random(1, :scale)
\set delta random(-5000, 5000)
BEGIN;
UPDATE pgbench_accounts SET abalance = abalance + :delta WHERE aid = :account;
UPDATE pgbench_tellers SET tbalance = tbalance + :delta WHERE tid = :teller;
UPDATE pgbench_branches SET bbalance = bbalance + :delta WHERE bid = :branch;
INSERT INTO pgbench_history (tid, bid, aid, delta, mtime) VALUES (:teller, :branch, :account, :delta, now());
INSERT INTO ticket (client) VALUES (:client_id);
COMMIT;
SQL
written() { sql "$1" 'SELECT count(*) FROM ticket' shop; }

step 'a table without a key could not be followed'
run_expect 13 dump-stream --slot move "$(url_as old postgres shop)"
assert_contains "$ERR" pgbench_history
sql old 'ALTER TABLE pgbench_history REPLICA IDENTITY FULL' shop

step 'copy, follow and switch over under load'
# Ended by the fence: a client gives up at its first error.
load_options=(--client="$kClients" --jobs=2 --scale=2 --file="$T/transaction")
spawn "$T/pgbench.log" "${application[@]}" "${load_options[@]}" --time=250 --log --log-prefix="$T/acked" shop
load=$SPAWNED
under_load() { [ "$(written old)" -gt 100 ]; }
within 20 under_load
dump-stream --slot move "$(url_as old postgres shop)" | load-stream "$(url_as new postgres shop)" || fail 'the copy'
# shellcheck disable=SC2154
run_expect 0 replica-ctl start --source-address "$S_OLD_ADDR:$S_OLD_PORT" "$from" "$to"
run_expect 0 lag-wait --max-lag 2s --for 1s --timeout 300s "$from" "$to"
before=$(written old)
run_expect 0 replica-ctl switchover "$from" "$to"
assert_matches "$OUT" 'writes were blocked for [0-9]+ ms'
wait_gone "$load" 60
assert_contains "$(cat "$T/pgbench.log")" aborted
[ "$(written old)" -gt "$before" ] || fail 'pgbench did nothing while the switchover began'

step 'nothing that pgbench counted as done is missing'
for ((client = 0; client < kClients; client++)); do
    acked=$(cat "$T"/acked.* | awk -v c="$client" '$1 == c' | wc -l)
    there=$(sql new "SELECT count(*) FROM ticket WHERE client = $client" shop)
    assert_le 50 "$acked" "transactions of client $client"
    # The one that was on its way at the fence may have gone in without an answer.
    assert_le "$acked" "$there" "transactions of client $client that were acknowledged, and those on the new server"
    assert_le "$there" "$((acked + 1))" "transactions of client $client on the new server"
done
assert_eq "$(sql new "SELECT (SELECT sum(abalance) FROM pgbench_accounts) = (SELECT sum(delta) FROM pgbench_history)
    AND (SELECT sum(tbalance) FROM pgbench_tellers) = (SELECT sum(delta) FROM pgbench_history)
    AND (SELECT sum(bbalance) FROM pgbench_branches) = (SELECT sum(delta) FROM pgbench_history)
    AND (SELECT count(*) FROM pgbench_history) = (SELECT count(*) FROM ticket)" shop)" t 'the balances add up'
run_expect 0 verify-rows "$from" "$to"

step 'the sequence is ahead of every number, and work goes on'
given=$(sql old 'SELECT last_value FROM ticket_n_seq' shop)
as_app new
"${application[@]}" "${load_options[@]}" --transactions=100 shop >"$T/after.out" 2>&1 || fail "pgbench on the new server: $(cat "$T/after.out")"
assert_contains "$(cat "$T/after.out")" 'number of transactions actually processed: 400/400'
assert_eq "$(sql new "SELECT count(*) FROM ticket WHERE n > $given" shop)" 400 'tickets with new numbers'
