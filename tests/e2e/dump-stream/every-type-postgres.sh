#!/usr/bin/env bash
# Every kind of column, key, name and object of PostgreSQL arrives: compared in the servers, never by our own decoder.
# SPDX-License-Identifier: MIT
set -euo pipefail
# shellcheck source=tests/e2e/dump-stream/_every_type_postgres.bash
. "$FLYTT_SRC/tests/e2e/dump-stream/_every_type_postgres.bash" postgres
