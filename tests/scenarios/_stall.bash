# shellcheck shell=bash
# The copy of a loader that stands still, the same for every product. Sourced after servers.sh and assert.sh.
# SPDX-License-Identifier: MIT

# copied_with_a_stall BEGUN SOURCE-URL TARGET-URL OPTION...: a copy whose loader stands still once the function BEGUN holds;
# OPTIONs go to dump-stream.
copied_with_a_stall() {
    local begun=$1 from=$2 to=$3 loader dump
    shift 3
    mkfifo "$T/pipe"
    load-stream "$to" <"$T/pipe" >"$T/out" 2>"$T/load.err" &
    loader=$!
    dump-stream --jobs 2 "$from" "$@" >"$T/pipe" 2>"$T/dump.err" &
    dump=$!
    within 60 "$begun"
    kill -STOP "$loader"
    # What is waited for is time itself: longer than the servers' own limits.
    sleep "${FLYTT_STALL_SECONDS:-8}"
    alive "$dump" || fail "the copy ended while its reader stood still: $(cat "$T/dump.err")"
    kill -CONT "$loader"
    wait "$dump" || fail "dump-stream: $(cat "$T/dump.err")"
    wait "$loader" || fail "load-stream: $(cat "$T/load.err")"
}
