#!/usr/bin/env bash
# What holds for every tool's command line, without a server: help, version, refusals, and a stdout that cannot be written.
# SPDX-License-Identifier: MIT
set -euo pipefail
# shellcheck source=tests/support/assert.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/../../support/assert.sh"
use_test_dir
export HOME=$T XDG_CONFIG_HOME=$T/xdg
unset "${!FLYTT_SOURCE@}" "${!FLYTT_TARGET@}" FLYTT_CONFIG

kUrls=(mysql://h/shop mysql://t/shop)

# valid TOOL: a command line that is right as far as it can be seen without a server.
valid() {
    case $1 in
    replica-ctl) printf '%s\n' status "${kUrls[@]}" ;;
    io-probe) printf '%s\n' rtt "${kUrls[0]}" ;;
    dump-stream | load-stream) printf '%s\n' "${kUrls[0]}" ;;
    *) printf '%s\n' "${kUrls[@]}" ;;
    esac
}

# status_of REDIRECTION COMMAND...: its exit status with stdout redirected, as the shell sees it.
status_of() {
    local redirection=$1 status=0
    shift
    bash -c "\"\$@\" $redirection" sh "$@" 2>"$T/err" || status=$?
    printf '%s\n' "$status"
}

tested=0
for main in "$FLYTT_SRC"/tools/*/main.cpp; do
    tool=$(basename "$(dirname "$main")")
    bin=$FLYTT_BIN/$tool
    [ -x "$bin" ] || fail "$tool is not built"
    mapfile -t args < <(valid "$tool")
    step "$tool"

    run_expect 0 "$bin" --help
    assert_matches "$OUT" "^Usage: $tool "
    assert_contains "$OUT" "Examples:"
    assert_contains "$OUT" "Exit status:"
    assert_eq "$ERR" "" "stderr of --help"
    assert_eq "$(awk 'length($0) > 80 && !/:\/\// { print; exit }' <<<"$OUT")" "" "line of --help over 80 columns"
    run_expect 0 "$bin" -h

    run_expect 0 "$bin" --version
    assert_matches "$OUT" "^$tool \(flytt\) [0-9]+\.[0-9]+\.[0-9]+$"
    assert_eq "$(wc -l <"$T/out")" 1 "lines of --version"

    run_expect 64 "$bin" --timeuot 5s "${args[@]}"
    assert_eq "$OUT" "" "stdout of a refusal"
    assert_eq "$ERR" "$tool: unknown option '--timeuot'
HINT: Did you mean --timeout?"

    run_expect 64 "$bin" --timeuot 5s "${args[@]}" --json
    assert_matches "$OUT$ERR" '"event":"result","exit":64,"status":"usage"'

    run_expect 64 "$bin"
    assert_matches "$ERR" "^$tool: .* missing"
    run_expect 64 "$bin" --timeout 5 "${args[@]}"
    assert_contains "$ERR" "option --timeout"
    run_expect 64 "$bin" "${args[@]}" mysql://one/too mysql://many/of
    assert_contains "$ERR" "one argument too many"

    secret=("${args[@]/mysql:\/\/h\//mysql://app:geheim@h/}")
    run_expect 64 "$bin" "${secret[@]}"
    assert_contains "$ERR" "FLYTT_"
    assert_not_contains "$OUT$ERR" geheim

    assert_eq "$(status_of '>&-' "$bin" --help)" 74 "status with stdout closed"
    assert_contains "$(cat "$T/err")" "$tool: "
    assert_eq "$(status_of '>/dev/full' "$bin" --help)" 74 "status on a full disk"
    assert_eq "$(status_of '>/dev/full' "$bin" --version)" 74 "status on a full disk"
    assert_contains "$(cat "$T/err")" "No space left"

    printf '# a comment\n[%s]\ntimeuot = 5s\n' "$tool" >"$T/config"
    run_expect 78 "$bin" --config "$T/config" "${args[@]}"
    assert_eq "$ERR" "$tool: $T/config:3: unknown key 'timeuot'
HINT: Did you mean timeout?"
    printf '[%s]\ntimeout = soon\n' "$tool" >"$T/config"
    run_expect 78 "$bin" --config "$T/config" "${args[@]}"
    run_expect 78 "$bin" --config "$T/none" "${args[@]}"
    run_expect 78 env FLYTT_TIMEOUT=soon "$bin" "${args[@]}"
    assert_contains "$ERR" "environment FLYTT_TIMEOUT"

    printf 'timeout = 1m\nprogress = 7s\n[%s]\ntimeout = 2m\n' "$tool" >"$T/config"
    run_expect 0 env FLYTT_PROGRESS=8s "$bin" --config "$T/config" --show-config --color never "${args[@]}"
    assert_contains "$OUT" "timeout = 2m   # $T/config:4"
    assert_contains "$OUT" "progress = 8s   # environment FLYTT_PROGRESS"
    assert_contains "$OUT" "color = never   # command line"
    assert_contains "$OUT" "verbose = false   # default"
    tested=$((tested + 1))
done
[ "$tested" -ge 5 ] || fail "only $tested tools were there"
