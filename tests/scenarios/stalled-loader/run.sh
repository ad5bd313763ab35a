#!/usr/bin/env bash
# Proves: a loader that stands still for longer than the source's own network timeouts does not end the copy.
# The timeouts of the source are set to 2 s, so that a stop of 8 s stands for one of several minutes at the default of 60 s.
# SPDX-License-Identifier: MIT
set -euo pipefail
# shellcheck source=tests/support/servers.sh
. "$FLYTT_SRC/tests/support/servers.sh"
# shellcheck source=tests/support/assert.sh
. "$FLYTT_SRC/tests/support/assert.sh"
# shellcheck source=tests/scenarios/_stall.bash
. "$FLYTT_SRC/tests/scenarios/_stall.bash"

server_start mariadb old net_write_timeout=2 net_read_timeout=2 wait_timeout=3 interactive_timeout=3 idle_transaction_timeout=3
server_start mariadb new net_write_timeout=2 net_read_timeout=2 wait_timeout=3 interactive_timeout=3 idle_transaction_timeout=3
sql old "CREATE DATABASE shop; USE shop; CREATE TABLE shop.big (a INT, t TEXT);
    INSERT INTO shop.big SELECT seq, CONCAT(SHA2(seq, 512), SHA2(-seq, 512), RAND()) FROM seq_1_to_300000;
    CREATE TABLE shop.keyed (id INT PRIMARY KEY, t TEXT); INSERT INTO shop.keyed SELECT * FROM shop.big"
begun() { [ "$(sql new "SELECT COUNT(*) FROM flytt.ledger WHERE chunk > 0" 2>/dev/null || echo 0)" -ge 1 ]; }
copied_with_a_stall begun "$S_OLD_URL" "$S_NEW_URL" -d shop
assert_sql new "CHECKSUM TABLE shop.big, shop.keyed" "$(sql old 'CHECKSUM TABLE shop.big, shop.keyed')"
