#!/usr/bin/env bash
# The demo itself, small: it moves the shop, loses nothing, and leaves nothing behind, interrupted or not.
# flytt-test: serial
# SPDX-License-Identifier: MIT
set -euo pipefail
# shellcheck source=tests/support/assert.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/../../support/assert.sh"
use_test_dir
# Everything the demo makes lies below here.
export TMPDIR=$T/demo
mkdir "$TMPDIR"

# processes_of DIR: those that have it on their command line.
processes_of() {
    local pid line
    for pid in /proc/[0-9]*; do
        line=$(tr '\0' ' ' 2>/dev/null <"$pid/cmdline") || continue
        if [[ $line == *"$1"* ]] && alive "${pid#/proc/}"; then printf '%s\n' "$line"; fi
    done
}
nothing_left() { [ -z "$(ls -A "$TMPDIR")" ] && [ -z "$(processes_of "$TMPDIR/")" ]; }

step "from the first server to the last count"
run_expect 0 env -u T FLYTT_BUDGET=120s "$FLYTT_SRC/scripts/demo" --bin "$FLYTT_BIN" --orders 6000
printf '%s\n' "$OUT" >&2
assert_eq "$(tail -n 1 <<<"$OUT")" "lost writes: 0"
assert_contains "$OUT" "write pause: "
within 10 nothing_left

step "interrupted while the shop is being filled"
# Through env: a shell's background job ignores SIGINT, and its children could not unlearn that.
spawn "$T/interrupted" env --default-signal=INT -u T "$FLYTT_SRC/scripts/demo" --bin "$FLYTT_BIN" --orders 600000
demo=$SPAWNED
within 60 grep -q 'MariaDB .*: old at' "$T/interrupted"
kill -INT "$demo"
wait_gone "$demo" 120 || fail "the demo does not end"
within 10 nothing_left

step "what it refuses"
run_expect 64 "$FLYTT_SRC/scripts/demo" --fast
run_expect 64 "$FLYTT_SRC/scripts/demo" --orders 0
run_expect 0 "$FLYTT_SRC/scripts/demo" --help
assert_contains "$OUT" "Usage: scripts/demo"
