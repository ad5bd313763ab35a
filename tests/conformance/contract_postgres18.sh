#!/usr/bin/env bash
# The promises of the engine contract against PostgreSQL 18.
# flytt-test: labels=matrix
# SPDX-License-Identifier: MIT
set -euo pipefail
# shellcheck source=tests/conformance/run_contract.bash
. "$(dirname -- "${BASH_SOURCE[0]}")/run_contract.bash" postgres18 "$@"
