#!/usr/bin/env bash
# The conformance suite of the engines against MariaDB 11.8.
# flytt-test: labels=matrix
# SPDX-License-Identifier: MIT
set -euo pipefail
# shellcheck source=tests/conformance/run_engine.bash
. "$(dirname -- "${BASH_SOURCE[0]}")/run_engine.bash" mariadb118
