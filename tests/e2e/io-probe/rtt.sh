#!/usr/bin/env bash
# The distance to a server, and to whatever listens on a port.
# SPDX-License-Identifier: MIT
set -euo pipefail
# shellcheck source=tests/support/servers.sh
. "$FLYTT_SRC/tests/support/servers.sh"
# shellcheck source=tests/support/assert.sh
. "$FLYTT_SRC/tests/support/assert.sh"
server_start mariadb here --addr 127.0.0.2
sql here "CREATE USER probe@'%'"

step "by TCP: connect, the kernel's minimum, ping and statement"
run_expect 0 io-probe rtt "mysql://probe@$S_HERE_ADDR:$S_HERE_PORT/?ssl-mode=disabled"
for what in ping statement connect kernel; do assert_matches "$OUT" "$what +min [0-9.]+ m?s"; done
assert_contains "$OUT" "distance   on this host"
assert_contains "$OUT" "row by row at most"
run_expect 0 io-probe rtt --json --count 7 "mysql://probe@$S_HERE_ADDR:$S_HERE_PORT/?ssl-mode=disabled"
assert_contains "$OUT" '"event":"rtt","what":"ping","count":7,"min_ms":'
assert_matches "$OUT" '"distance":"same-host",.*"ssh_lanes_for_1gbit":1'

step "by the socket: nothing of TCP"
run_expect 0 io-probe rtt "$S_HERE_URL"
assert_not_contains "$OUT" connect
assert_contains "$OUT" "the Unix socket of this host"

step "any port; a limit"
run_expect 0 io-probe rtt --max-rtt 10s "$S_HERE_ADDR:$S_HERE_PORT"
assert_contains "$OUT" PASS
assert_not_contains "$OUT" statement
run_expect 1 io-probe rtt --max-rtt 1ns "$S_HERE_ADDR:$S_HERE_PORT"
assert_contains "$OUT" "FAIL       the median round trip of"
run_expect 1 io-probe rtt --max-rtt 1ns --json "$S_HERE_URL"
assert_contains "$OUT" '"exit":1,"status":"no"'

step "what cannot be measured is no answer"
run_expect 69 io-probe rtt 127.0.0.254:1
assert_contains "$ERR" "Connection refused"
run_expect 69 io-probe rtt none.invalid:22
run_expect 64 io-probe rtt "$S_HERE_ADDR"
assert_contains "$ERR" "HOST:PORT"
run_expect 64 io-probe rtt --count 0 "$S_HERE_URL"
run_expect 64 io-probe rtt --dir / "$S_HERE_URL"
