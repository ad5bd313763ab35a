#!/usr/bin/env bash
# The smallest whole copy: two servers, one pipe, equal checksums. Short enough for the sanitizers.
# flytt-test: labels=asan,tsan
# SPDX-License-Identifier: MIT
set -euo pipefail
# shellcheck source=tests/support/assert.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/../../support/assert.sh"
# shellcheck source=tests/support/servers.sh
. "$FLYTT_SRC/tests/support/servers.sh"

server_pair mariadb shop
sql_file old <<'SQL'
CREATE DATABASE shop CHARACTER SET utf8mb4;
USE shop;
CREATE TABLE customer (id INT UNSIGNED AUTO_INCREMENT PRIMARY KEY, name VARCHAR(64) NOT NULL, score FLOAT, KEY by_name (name));
CREATE TABLE orders (customer INT UNSIGNED, line INT, placed DATETIME(6), note TEXT, PRIMARY KEY (customer, line),
    CONSTRAINT who FOREIGN KEY (customer) REFERENCES customer (id));
CREATE TABLE empty_one (id INT PRIMARY KEY);
INSERT INTO customer (name, score) SELECT CONCAT('name ', seq), seq / 7 FROM seq_1_to_20000;
INSERT INTO orders SELECT seq % 20000 + 1, seq, '2026-01-01' + INTERVAL seq MICROSECOND, REPEAT('x', seq % 100) FROM seq_1_to_60000;
SQL

set -o pipefail
# shellcheck disable=SC2154
export FLYTT_SOURCE_PASSWORD=$S_OLD_PASSWORD FLYTT_TARGET_PASSWORD=$S_NEW_PASSWORD
copy() { dump-stream -j 2 "$(url_as old flytt_dump shop)" | load-stream -j 2 "$(url_as new flytt_load)"; }
run_expect 0 copy

for table in customer orders empty_one; do
    assert_eq "$(sql new "CHECKSUM TABLE shop.$table")" "$(sql old "CHECKSUM TABLE shop.$table")" "checksum of $table"
    assert_eq "$(sql new "SHOW CREATE TABLE shop.$table")" "$(sql old "SHOW CREATE TABLE shop.$table")" "definition of $table"
done
