#!/usr/bin/env bash
# Routines, events, views, computed columns, settings, definers and keys around the rows, on MariaDB.
# SPDX-License-Identifier: MIT
set -euo pipefail
# shellcheck source=tests/e2e/load-stream/_around_rows.bash
. "$FLYTT_SRC/tests/e2e/load-stream/_around_rows.bash" mariadb
