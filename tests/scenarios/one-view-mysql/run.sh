#!/usr/bin/env bash
# The scenario one-view between two MySQL 9.7.
# flytt-test: labels=matrix
# SPDX-License-Identifier: MIT
set -euo pipefail
exec bash "$(dirname -- "${BASH_SOURCE[0]}")/../one-view/run.sh" mysql97
