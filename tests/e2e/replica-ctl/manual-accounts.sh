#!/usr/bin/env bash
# flytt-test: timeout=600
# SPDX-License-Identifier: MIT
set -euo pipefail
# shellcheck disable=SC2034
product=mariadb title="MariaDB 10.11"
# A transaction far ahead in the source's own domain, as a few pasted statements leave one.
write_ahead() { sql new "SET SESSION gtid_seq_no = 5000; CREATE DATABASE elsewhere"; }
# shellcheck source=tests/e2e/replica-ctl/_manual_accounts.bash
. "$(dirname -- "${BASH_SOURCE[0]}")/_manual_accounts.bash"
