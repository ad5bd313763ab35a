#!/usr/bin/env bash
# --no-code and --list --statements on MySQL.
# flytt-test: labels=matrix
# SPDX-License-Identifier: MIT
set -euo pipefail
# shellcheck source=tests/e2e/load-stream/_no_code_mysql.bash
. "$FLYTT_SRC/tests/e2e/load-stream/_no_code_mysql.bash" mysql97
