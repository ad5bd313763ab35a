#!/usr/bin/env bash
# What a watch says of recorded counters: each state, and each way in which counters lie.
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2034 # _frames.sh reads what is set here
set -euo pipefail
# shellcheck source=tests/support/assert.sh
. "$FLYTT_SRC/tests/support/assert.sh"
# shellcheck source=tests/e2e/io-probe/_frames.sh
. "$FLYTT_SRC/tests/e2e/io-probe/_frames.sh"
use_test_dir

# last_state: of the last sample line.
last_state() { grep -oE 'sdx  [A-Z]+' "$T/out" | tail -n 2 | head -n 1 | cut -d' ' -f3; }

step "an idle disk says nothing about a load"
fresh idle && steady 12 0 2 16 1 1
watch 10
assert_contains "$OUT" "UNKNOWN  limiter: none"
assert_contains "$OUT" "the disks were idle"

step "busy within the limits passes; full and slow is saturated"
fresh busy && steady 15 10 2000 16 2 100
watch 0 -q
assert_eq "$OUT$ERR" "" "what cron would mail"
watch 0
assert_contains "$OUT" "BUSY 100.0 %"
assert_contains "$OUT" "limiter: disk"
fresh saturated && steady 4 0 100 16 1 10 && steady 15 0 600 16 60 100
watch 1 --json
assert_contains "$OUT" '"state":"SATURATED"'
assert_matches "$OUT" '"exit":1,"status":"no",.*"verdict":"FAIL","limiter":"disk"'
watch 1 -q
assert_contains "$OUT" "data: SATURATED for"
watch 10 --allow-slow 90
watch 0 --max-await 100ms

step "a stalled disk: iostat shows it with await 0"
fresh stalled && steady 6 0 100 16 1 10 && steady 4 0 0 16 0 100 7 && steady 4 0 100 16 1 10
watch 1
assert_contains "$OUT" "STALLED  util 100 %  await 0.000 ms"
assert_contains "$OUT" "7 requests wait and none ends"

step "a kernel that counts whole ticks: iostat shows 90 %, the disk is idle"
fresh ticks && steady 12 0 250 4 0 90
watch 10
assert_contains "$OUT" "IDLE 100.0 %"
watch 10 --json
assert_contains "$OUT" '"util":0,"util_raw":90'

step "the throughput falls while the disk stays full"
fresh cliff && steady 60 0 3900 48 2 100 && steady 40 0 1230 48 2 100
watch 1
assert_matches "$OUT" 'CLIFF.*from 191 to 60 MB/s'

step "a bucket of tokens: 3000 IOPS, whatever waits"
fresh plateau && steady 30 0 3000 16 5 100
watch 1
assert_contains "$OUT" "THROTTLED"
assert_contains "$OUT" "plateau at 3000 IOPS"

step "a control group at its limit, of both versions"
for version in 2 1; do
    fresh "group$version" && steady 12 0 64 16 1 5
    echo '30 22 0:30 / /cg rw - cgroup2 cgroup2 rw' >>"$R/proc/self/mountinfo"
    echo '31 22 0:31 / /cg1 rw - cgroup cgroup rw,blkio' >>"$R/proc/self/mountinfo"
    mkdir -p "$R/cg/db/mysql" "$R/cg1/db/mysql"
    if [ "$version" = 2 ]; then
        echo '0::/db/mysql' >"$R/proc/self/cgroup"
        echo '8:240 rbps=max wbps=1048576 riops=max wiops=max' >"$R/cg/db/io.max" # of the group above
    else
        echo '7:blkio:/db' >"$R/proc/self/cgroup"
        echo '8:240 1048576' >"$R/cg1/db/blkio.throttle.write_bps_device"
    fi
    for ((i = 0; i < 12; i++)); do
        D=$R/frames/$(printf %05d "$i")
        mkdir -p "$D/cg/db" "$D/cg1/db"
        echo "8:240 rbytes=0 wbytes=$((i * 1040000)) rios=0 wios=$((i * 64)) dbytes=0 dios=0" >"$D/cg/db/io.stat"
        printf '8:240 Read 0\n8:240 Write %s\nTotal 0\n' $((i * 1040000)) >"$D/cg1/db/blkio.throttle.io_service_bytes"
    done
    watch 1
    assert_contains "$OUT" "THROTTLED"
    assert_contains "$OUT" "at the limit of a control group"
done

step "an array that rebuilds"
fresh resync && steady 12 0 800 16 2 60
mkdir -p "$R/sys/dev/block/8:240/md"
echo raid1 >"$R/sys/dev/block/8:240/md/level"
echo resync >"$R/sys/dev/block/8:240/md/sync_action"
watch 10
assert_contains "$OUT" "RESYNC 100.0 %"

step "lines of 11, 15, 17 and 20 fields"
for N in 11 15 17; do
    fresh "fields$N" && steady 8 10 400 16 3 40
    watch 0
    assert_contains "$OUT" "OK  util 40 %  await"
    if [ "$N" = 17 ]; then assert_contains "$OUT" "flush 2.00 ms"; else assert_not_contains "$OUT" flush; fi
done
for file in "$R"/frames/*/proc/diskstats; do sed -i 's/$/ 1 2 3/' "$file"; done
watch 0
assert_contains "$OUT" "flush 2.00 ms"

step "counters that wrap at 32 bits, all at different times"
fresh wrap
MASK=$M32 RD=4294967000 RS=4294960000 RT=4294966000 WR=4294966000 WS=4294900000 WT=4294960000 BUSY=4294966000 WEIGHTED=4294963000
steady 12 100 400 16 3 40
MASK=$((0x7fffffffffffffff))
watch 0 --json
assert_eq "$(grep -c '"state":"OK"' "$T/out")" 11 "samples that are known"
assert_not_contains "$OUT" UNKNOWN
assert_not_contains "$OUT" e+

step "a disk that goes and comes back, one that is made anew, one that counts nothing"
fresh gone && steady 4 0 400 16 3 40 && frame 105.0 "" && frame 106.0 "" && T0=106 && steady 4 0 400 16 3 40
watch 10
assert_contains "$OUT" "the device is gone"
assert_contains "$OUT" "the device has just appeared"
fresh anew && steady 5 0 400 16 3 40 && WR=0 WS=0 WT=0 BUSY=0 WEIGHTED=0 FLUSHES=0 && steady 4 0 400 16 3 40
watch 10
assert_contains "$OUT" "the device was made anew"
fresh sequence && steady 10 0 400 16 3 40
mkdir -p "$R/frames/00005/sys/dev/block/8:240" && echo 6 >"$R/frames/00005/sys/dev/block/8:240/diskseq"
watch 10
assert_contains "$OUT" "the device was made anew"
fresh off && steady 8 0 0 16 0 0 && echo 0 >"$R/sys/dev/block/8:240/queue/iostats"
watch 10
assert_contains "$OUT" "queue/iostats is 0"
fresh turned && steady 8 0 100 16 1 5
for i in 3 4 5 6 7; do
    mkdir -p "$R/frames/0000$i/sys/dev/block/8:240/queue" && echo 0 >"$R/frames/0000$i/sys/dev/block/8:240/queue/iostats"
done
watch 10

step "a clock that jumps or stands still: nothing is computed from it"
fresh clock && steady 12 0 400 16 3 40
echo 90.0 >"$R/frames/00005/clock"
watch 0
assert_contains "$OUT" "the clock did not advance"
assert_matches "$OUT" 'UNKNOWN [0-9.]+ %'
assert_not_contains "$OUT" "util -"
fresh far && steady 12 0 400 16 3 40
for i in 06 07 08 09 10 11; do echo "$((90000 + 10#$i)).0" >"$R/frames/000$i/clock"; done
watch 0

step "too short to say; memory"
fresh short && steady 3 0 1 16 1 1
watch 10
assert_contains "$OUT" "too few to say"
run_expect 10 io-probe watch --dir /dev/shm --for 1s
assert_contains "$OUT" "tmpfs is memory"
run_expect 10 io-probe watch --dir /dev/shm --for 2s --interval 100ms --canary 100ms
assert_contains "$OUT" "commits of the canary"

step "live: the canary leaves nothing behind; --pid ends the watch; a signal ends it with the verdict"
mkdir "$T/db"
has_lines() { [ "$(wc -l <"$1")" -ge 3 ]; }
sleep 900 &
watched=$!
io-probe watch --dir "$T/db" --interval 100ms --canary 50ms --pid "$watched" >"$T/out" 2>"$T/err" &
pid=$!
within 10 has_lines "$T/out"
kill "$watched"
status=0
wait "$pid" || status=$?
assert_matches "$status" '^(0|1|10)$'
assert_contains "$(cat "$T/out")" "commits of the canary: "
assert_eq "$(ls -A "$T/db")" "" "files left behind"
env --default-signal=INT io-probe watch --dir "$T/db" --interval 50ms >"$T/signal.out" 2>"$T/err" &
pid=$!
within 10 has_lines "$T/signal.out"
# For days: under 10 MB, once started.
assert_le "$(sed -nE 's/^VmRSS:[[:space:]]+([0-9]+) kB/\1/p' "/proc/$pid/status")" 10000 "kB in memory"
kill -INT "$pid"
status=0
wait "$pid" || status=$?
assert_eq "$status" 130 "exit status after SIGINT"
assert_contains "$(cat "$T/signal.out")" "limiter: "

step "refusals"
run_expect 64 io-probe watch --dir "$T/db" --interval 1ms
run_expect 64 io-probe watch --dir "$T/db" --max-util 101
run_expect 64 io-probe watch --dir "$T/db" --pid 4194999
run_expect 64 io-probe watch --proc-root "$R" --dir /db --canary 1s
if [ "$(id -u)" = 0 ]; then
    chmod 700 "$T" && mkdir -m 755 "/tmp/flytt-probe.$$" && at_exit "rmdir /tmp/flytt-probe.$$"
    run_expect 77 env HOME=/ XDG_CONFIG_HOME=/nowhere setpriv --reuid 65534 --regid 65534 --clear-groups "$(command -v io-probe)" watch --dir "/tmp/flytt-probe.$$" --canary 1s --for 1s
    assert_contains "$ERR" "cannot write in"
fi
