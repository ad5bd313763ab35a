#!/usr/bin/env bash
# A load says 0 only of what it has read back: definitions that are not the source's are named, and the status is 10.
# SPDX-License-Identifier: MIT
set -euo pipefail
# shellcheck source=tests/support/servers.sh
. "$FLYTT_SRC/tests/support/servers.sh"
# shellcheck source=tests/support/assert.sh
. "$FLYTT_SRC/tests/support/assert.sh"
# shellcheck source=tests/e2e/load-stream/_forged.bash
. "$FLYTT_SRC/tests/e2e/load-stream/_forged.bash"
server_start mariadb new

# A stream whose HELLO says of its objects what another source would have said.
recipe() { # DEFINITIONS
    cat <<RECIPE
product mariadb
database ev
table ev t id:int32 key=0
hello {"definitions": [$1]}
schema 2 ev ev CREATE DATABASE IF NOT EXISTS \`ev\` DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci
schema 4 ev t CREATE TABLE \`ev\`.\`t\` (\`id\` int NOT NULL, PRIMARY KEY (\`id\`)) ENGINE=InnoDB
rows 0 1 x00 i32:5
table_end 0
end
RECIPE
}
other=00000000000000000000000000000000

step "another definition than the source's"
recipe "{\"kind\": 4, \"schema\": \"ev\", \"name\": \"t\", \"text\": \"$other\", \"rights\": \"\"}" | forged another
run_expect 10 load-stream -i "$T/another" "$S_NEW_URL"
assert_contains "$OUT" "table ev.t is not defined as on the source"
assert_contains "$ERR" "1 part not proven equal to the source's"
run_expect 10 load-stream -i "$T/another" "$S_NEW_URL"
assert_contains "$OUT" "is in already, and its load named parts that differ"
sql new "DROP DATABASE ev; DROP DATABASE flytt"
run_expect 10 load-stream --json -i "$T/another" "$S_NEW_URL"
assert_contains "$OUT" '"event":"unlike"'

step "an object that did not come to be"
sql new "DROP DATABASE ev; DROP DATABASE flytt"
recipe "{\"kind\": 8, \"schema\": \"ev\", \"name\": \"v\", \"text\": \"$other\", \"rights\": \"\"}" | forged missing
run_expect 10 load-stream -i "$T/missing" "$S_NEW_URL"
assert_contains "$OUT" "view ev.v is not there, and is on the source"

step "kinds that this version does not know are no difference, and a stream of an earlier version has none"
sql new "DROP DATABASE ev; DROP DATABASE flytt"
recipe "{\"kind\": 250, \"schema\": \"ev\", \"name\": \"v\", \"text\": \"$other\", \"rights\": \"\"}" | forged later
run_expect 0 load-stream -i "$T/later" "$S_NEW_URL"
sql new "DROP DATABASE ev; DROP DATABASE flytt"
recipe "" | forged earlier
run_expect 0 load-stream -i "$T/earlier" "$S_NEW_URL"
