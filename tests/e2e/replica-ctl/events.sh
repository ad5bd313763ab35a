#!/usr/bin/env bash
# Scheduled events over a switchover, on MariaDB.
# flytt-test: timeout=600
# SPDX-License-Identifier: MIT
set -euo pipefail
# shellcheck source=tests/e2e/replica-ctl/_events.bash
. "$FLYTT_SRC/tests/e2e/replica-ctl/_events.bash" mariadb
