#!/usr/bin/env bash
# The demo from this Debian's PostgreSQL to version 18.
# flytt-test: labels=matrix serial
# SPDX-License-Identifier: MIT
set -euo pipefail
# shellcheck source=tests/support/assert.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/../../support/assert.sh"
# shellcheck source=tests/support/products.sh
. "$FLYTT_SRC/tests/support/products.sh"
product_require postgres18
exec bash "$FLYTT_SRC/tests/scenarios/demo-postgres/run.sh" postgres18
