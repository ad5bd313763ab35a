# A server that turns on its clients (tests/support/rogue), for test scripts that source servers.sh.
# SPDX-License-Identifier: MIT
# shellcheck shell=bash

kRoguePid=

# rogue_start PROTOCOL SERVER OPTION...: in front of SERVER, which listens on 127.0.0.1. Sets ROGUE_PORT; its words are in ROGUE_LOG.
rogue_start() {
    rogue_stop
    ROGUE_LOG=$T/rogue.log
    rm -f "$ROGUE_LOG"
    spawn "$ROGUE_LOG" "$FLYTT_BIN/rogue" "$1" --upstream "127.0.0.1:$(s_get "$2" PORT)" "${@:3}"
    kRoguePid=$SPAWNED
    within 10 grep -qs '^port ' "$ROGUE_LOG"
    ROGUE_PORT=$(sed -n 's/^port //p' "$ROGUE_LOG")
    export ROGUE_PORT
}

rogue_stop() {
    if [ -n "$kRoguePid" ]; then
        kill -KILL "$kRoguePid" 2>/dev/null || true
        wait_gone "$kRoguePid" 10
    fi
    kRoguePid=
}

# rogue_did: has it attacked? A tool that never sends the packet that was waited for is not attacked.
rogue_did() { grep -q '^attack ' "$ROGUE_LOG"; }

rogue_heard_all() { [ "$(grep -c '^open$' "$ROGUE_LOG")" = "$(grep -c '^end ' "$ROGUE_LOG")" ]; }

# assert_unmoved BAIT...: none of these texts arrived, once the server has read all that was sent to it.
assert_unmoved() {
    local bait
    within 10 rogue_heard_all
    for bait in "$@"; do
        if grep -qF -- "$bait" "$ROGUE_LOG"; then fail "the rogue server was given $bait: $(cut -c1-300 "$ROGUE_LOG")"; fi
    done
}

# measured COMMAND...: as run, and KIB is its peak memory. What hangs is ended, and that is a failure.
measured() {
    run timeout --kill-after=2 60 /usr/bin/time -q -f %M -o "$T/kib" "$@"
    KIB=$(tail -n 1 "$T/kib")
    export KIB
    case $STATUS in
    124 | 137) fail "it hangs: $*"$'\n'"$(cut -c1-300 "$ROGUE_LOG")" ;;
    70 | 129 | 13[0-9] | 14[0-9]) fail "it crashed ($STATUS): $*"$'\n'"$ERR" ;;
    esac
}
