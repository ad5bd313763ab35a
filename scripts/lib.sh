# Bash helpers that every script under scripts/ and tests/ shares. To be sourced, not run.
# Nothing here changes the machine; see scripts/setup for that.
# SPDX-License-Identifier: MIT
# shellcheck shell=bash

# The source tree that this file lies in.
FLYTT_SRC=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
# Where things that are slow to make are kept between runs. Removing it costs time and nothing else.
FLYTT_CACHE=${FLYTT_CACHE:-${XDG_CACHE_HOME:-${HOME:-/tmp}/.cache}/flytt}
export FLYTT_SRC FLYTT_CACHE

# say TEXT...: a message for the person who watches, on stderr, since stdout carries answers.
say() { printf '%s\n' "$*" >&2; }

# die CODE TEXT...: the one way a script gives up.
die() {
    local code=$1
    shift
    say "${0##*/}: $*"
    exit "$code"
}

# have PROGRAM: whether it can be run. Server programs live in sbin, which is not on everybody's PATH.
have() { PATH=$PATH:/usr/sbin:/sbin command -v "$1" >/dev/null 2>&1; }

# program NAME: its full path, or status 1.
program() { PATH=$PATH:/usr/sbin:/sbin command -v "$1" 2>/dev/null; }

# print_help FILE: the comment block at the head of a script is its help, so the two cannot differ.
print_help() {
    awk 'NR == 1 && /^#!/ { next }
         /^# SPDX/ { next }
         /^# shellcheck/ { next }
         /^#/ { sub(/^# ?/, ""); print; next }
         { exit }' "$1"
}

# can_root: whether as_root can work without asking anybody.
can_root() { [ "$(id -u)" = 0 ] || { have sudo && sudo -n true 2>/dev/null; }; }

# as_root COMMAND...: runs it with root's rights.
as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    else
        have sudo || die 77 "needs root: run it as root, or install sudo"
        sudo "$@"
    fi
}

# matrix_root SUITE: the directory that holds an unpacked Debian release; it has PRODUCT when the marker is there.
matrix_root() { printf '%s/matrix/%s\n' "$FLYTT_CACHE" "$1"; }
matrix_marker() { printf '%s/.has-%s\n' "$(matrix_root "$1")" "$2"; }
matrix_ready() { [ -f "$(matrix_marker "$1" "$2")" ]; }

# cores: how many jobs a build may use here. Two, unless the caller says otherwise: compilers of C++20 eat memory.
cores() { printf '%s\n' "${FLYTT_JOBS:-2}"; }

# show_progress NAME: what ninja prints comes in; how far it is goes to stderr: on a terminal one line that is written over, elsewhere
# a line a minute.
show_progress() {
    local line said=0 far='' clear=''
    if [ -t 2 ]; then clear=$'\r\e[K'; fi
    while IFS= read -r line; do
        [[ $line =~ ^\[([0-9]+)/([0-9]+)\] ]] || continue
        far="building $1: ${BASH_REMATCH[1]} of ${BASH_REMATCH[2]} targets, $((SECONDS / 60)) min $((SECONDS % 60)) s"
        if [ -n "$clear" ]; then
            printf '%s%s' "$clear" "$far" >&2
        elif [ "$SECONDS" -ge $((said + 60)) ]; then
            say "$far"
            said=$SECONDS
        fi
    done
    [ -z "$far" ] || printf '%s%s\n' "$clear" "$far" >&2
}

# build PRESET [TARGET...]: configured and built; what CMake and the compiler said is shown only when it fails.
build() {
    local preset=$1 log
    shift
    mkdir -p "$FLYTT_SRC/build"
    log=$FLYTT_SRC/build/$preset.log
    (cd "$FLYTT_SRC" && cmake --preset "$preset" >"$log" 2>&1) || {
        tail -n 40 "$log" >&2
        die 69 "cmake --preset $preset failed"
    }
    if ! (cd "$FLYTT_SRC" && cmake --build --preset "$preset" -j "$(cores)" ${1:+--target "$@"} 2>&1) | tee "$log" | (SECONDS=0 && show_progress "$preset"); then
        grep -vE '^\[[0-9]+/[0-9]+\]' "$log" | tail -n 40 >&2
        die 69 "the $preset build failed; all of it: build/$preset.log"
    fi
}
