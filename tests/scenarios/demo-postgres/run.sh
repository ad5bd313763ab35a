#!/usr/bin/env bash
# The demo between two PostgreSQL servers, small: it moves the shop, loses nothing, and leaves nothing behind.
# flytt-test: serial
# SPDX-License-Identifier: MIT
set -euo pipefail
# shellcheck source=tests/support/assert.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/../../support/assert.sh"
use_test_dir
# Everything the demo makes lies below here; PostgreSQL, which does not run as root, has to get there.
export TMPDIR=$T/demo
mkdir "$TMPDIR"
chmod o+x "$T"
run_expect 0 env -u T FLYTT_BUDGET=120s "$FLYTT_SRC/scripts/demo" postgres --to "${1:-postgres}" --bin "$FLYTT_BIN" --orders 6000
printf '%s\n' "$OUT" >&2
assert_eq "$(tail -n 1 <<<"$OUT")" "lost writes: 0"
assert_contains "$OUT" "write pause: "
nothing_left() { [ -z "$(ls -A "$TMPDIR")" ]; }
within 10 nothing_left
