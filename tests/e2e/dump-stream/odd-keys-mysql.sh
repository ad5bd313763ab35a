#!/usr/bin/env bash
# The test odd-keys between two MySQL 9.7.
# flytt-test: labels=matrix
# SPDX-License-Identifier: MIT
set -euo pipefail
exec bash "$(dirname -- "${BASH_SOURCE[0]}")/odd-keys.sh" mysql97
