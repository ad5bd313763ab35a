#!/usr/bin/env bash
# Proves: a loader of PostgreSQL that stands still for longer than the servers' own time limits does not end the copy.
# The limits are set to 2 s, so that a stop of 8 s stands for one of several minutes.
# SPDX-License-Identifier: MIT
set -euo pipefail
# shellcheck source=tests/support/servers.sh
. "$FLYTT_SRC/tests/support/servers.sh"
# shellcheck source=tests/support/assert.sh
. "$FLYTT_SRC/tests/support/assert.sh"
# shellcheck source=tests/scenarios/_stall.bash
. "$FLYTT_SRC/tests/scenarios/_stall.bash"

limits=(statement_timeout=2s idle_in_transaction_session_timeout=2s idle_session_timeout=2s lock_timeout=2s tcp_user_timeout=2000)
server_start postgres old "${limits[@]}"
server_start postgres new "${limits[@]}"
sql old "CREATE DATABASE shop"
sql old "SET statement_timeout = 0; CREATE TABLE big (a int, t text);
    INSERT INTO big SELECT g, sha512(g::text::bytea)::text || sha512((-g)::text::bytea) FROM generate_series(1, 200000) g;
    CREATE TABLE keyed (id int PRIMARY KEY, t text); INSERT INTO keyed SELECT * FROM big; ANALYZE" shop
begun() { [ "$(sql new "SELECT count(*) FROM pg_stat_progress_copy WHERE tuples_processed > 0" shop 2>/dev/null || echo 0)" -ge 1 ]; }
copied_with_a_stall begun "$(url_as old postgres shop)" "$(url_as new postgres shop)"
sums="SET statement_timeout = 0; SELECT count(*), sum(hashtextextended(t, a)::numeric) FROM big; SELECT count(*), sum(hashtextextended(t, id)::numeric) FROM keyed"
assert_eq "$(sql new "$sums" shop)" "$(sql old "$sums" shop)" "rows and their sums"
