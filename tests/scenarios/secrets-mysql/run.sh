#!/usr/bin/env bash
# The scenario secrets between two MySQL 9.7.
# flytt-test: labels=matrix timeout=300
# SPDX-License-Identifier: MIT
set -euo pipefail
exec bash "$(dirname -- "${BASH_SOURCE[0]}")/../secrets/run.sh" mysql97
