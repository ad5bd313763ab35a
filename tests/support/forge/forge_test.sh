#!/usr/bin/env bash
# Forged streams are what a recipe says, and a stream that is taken apart and put together again is a good one.
# SPDX-License-Identifier: MIT
set -euo pipefail
# shellcheck source=tests/support/assert.sh
. "$FLYTT_SRC/tests/support/assert.sh"
use_test_dir

step "a good stream, written from nothing"
forge >"$T/good" <<'RECIPE'
database shop
table shop orders id:int32 note:text key=0
hello {"warnings": ["made up"]}
schema 2 shop shop CREATE DATABASE IF NOT EXISTS `shop`
schema 4 shop orders CREATE TABLE `shop`.`orders`
  (`id` int NOT NULL PRIMARY KEY, `note` text)
rows 0 2 x00 i32:-7 s:"two words" x02 i32:8
rows 0 3 3*x0209000000
table_end 0
heartbeat
end
RECIPE
run_expect 0 load-stream --check -i "$T/good"
run_expect 0 load-stream --print -i "$T/good"
assert_contains "$OUT" "two words"
assert_contains "$OUT" "-7"

step "taken apart and put together again"
printf '%s\n' "base $T/good" hello 'copy schema' 'copy rows' end | forge >"$T/again"
run_expect 0 load-stream --check -i "$T/again"
assert_eq "$(load-stream --print -i "$T/again")" "$(load-stream --print -i "$T/good")" "rows"
printf '%s\n' 'base '"$FLYTT_SRC/tests/vectors/stream/good.flytt" hello 'copy schema' 'copy rows' end | forge >"$T/vector"
run_expect 10 load-stream --check -i "$T/vector" # of an engine that only tests have
assert_contains "$OUT" "whole, but not all of it is known here"

step "a payload of several frames"
printf '%s\n' 'database d' 'table d t a:int8 b:bytes' hello 'rows 0 1 x00 i8:1 u32:3000000 3000000*"z"' 'table_end 0' end | forge >"$T/long"
run_expect 0 load-stream --check -i "$T/long"

step "lies"
printf '%s\n' hello 'end {"rows": 7}' | forge >"$T/lie"
run_expect 65 load-stream --check -i "$T/lie"
printf '%s\n' hello 'frame 77 flags=2 "skipped"' end | forge >"$T/unknown"
run_expect 0 load-stream --check -i "$T/unknown"
printf '%s\n' hello 'frame data raw_len=5000000 "x"' end | forge >"$T/length"
run_expect 65 load-stream --check -i "$T/length"
assert_contains "$ERR" "declares 5000000 bytes"
printf '%s\n' 'err {"exit":69,"message":"gave up"}' | forge >"$T/gaveup"
run_expect 69 load-stream --check -i "$T/gaveup"

step "a recipe that is wrong"
run_expect 64 forge <<<'nonsense'
run_expect 64 forge <<<'rows 0 1 y'
