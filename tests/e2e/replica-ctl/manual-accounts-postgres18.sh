#!/usr/bin/env bash
# A move with the manual's accounts on PostgreSQL 18.
# flytt-test: labels=matrix timeout=600
# SPDX-License-Identifier: MIT
set -euo pipefail
# shellcheck source=tests/e2e/replica-ctl/_manual_accounts_postgres.bash
. "$FLYTT_SRC/tests/e2e/replica-ctl/_manual_accounts_postgres.bash" postgres18
