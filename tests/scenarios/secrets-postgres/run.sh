#!/usr/bin/env bash
# The scenario secrets between two PostgreSQL.
# flytt-test: timeout=300
# SPDX-License-Identifier: MIT
set -euo pipefail
exec bash "$(dirname -- "${BASH_SOURCE[0]}")/../secrets/run.sh" postgres
