# shellcheck shell=bash
# Starts a PRODUCT with the accounts of the manual and runs the contract's program against it. Further words go to the
# program, such as the name of one test.
# SPDX-License-Identifier: MIT
# shellcheck source=tests/support/servers.sh
. "$FLYTT_SRC/tests/support/servers.sh"
use_test_dir
server_start "$1" a
accounts_for a contract
[ "$(family a)" = mysql ] || postgres_clients "$1"
# The superuser by the socket, and a database of the program's own that it may empty.
if [ "$(family a)" = mysql ]; then
    sql a 'CREATE DATABASE contract'
    FLYTT_CONTRACT_URL=$(url_as a root contract)
else
    FLYTT_CONTRACT_URL=$(url_as a postgres contract)
fi
export FLYTT_CONTRACT_URL FLYTT_CONTRACT_PASSWORD=$S_A_PASSWORD
"$FLYTT_BIN/conformance_contract" "${@:2}"
