#!/usr/bin/env bash
# The same on PostgreSQL 18, which looks at generated columns too.
# flytt-test: labels=matrix
# SPDX-License-Identifier: MIT
set -euo pipefail
exec bash "$FLYTT_SRC/tests/e2e/dump-stream/identity-postgres.sh" postgres18
