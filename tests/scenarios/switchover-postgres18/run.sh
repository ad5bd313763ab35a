#!/usr/bin/env bash
# The scenario switchover-postgres from this Debian's PostgreSQL to PostgreSQL 18.
# flytt-test: labels=matrix
# SPDX-License-Identifier: MIT
set -euo pipefail
exec bash "$(dirname -- "${BASH_SOURCE[0]}")/../switchover-postgres/run.sh" postgres:postgres18
