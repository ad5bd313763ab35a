#!/usr/bin/env bash
# Databases beside those of the copy, on MariaDB.
# SPDX-License-Identifier: MIT
set -euo pipefail
# shellcheck source=tests/e2e/replica-ctl/_other_databases.bash
. "$FLYTT_SRC/tests/e2e/replica-ctl/_other_databases.bash" mariadb
