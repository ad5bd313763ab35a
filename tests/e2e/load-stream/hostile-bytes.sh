#!/usr/bin/env bash
# Streams whose bytes are out for the reader: rows that take none, payloads that take all memory, names that steer a terminal.
# SPDX-License-Identifier: MIT
set -euo pipefail
# shellcheck source=tests/support/assert.sh
. "$FLYTT_SRC/tests/support/assert.sh"
use_test_dir

# forged NAME: the stream of the recipe on stdin, in $T/NAME.
forged() { forge >"$T/$1"; }

# many COUNT TEXT: the text that often.
many() { head -c "$1" /dev/zero | sed "s/\x0/$2/g"; }

step "rows that take no bytes are 65, and no walk over them goes on for ever"
forged no-columns <<'RECIPE'
database d
table d t
hello
rows 0 1 x78
table_end 0
end
RECIPE
for mode in --check --print; do
    run_expect 65 timeout -k 5 20 load-stream "$mode" -i "$T/no-columns"
    assert_contains "$ERR" "bytes of a table without columns"
    assert_contains "$ERR" "in chunk 1 of d.t"
done

step "a stream without end is left at the time limit and at the first signal"
mkfifo "$T/endless"
for frame in heartbeat 'frame 77 flags=2 whole "what a later version may send"'; do
    { printf '%s\n' 'database d' 'table d t id:int32' hello && for ((i = 0; i < 2000; ++i)); do printf '%s\n' "$frame"; done; } | forged many
    for mode in --list --check --print; do
        run_expect 11 timeout -k 5 20 load-stream "$mode" --timeout 200ms -i <(cat "$T/many" && exec tail -f /dev/null)
        load-stream "$mode" -i "$T/endless" >"$T/out" 2>"$T/err" &
        reader=$!
        exec 3>"$T/endless" # opened by the reader too
        cat "$T/many" >&3
        kill -TERM "$reader"
        status=0
        wait "$reader" || status=$?
        exec 3>&-
        assert_eq "$status" 143 "exit status of $mode after SIGTERM"
    done
    run_expect 65 load-stream --check -i "$T/many"
    assert_contains "$ERR" "without END"
done

step "no stream takes memory that it does not fill"
# peak_of MIB EXIT STREAM: the peak of --check, which ends so.
peak_of() {
    local status=0
    command time -q -o "$T/peak" -f %M load-stream --check -i "$T/$3" >"$T/out" 2>"$T/err" || status=$?
    assert_eq "$status" "$2" "exit status of $3, which says $(head -c 500 "$T/err")"
    assert_le "$(tail -n 1 "$T/peak")" "$(($1 * 1024))" "KiB of load-stream for $3"
    [ "$(wc -c <"$T/$3")" -le 65536 ] || fail "$3 is no small stream"
}
name=$(many 500000 A) arrays=$(many 100000 '[],')
printf '%s\n' "err {\"exit\":69,\"message\":\"x\",\"x\":{\"$name\":[${arrays}0]}}" | forged err-paths
printf '%s\n' "err {\"exit\":69,\"message\":\"$name\"}" | forged err-long
printf '%s\n' "hello {\"x\":{\"$name\":[${arrays}0]}}" end | forged hello-paths
printf '%s\n' "hello {\"x\":[$(many 5000000 '[],')0]}" end | forged hello-arrays
printf '%s\n' 'hello {"x":"'"$(many 20000000 A)"'"}' end | forged hello-text
printf '%s\n' 'database d' hello "schema {\"kind\":8,\"schema\":\"d\",\"name\":\"v\",\"statement\":\"s\",\"x\":[${arrays}0]}" end | forged schema-arrays
printf '%s\n' hello "end {\"x\":[${arrays}0]}" | forged end-arrays
printf '%s\n' hello "end {\"table_rows\":[$(many 1000000 '0,')0]}" | forged end-tables
if [ -z "${FLYTT_SANITIZE:-}" ]; then
    peak_of 64 65 err-paths
    peak_of 64 69 err-long
    peak_of 64 0 hello-paths
    peak_of 160 0 hello-arrays # 15 MB of text
    peak_of 96 65 hello-text
    peak_of 64 65 schema-arrays
    peak_of 64 65 end-arrays
    peak_of 64 65 end-tables
fi

step "a chunk that says more than it may"
printf '%s\n' 'database d' 'table d t id:int8' hello 'frame 3 chunk=1 flags=1 whole x0001' "frame 4 chunk=1 u64:1 u64:2 u64:0 u64:0 u32:4294967295" | forged frames
run_expect 65 load-stream --check -i "$T/frames"
printf '%s\n' 'database d' 'table d t id:int8' hello 'frame 3 chunk=1 flags=1 whole' | forged empty-more
run_expect 65 load-stream --check -i "$T/empty-more"
assert_contains "$ERR" "frame is empty and goes on"

step "no text of a stream steers a terminal"
# ESC, carriage return, line feed, CSI of eight bits, a right-to-left override, a line separator, DEL.
E='\u001b]0;pwn\u0007\u001b[2J\r\nload-stream: loaded everything\u009b1m\u202e\u2066\u2028\u007f\tx'
{
    printf '%s\n' "table {\"schema\":\"d$E\",\"table\":\"t$E\",\"columns\":[{\"name\":\"c$E\",\"type\":\"decimal\",\"nullable\":true,\"native\":\"$E\"},{\"name\":\"b\",\"type\":\"text\",\"nullable\":true,\"native\":\"\"},{\"name\":\"j\",\"type\":\"json\",\"nullable\":true,\"native\":\"\"}],\"key\":{\"name\":\"P$E\",\"columns\":[0]},\"encoding\":\"flytt-row/1\"}"
    printf '%s\n' "hello {\"created\":\"2026$E\",\"tool_version\":\"1$E\",\"warnings\":[\"w$E\"],\"definers\":[\"u$E\"],\"databases\":[{\"name\":\"d$E\",\"charset\":\"c$E\",\"collation\":\"x$E\"}],
  \"source\":{\"product\":\"Maria$E\",\"version\":\"1$E\",\"hostname\":\"h$E\",\"uuid\":\"u$E\"},\"position\":{\"gtid\":\"0-1-1$E\",\"file\":\"f$E\",\"lsn\":\"l$E\"},
  \"scope\":{\"databases\":[\"d$E\"],\"include_tables\":[\"d*\",\"i$E\"],\"exclude_tables\":[\"e$E\"],\"where\":[{\"table\":\"t$E\",\"condition\":\"c$E\"}]}}"
    printf '%s\n' "schema {\"kind\":8,\"schema\":\"d$E\",\"name\":\"v$E\",\"parent\":\"p$E\",\"definer\":\"x$E\",\"statement\":\"CREATE VIEW \`d$E\`.\`v$E\` AS SELECT 1\"}"
} >"$T/names"
{ cat "$T/names" && printf '%s\n' "rows 0 1 x00 s:\"1$E\" s:\"$E\" s:\"$E\"" 'table_end 0' end; } | forged names-good
{ cat "$T/names" && printf '%s\n' 'rows 0 2 x00 s:"1" s:"2" s:"3"' 'table_end 0' end; } | forged names-bad
{ cat "$T/names" && printf '%s\n' 'rows 0 1 x00 s:"1" s:"2" s:"3"'; } | forged names-cut
printf '%s\n' "hello {\"format\":\"flytt$E\"}" | forged format
printf '%s\n' "hello {\"uuid\":\"$E\"}" | forged uuid
printf '%s\n' "hello {\"source\":{\"x$E\":1},\"source\":{\"version_number\":\"$E\"}}" | forged type
printf '%s\n' "err {\"exit\":69,\"message\":\"$E\",\"hint\":\"run:\\n$E\"}" | forged failure
for mode in --list --check --print '--list -v -v' '--check --progress 1h -v'; do
    for stream in names-good names-bad names-cut format uuid type failure; do
        # shellcheck disable=SC2086
        run timeout -k 5 20 load-stream $mode --color never -i "$T/$stream"
        [ "$STATUS" != 70 ] || fail "a bug: $ERR"
        assert_harmless "$T/out" "stdout of $mode of $stream"
        assert_harmless "$T/err" "stderr of $mode of $stream"
        ! grep -q '^load-stream: loaded' "$T/out" "$T/err" || fail "$mode of $stream says a forged line: $OUT $ERR"
    done
done
run_expect 0 load-stream --print -i "$T/names-good"
assert_contains "$OUT" '\x1b]0;pwn\x07\x1b[2J\r\nload-stream: loaded everything\xc2\x9b1m\xe2\x80\xae\xe2\x81\xa6\xe2\x80\xa8\x7f\tx'
assert_eq "$(wc -l <"$T/out")" 1 "lines of one row"
run_expect 69 load-stream --list -i "$T/failure"
assert_eq "$(grep -vc '^load-stream: \|^HINT: ' "$T/err" || true)" 0 "lines that do not say whose they are"

step "JSON is exact"
run_expect 0 load-stream --list --json -i "$T/names-good"
assert_contains "$OUT" '"name":"v\u001b]0;pwn\u0007\u001b[2J\r\nload-stream: loaded everything'
