#!/usr/bin/env bash
# The conformance suite of the engines against this Debian's MariaDB.
# SPDX-License-Identifier: MIT
set -euo pipefail
# shellcheck source=tests/conformance/run_engine.bash
. "$(dirname -- "${BASH_SOURCE[0]}")/run_engine.bash" mariadb
