#!/usr/bin/env bash
# A stream that is cut at any byte, or in which any byte is changed, is exit 65 and says where; the whole one then completes.
# SPDX-License-Identifier: MIT
set -euo pipefail
# shellcheck source=tests/support/servers.sh
. "$FLYTT_SRC/tests/support/servers.sh"
# shellcheck source=tests/support/assert.sh
. "$FLYTT_SRC/tests/support/assert.sh"

server_start mariadb old
server_start mariadb new
sql old "CREATE DATABASE shop; USE shop; CREATE TABLE shop.orders (id INT PRIMARY KEY, note VARCHAR(100), KEY n (note));
    INSERT INTO shop.orders SELECT seq, SHA2(seq, 256) FROM seq_1_to_40000;
    CREATE TABLE shop.items (id INT PRIMARY KEY, v INT); INSERT INTO shop.items SELECT seq, seq FROM seq_1_to_5000;
    ANALYZE TABLE shop.orders PERSISTENT FOR ALL" >/dev/null # a table that is known to be small keeps its keys from the start
run_expect 0 dump-stream --chunk-size 256K -o "$T/whole" "$S_OLD_URL" -d shop
size=$(stat -c %s "$T/whole")

# damaged KIND OFFSET: writes $T/bad.
damaged() {
    case $1 in
    cut) head -c "$2" "$T/whole" >"$T/bad" ;;
    changed)
        cp "$T/whole" "$T/bad"
        local byte
        byte=$(od -An -tu1 -j "$2" -N1 "$T/whole" | tr -d ' ')
        printf '%b' "\\x$(printf '%02x' $((byte ^ 0x41)))" | dd of="$T/bad" bs=1 seek="$2" conv=notrunc status=none
        ;;
    esac
}

step "--check finds every damage"
for ((i = 0; i < 60; i++)); do
    offset=$((i < 20 ? i * 97 : (RANDOM * 32768 + RANDOM) % size))
    damaged cut "$offset"
    run_expect 65 load-stream --check -i "$T/bad"
    damaged changed "$offset"
    run_expect 65 load-stream --check -i "$T/bad"
done
damaged cut $((size / 2))
run_expect 65 load-stream --check -i "$T/bad"
assert_matches "$ERR" 'chunk [0-9]+'

step "loading stops at the damage, and the whole stream completes the copy"
for kind in cut changed; do
    damaged "$kind" $((size * 2 / 3))
    run_expect 65 load-stream -i "$T/bad" "$S_NEW_URL"
    assert_matches "$ERR" 'chunk [0-9]+'
    assert_sql new "SELECT COUNT(*) FROM information_schema.STATISTICS WHERE TABLE_SCHEMA='shop' AND INDEX_NAME='n'" 0
done
run_expect 0 load-stream -i "$T/whole" "$S_NEW_URL"
assert_sql new "CHECKSUM TABLE shop.orders, shop.items" "$(sql old 'CHECKSUM TABLE shop.orders, shop.items')"
assert_sql new "SELECT COUNT(*) FROM information_schema.STATISTICS WHERE TABLE_SCHEMA='shop' AND INDEX_NAME='n'" 1

step "once more the same stream: nothing is done twice"
run_expect 0 load-stream -i "$T/whole" "$S_NEW_URL"
assert_sql new "SELECT COUNT(*) FROM shop.orders" 40000

step "an empty input and a text file are no streams"
run_expect 65 load-stream "$S_NEW_URL" </dev/null
run_expect 65 load-stream --check -i "$FLYTT_SRC/README.md"
