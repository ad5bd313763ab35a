# Assertions for test scripts. The first that fails ends the script with status 1 and says what was expected.
# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# shellcheck source=tests/support/common.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"

# fail TEXT...: ends the test.
fail() {
    printf 'FAILED: %s\n' "$*" >&2
    printf '  at %s line %s\n' "${BASH_SOURCE[-1]##*/}" "${BASH_LINENO[-2]:-?}" >&2
    exit 1
}

# skip TEXT...: the test was not run, for this reason.
skip() {
    printf 'not run: %s\n' "$*"
    exit 77
}

# step TEXT...: says what comes now, so that a failure is easily placed.
step() { printf -- '--- %s\n' "$*" >&2; }

assert_eq() { # ACTUAL EXPECTED [WHAT]
    [ "$1" = "$2" ] || fail "${3:-value} is"$'\n'"$1"$'\n'"and not"$'\n'"$2"
}

assert_ne() { # ACTUAL UNWANTED [WHAT]
    [ "$1" != "$2" ] || fail "${3:-value} is $1"
}

assert_contains() { # TEXT NEEDLE [WHAT]
    [[ $1 == *"$2"* ]] || fail "${3:-text} lacks '$2':"$'\n'"$1"
}

assert_not_contains() { # TEXT NEEDLE [WHAT]
    [[ $1 != *"$2"* ]] || fail "${3:-text} contains '$2':"$'\n'"$1"
}

assert_matches() { # TEXT EXTENDED-REGEX [WHAT]
    [[ $1 =~ $2 ]] || fail "${3:-text} does not match $2:"$'\n'"$1"
}

assert_le() { # NUMBER LIMIT [WHAT]
    [ "$1" -le "$2" ] || fail "${3:-number} is $1, more than $2"
}

# run COMMAND...: runs it and keeps what it said in OUT, ERR (also in $T/out, $T/err) and STATUS. Never fails itself.
run() {
    use_test_dir
    STATUS=0
    "$@" >"$T/out" 2>"$T/err" || STATUS=$?
    # Binary output is left to the file: a variable cannot hold NUL.
    OUT=$(tr -d '\0' <"$T/out")
    ERR=$(tr -d '\0' <"$T/err")
    export OUT ERR STATUS
}

# run_expect EXIT COMMAND...: as run, and the exit status must be this one.
run_expect() {
    local expected=$1
    shift
    run "$@"
    [ "$STATUS" = "$expected" ] ||
        fail "exit status $STATUS and not $expected of: $*"$'\n'"stdout: $(head -c 2000 <<<"$OUT")"$'\n'"stderr: $(tail -c 3000 <<<"$ERR")"
}

# assert_sql SERVER STATEMENT EXPECTED: what the server answers, tab-separated, one line a row.
assert_sql() {
    local got
    got=$(sql "$1" "$2") || fail "server $1 refused: $2"
    assert_eq "$got" "$3" "answer of $1 to: $2"
}

# A machine that does something else beside is this much slower: what a test waits for may take so much longer.
kPatience=${FLYTT_PATIENCE:-8}

# within SECONDS COMMAND...: waits for what takes at most so long on an idle machine to become true, else fails.
within() {
    wait_until $(($1 * kPatience)) "${@:2}" || fail "not within $(($1 * kPatience)) s: ${*:2}"
}

# assert_harmless FILE [WHAT]: text that a terminal only shows: no control but line feeds and tabs, none of eight bits, no line
# separator, nothing that turns the direction of writing, and all of it UTF-8.
assert_harmless() {
    local found
    found=$(LC_ALL=C grep -aP '[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\xa8-\xae]|\xe2\x81[\xa6-\xa9]' "$1" | cat -v) || true
    [ -z "$found" ] || fail "${2:-$1} steers a terminal: $found"
    iconv -f UTF-8 -t UTF-8 "$1" >/dev/null 2>&1 || fail "${2:-$1} is not UTF-8"
}
