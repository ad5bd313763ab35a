#!/usr/bin/env bash
# Equal databases of this Debian's PostgreSQL and of PostgreSQL 18 are equal in rows and definitions, and what differs is told.
# flytt-test: labels=matrix
# SPDX-License-Identifier: MIT
set -euo pipefail
# shellcheck source=tests/e2e/verify-rows/_versions_postgres.bash
. "$FLYTT_SRC/tests/e2e/verify-rows/_versions_postgres.bash" postgres18
