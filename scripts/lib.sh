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

# build_release TARGET...: the preset release, quietly; what the compiler said is shown only when it fails.
build_release() {
    local log
    [ -d "$FLYTT_SRC/build/release/bin" ] || say "building; the first time takes some minutes"
    log=$(cd "$FLYTT_SRC" && { cmake --preset release && cmake --build --preset release -j "$(cores)" --target "$@"; } 2>&1) || {
        tail -n 40 <<<"$log" >&2
        die 69 "the build failed"
    }
}
