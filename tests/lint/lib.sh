# Shared by the lints. A lint is called as `tests/lint/NAME [ROOT]`, checks the tree at ROOT (this one by default),
# prints "path:line: what is wrong" for every finding and exits 1 when there is one. Sourced, not run.
# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# shellcheck source=scripts/lib.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/../../scripts/lib.sh"

case ${1:-} in
-h | --help) print_help "$0" && exit 0 ;;
esac
ROOT=${1:-$FLYTT_SRC}
cd -- "$ROOT" || exit 64
export LC_ALL=C.UTF-8
kFindings=0

# finding PLACE TEXT...: reports one.
finding() {
    printf '%s: %s\n' "$1" "${*:2}"
    kFindings=$((kFindings + 1))
}

# findings: reports each line of stdin, already worded.
findings() {
    local line
    while IFS= read -r line; do
        printf '%s\n' "$line"
        kFindings=$((kFindings + 1))
    done
}

# verdict WHAT: the end of a lint.
verdict() {
    if [ "$kFindings" -gt 0 ]; then
        printf '%s: %d finding(s)\n' "$1" "$kFindings"
        exit 1
    fi
    printf '%s: clean\n' "$1"
}

# files DIR... -- FIND-TEST...: the tree's own files, NUL-free names assumed, sorted; missing directories are skipped.
files() {
    local dirs=()
    while [ $# -gt 0 ] && [ "$1" != -- ]; do
        [ ! -e "$1" ] || dirs+=("$1")
        shift
    done
    shift
    [ ${#dirs[@]} -gt 0 ] || return 0
    find "${dirs[@]}" \( -name .git -o -name build -o -name 'build-*' \) -prune -o -type f \( "$@" \) -print | sed 's|^\./||' | LC_ALL=C sort
}

# code_of FILE: the file with comments blanked and string literals kept; line numbers stay.
code_of() {
    awk '{
        line = $0; out = ""
        while (length(line) > 0) {
            if (block) {
                at = index(line, "*/")
                if (at == 0) { line = ""; break }
                line = substr(line, at + 2); block = 0; continue
            }
            c = substr(line, 1, 1)
            if (c == "\"") {
                n = 2
                while (n <= length(line) && substr(line, n, 1) != "\"") { if (substr(line, n, 1) == "\\") n++; n++ }
                out = out substr(line, 1, n); line = substr(line, n + 1); continue
            }
            if (substr(line, 1, 3) == "\x27\"\x27") { out = out "\x27 \x27"; line = substr(line, 4); continue }
            two = substr(line, 1, 2)
            if (two == "//") { line = ""; break }
            if (two == "/*") { block = 1; line = substr(line, 3); continue }
            out = out c; line = substr(line, 2)
        }
        print out
    }' "$1"
}
