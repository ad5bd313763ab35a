# shellcheck shell=bash
# Starts a PRODUCT with the accounts of the manual and runs the conformance program against it.
# SPDX-License-Identifier: MIT
# shellcheck source=tests/support/servers.sh
. "$FLYTT_SRC/tests/support/servers.sh"
use_test_dir
server_start "$1" a
accounts_for a flytt_rights
export FLYTT_CONFORMANCE_URL=$S_A_URL
FLYTT_CONFORMANCE_DUMP_URL=$(url_as a flytt_dump)
FLYTT_CONFORMANCE_LOAD_URL=$(url_as a flytt_load)
export FLYTT_CONFORMANCE_DUMP_URL FLYTT_CONFORMANCE_LOAD_URL FLYTT_CONFORMANCE_PASSWORD=$S_A_PASSWORD
"$FLYTT_BIN/conformance_engine"
