#!/usr/bin/env bash
# The accounts in flytt(7) are those that the tests run with: the same privileges, none more, none less.
# SPDX-License-Identifier: MIT
set -euo pipefail
# shellcheck source=tests/support/assert.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/../../support/assert.sh"

# of_page TITLE: the statements of one part of ACCOUNTS, one a line.
of_page() {
    awk -v title="$1" '/^\.S[hs] / { on = index($0, title) > 0 } on && /^(GRANT|    )/ { printf "%s ", $0 } on && /;$/ { print "" }' \
        "$FLYTT_SRC/man/flytt.7" | sed "s/\\\\(aq/'/g" | tr -s ' ' | sed 's/^ //; s/ $//' | grep '^GRANT' | sort
}

# of_tests FILE: the same, in the page's words.
# shellcheck disable=SC2016
of_tests() { grep '^GRANT' "$1" | sed 's/`{{database}}`/shop/; s/`flytt`/flytt/' | tr -s ' ' | sort; }

for pair in "MariaDB 10.11:mariadb" "MySQL 8.0:mysql"; do
    step "${pair%%:*}"
    documented=$(of_page "${pair%%:*}")
    tested=$(of_tests "$FLYTT_SRC/tests/support/grants-${pair##*:}.sql")
    [ "$(wc -l <<<"$tested")" -ge 5 ] || fail "no accounts found for the tests"
    assert_eq "$documented" "$tested" "accounts in flytt(7)"
done
