#!/usr/bin/env bash
# Sequences of MariaDB: --data-only brings their values, and verify-rows tells one that is behind.
# SPDX-License-Identifier: MIT
set -euo pipefail
# shellcheck source=tests/support/servers.sh
. "$FLYTT_SRC/tests/support/servers.sh"
# shellcheck source=tests/support/assert.sh
. "$FLYTT_SRC/tests/support/assert.sh"

server_start mariadb old
server_start mariadb new
sql_file old <<'SQL'
CREATE DATABASE shop;
CREATE TABLE shop.orders (id int PRIMARY KEY);
INSERT INTO shop.orders VALUES (1), (2);
CREATE SEQUENCE shop.numbers CACHE 10;
CREATE SEQUENCE shop.down START WITH -1 INCREMENT BY -1 MINVALUE -1000 MAXVALUE -1 CACHE 10;
SELECT NEXTVAL(shop.numbers), NEXTVAL(shop.down);
SQL
run_expect 0 dump-stream -d shop --schema-only -o "$T/s" "$S_OLD_URL"
run_expect 0 load-stream -i "$T/s" "$S_NEW_URL"
run_expect 1 verify-rows -d shop "$S_OLD_URL" "$S_NEW_URL"
assert_contains "$OUT" "sequence shop.numbers"
assert_contains "$OUT" "sequence shop.down"
run_expect 0 dump-stream -d shop --data-only -o "$T/s" "$S_OLD_URL"
run_expect 0 load-stream -i "$T/s" "$S_NEW_URL"
run_expect 0 verify-rows -d shop "$S_OLD_URL" "$S_NEW_URL"
assert_eq "$(sql new "SELECT NEXTVAL(shop.numbers), NEXTVAL(shop.down)")" $'11\t-11'
run_expect 0 verify-rows -d shop "$S_OLD_URL" "$S_NEW_URL"
