# What every test script needs first: a temporary directory that goes away, things to do at exit, waiting for an
# event instead of sleeping. Sourced by the other files in this directory.
# SPDX-License-Identifier: MIT
# shellcheck shell=bash
[ -z "${kCommonLoaded:-}" ] || return 0
kCommonLoaded=yes
# shellcheck source=scripts/lib.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/../../scripts/lib.sh"

# The tools under test; a test run by hand takes those of the dev preset.
FLYTT_BIN=${FLYTT_BIN:-$FLYTT_SRC/build/dev/bin}
export FLYTT_BIN LC_ALL=C.UTF-8
export PATH=$FLYTT_BIN:$PATH:/usr/sbin:/sbin
# A developer's own settings must not decide a test.
unset "${!FLYTT_SOURCE_@}" "${!FLYTT_TARGET_@}" MYSQL_PWD MYSQL_HOST MYSQL_TCP_PORT MYSQL_UNIX_PORT MYSQL_HOME "${!PG@}"

kAtExit=()
# at_exit COMMAND: runs it when this script ends, however it ends; the last one registered first.
at_exit() { kAtExit+=("$1"); }

run_at_exit() {
    kScriptStatus=$?
    local i
    trap - EXIT INT TERM HUP
    set +e
    for ((i = ${#kAtExit[@]} - 1; i >= 0; i--)); do eval "${kAtExit[i]}"; done
    exit "$kScriptStatus"
}
trap run_at_exit EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# alive PID: whether it runs. A zombie does not: nobody may be there to reap it.
alive() {
    local stat
    stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
    stat=${stat##*) }
    [ "${stat%% *}" != Z ] && [ "${stat%% *}" != X ]
}

# wait_until SECONDS COMMAND...: polls until the command succeeds; status 1 when the time is over.
wait_until() {
    local limit=$1 end
    shift
    end=$(($(date +%s%N) + ${limit%.*} * 1000000000))
    until "$@"; do
        [ "$(date +%s%N)" -lt "$end" ] || return 1
        sleep 0.05
    done
}

gone() { ! alive "$1"; }

# wait_gone PID [SECONDS]: until the process has ended.
wait_gone() { wait_until "${2:-60}" gone "$1"; }

# Directories of scripts that were killed with -9 and could not tidy up, with what such a script had mounted there. One that cannot
# be taken away is no reason for another script to fail.
sweep_stale() {
    local dir owner place
    for dir in "${TMPDIR:-/tmp}"/flytt-test.*; do
        [ -O "$dir" ] && [ -f "$dir/.owner" ] || continue
        owner=$(cat "$dir/.owner" 2>/dev/null) || continue
        if [ -z "$owner" ] || alive "$owner"; then continue; fi
        while read -r _ place _; do
            [[ $place != "$dir"/* ]] || umount "$place" || true
        done </proc/mounts
        rm -rf --one-file-system "$dir" || true
    done
}

# use_test_dir: sets T to a fresh directory that is removed at the end; FLYTT_KEEP=1 keeps it and says where.
use_test_dir() {
    [ -z "${T:-}" ] || return 0
    sweep_stale
    T=$(mktemp -d "${TMPDIR:-/tmp}/flytt-test.XXXXXX")
    echo $$ >"$T/.owner"
    export T
    # A test's journals and state stay its own.
    export XDG_STATE_HOME=$T/state XDG_CONFIG_HOME=$T/config
    if [ -n "${FLYTT_KEEP:-}" ]; then
        say "keeping $T"
    else
        at_exit 'rm -rf --one-file-system "$T"'
    fi
}

# free_port ADDRESS: a port that nobody listens on there, below the range that the kernel hands to clients. Another
# process may take it before its user binds it: who starts a server tries again when it does.
free_port() {
    local port
    while :; do
        port=$((20000 + (RANDOM * 32768 + RANDOM) % 10000))
        if ! (exec 3<>"/dev/tcp/$1/$port") 2>/dev/null; then
            printf '%s\n' "$port"
            return
        fi
    done
}

# spawn LOG COMMAND...: starts it in a session of its own; it dies with this shell even by kill -9. Sets SPAWNED.
# FLYTT_DETACH=1 lets it outlive the shell.
spawn() {
    local log=$1
    shift
    if [ -n "${FLYTT_DETACH:-}" ]; then
        setsid -f sh -c 'echo $$ >"$0.pid"; exec "$@"' "$log" "$@" >>"$log" 2>&1 </dev/null
        wait_until 5 test -s "$log.pid"
        SPAWNED=$(cat "$log.pid")
        rm -f "$log.pid"
    else
        setsid setpriv --pdeathsig KILL "$@" >>"$log" 2>&1 </dev/null &
        SPAWNED=$!
        disown "$SPAWNED" # else the shell comments on how it ended
    fi
    export SPAWNED
}
