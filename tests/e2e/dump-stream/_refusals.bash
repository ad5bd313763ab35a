# What a copy or a load is refused for, its dry run is refused for too. Sourced after servers.sh and assert.sh.
# SPDX-License-Identifier: MIT
# shellcheck shell=bash

# refused EXIT TEXT ARGUMENT...: the copy, and its --dry-run, are refused alike.
refused() {
    local status=$1 text=$2 dry
    shift 2
    for dry in '' --dry-run; do
        run_expect "$status" dump-stream ${dry:+"$dry"} -o "$T/s" "$@"
        assert_contains "$OUT$ERR" "$text" "what dump-stream ${dry:-itself} says"
    done
}

# not_loaded EXIT TEXT ARGUMENT...: the same of a load.
not_loaded() {
    local status=$1 text=$2 dry
    shift 2
    for dry in --dry-run ''; do
        run_expect "$status" load-stream ${dry:+"$dry"} "$@"
        assert_contains "$OUT$ERR" "$text" "what load-stream ${dry:-itself} says"
    done
}
