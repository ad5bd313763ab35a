#!/usr/bin/env bash
# A disk of the target that fills up in the middle of a load: exit status 74, naming the table; with room again the same stream
# completes the copy.
# SPDX-License-Identifier: MIT
set -euo pipefail
# shellcheck source=tests/support/servers.sh
. "$FLYTT_SRC/tests/support/servers.sh"
# shellcheck source=tests/support/assert.sh
. "$FLYTT_SRC/tests/support/assert.sh"

server_start mariadb old
server_start mariadb new
# Only the database's own files are on the small disk: a server whose redo log meets a full disk ends itself.
mkdir "$S_NEW_DIR/data/shop"
mount -t tmpfs -o size=30M tmpfs "$S_NEW_DIR/data/shop" 2>/dev/null || skip "no small disk can be mounted here"
at_exit 'umount -l "$S_NEW_DIR/data/shop"'
sql old "CREATE DATABASE shop; USE shop; CREATE TABLE shop.a (id INT PRIMARY KEY, t TEXT);
    INSERT INTO shop.a SELECT seq, REPEAT(SHA2(seq, 512), 12) FROM seq_1_to_40000"
run_expect 0 dump-stream --chunk-size 1M -o "$T/s" "$S_OLD_URL" -d shop
run_expect 74 load-stream -i "$T/s" "$S_NEW_URL"
assert_contains "$ERR" "shop.a"
assert_contains "$ERR" "Free space"
mount -o remount,size=700M "$S_NEW_DIR/data/shop"
run_expect 0 load-stream -i "$T/s" "$S_NEW_URL"
assert_sql new "CHECKSUM TABLE shop.a" "$(sql old 'CHECKSUM TABLE shop.a')"
