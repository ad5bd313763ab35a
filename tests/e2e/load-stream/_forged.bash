# Streams of the test's own making. Sourced after assert.sh.
# SPDX-License-Identifier: MIT
# shellcheck shell=bash

# forged NAME: writes the stream of the recipe on stdin to $T/NAME.
forged() { forge >"$T/$1" || fail "the recipe of $1 is wrong"; }

# refused_without_server NAME TEXT: --list, --check and --print refuse it alike, and say why.
refused_without_server() {
    local how
    for how in --list --check --print; do
        run_expect 65 load-stream "$how" -i "$T/$1"
        assert_contains "$ERR" "$2" "message of $how for $1"
        assert_not_contains "$OUT" "scope:" "answer of $how for $1"
    done
}
