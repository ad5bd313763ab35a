#!/usr/bin/env bash
# flytt-test: timeout=600
# SPDX-License-Identifier: MIT
set -euo pipefail
# shellcheck disable=SC2034
product=mysql97 title="MySQL 8.0"
# A transaction of the source that the target has and the copy has not.
write_ahead() { sql new "SET SESSION gtid_next = '$(sql old 'SELECT @@GLOBAL.server_uuid'):5000'; BEGIN; COMMIT; SET SESSION gtid_next = 'AUTOMATIC'"; }
# shellcheck source=tests/e2e/replica-ctl/_manual_accounts.bash
. "$(dirname -- "${BASH_SOURCE[0]}")/_manual_accounts.bash"
