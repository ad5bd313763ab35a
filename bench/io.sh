#!/usr/bin/env bash
# io-probe beside fio, its prediction beside a real restore, and what watching costs. Called by scripts/bench, which explains
# itself: bench/io.sh SECONDS ROWS
# SPDX-License-Identifier: MIT
set -euo pipefail
# shellcheck source=tests/support/servers.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/../tests/support/servers.sh"
seconds=$1 rows=$2
use_test_dir
mkdir "$T/db"
kMeasure=$FLYTT_BIN/bench-measure
kRounds=6

# record NAME KEY: a number out of io-probe's records in $T/probe.json.
record() { sed -nE "s/.*\"event\":\"$1\".*\"$2\":([0-9.e+]+).*/\1/p" "$T/probe.json" | tail -n 1; }
phase() { sed -nE "s/.*\"event\":\"phase\",\"name\":\"$1\",.*\"$2\":([0-9.e+]+).*/\1/p" "$T/probe.json" | tail -n 1; }

# One part alone by fio: fio_part NAME OPTION...; its line "BYTES_PER_SECOND IOPS".
fio_part() {
    local name=$1
    shift
    fio --name="$name" --directory="$T/db" --time_based --runtime="$((seconds * 15 / 100))" --unlink=1 --refill_buffers=1 --ioengine=psync --thread \
        --group_reporting --output-format=terse --terse-version=3 --fallocate=none "$@" 2>/dev/null | grep '^3;' | awk -F';' '{ printf "%.0f %.0f\n", $48 * 1024, $49 }'
    rm -f "$T/db/$name".*
    sync -f "$T/db" # or the disk gives back its gigabytes while the next one writes
}

# median NAME: of the numbers in $T/rounds/NAME, and the least and greatest of them.
median() { sort -g "$T/rounds/$1" | awk '{ v[NR] = $1 } END { m = int((NR + 1) / 2); printf "%.2f (%.2f to %.2f)", NR % 2 ? v[m] : (v[m] + v[m + 1]) / 2, v[1], v[NR] }'; }

compare() { # PART OURS THEIRS UNIT
    awk -v a="$2" -v b="$3" 'BEGIN { print (b > 0 ? a / b : 0) }' >>"$T/rounds/$1"
    printf '%-34s %12.1f %12.1f   %5.2f  %s\n' "$1" "$2" "$3" "$(tail -n 1 "$T/rounds/$1")" "$4"
}

ours() {
    io-probe write --dir "$T/db" --engine mysql --for "${seconds}s" --no-burst --json >"$T/probe.json" || true
    sync -f "$T/db"
}

theirs() {
    # The log is there before it is written to, as io-probe has it.
    fio --name=commit --directory="$T/db" --rw=write --bs=1M --size=64M --ioengine=psync --end_fsync=1 --output=/dev/null
    fio_commit=$(fio_part commit --rw=write --bs=4k --size=64M --fdatasync=1 --overwrite=1)
    fio_extend=$(fio_part extend --rw=write --bs=1M --size=4G --fdatasync=16 --file_append=0)
    fio_pages=$(fio_part pages --rw=randwrite --bs=16k --size=512M --numjobs=2 --direct=1 --fdatasync=128 --norandommap --overwrite=1)
}

# Rounds in turns, now this one first and now that one: a shared disk is another one from second to second, and what was deleted
# before slows what comes after. Only the median says something.
beside_fio() {
    local i part fio_commit fio_extend fio_pages
    mkdir "$T/rounds"
    printf '\nWriting alone, %s s each, io-probe and fio in %s turns on the same directory\n' "$((seconds * 15 / 100))" "$kRounds"
    printf '%-34s %12s %12s   %5s\n' '' io-probe fio ratio
    for ((i = 0; i < kRounds; i++)); do
        if ((i % 2)); then theirs && ours; else ours && theirs; fi
        compare commits "$(awk -v b="$(phase commit units)" -v s="$(phase commit seconds)" 'BEGIN { print b / s }')" "${fio_commit#* }" 'commits/s'
        compare extend "$(awk -v b="$(phase extend bytes_per_second)" 'BEGIN { print b / 1e6 }')" "$(awk -v b="${fio_extend% *}" 'BEGIN { print b / 1e6 }')" 'MB/s'
        # io-probe writes each page twice, as the engine does; fio's job does it once: bytes are compared.
        compare checkpoint "$(awk -v b="$(phase checkpoint bytes_per_second)" 'BEGIN { print b / 1e6 }')" "$(awk -v b="${fio_pages% *}" 'BEGIN { print b / 1e6 }')" 'MB/s'
    done
    for part in commits extend checkpoint; do printf 'median of %s: %s\n' "$part" "$(median "$part")"; done
}

# restore LIMIT: load-stream into a fresh server while watch looks on; with LIMIT bytes a second the disk is made the limit.
restore() {
    local limit=$1 group='' begin end
    server_start mariadb "target$2" innodb_buffer_pool_size=64M innodb_flush_log_at_trx_commit=1 sync_binlog=1
    local pid socket written
    pid=$(s_get "target$2" PID) socket=$(s_get "target$2" SOCKET)
    if [ "$limit" != 0 ]; then
        group=/sys/fs/cgroup/blkio/flytt-bench-$$
        mkdir "$group"
        at_exit "rmdir $group 2>/dev/null"
        echo "$(stat -c '%Hd:%Ld' "$T") $limit" >"$group/blkio.throttle.write_bps_device"
        echo "$pid" >"$group/cgroup.procs"
    fi
    # Measured under the same limit as the server.
    bash -c '[ -z "$0" ] || echo $$ >"$0/cgroup.procs"; exec io-probe write --dir "$1" --engine mysql --for 20s --no-burst --max-commit 10s --restore-size "$2" --json' "$group" "$T/db" "$bytes" >"$T/probe.json" || true
    written=$(sed -nE 's/^write_bytes: //p' "/proc/$pid/io")
    begin=${EPOCHREALTIME/./}
    load-stream -i "$T/stream" "mysql://root@localhost/?socket=$socket" >/dev/null &
    local load=$!
    io-probe watch --db "mysql://root@localhost/?socket=$socket" --pid "$load" --json >"$T/watch.json" || true
    wait "$load"
    end=${EPOCHREALTIME/./}
    written=$(($(sed -nE 's/^write_bytes: //p' "/proc/$pid/io") - written))
    local predicted actual
    predicted=$(record result predicted_seconds)
    actual=$(awk -v a="$begin" -v b="$end" 'BEGIN { printf "%.1f", (b - a) / 1e6 }')
    printf '%-34s predicted %6.1f s  actual %6.1f s  ratio %5.2f  written %4.2f bytes a byte  verdict %s  limiter %s\n' "$3" "$predicted" "$actual" \
        "$(awk -v a="$predicted" -v b="$actual" 'BEGIN { print a / b }')" "$(awk -v a="$written" -v b="$bytes" 'BEGIN { print a / b }')" \
        "$(sed -nE 's/.*"verdict":"([A-Z]+)".*/\1/p' "$T/watch.json" | tail -n 1)" "$(sed -nE 's/.*"event":"result".*"limiter":"([a-z]+)".*/\1/p' "$T/watch.json" | tail -n 1)"
    server_stop "target$2" KILL
    [ -z "$group" ] || rmdir "$group"
}

beside_a_restore() {
    server_start mariadb source innodb_buffer_pool_size=512M
    say "filling the source"
    sql source 'CREATE DATABASE bench'
    { printf 'SET SESSION sql_log_bin = 0; SET @rows = %s;\n' "$rows" && cat "$FLYTT_SRC/bench/data/numbers.sql" "$FLYTT_SRC/bench/data/wide.sql"; } | sql_file source bench
    sql source 'DROP TABLE bench.numbers'
    bytes=$(du -sb "$S_SOURCE_DIR/data/bench" | cut -f1)
    dump-stream -o "$T/stream" "mysql://root@localhost/bench?socket=$S_SOURCE_SOCKET"
    server_stop source KILL
    printf '\nA restore of %s rows, %s bytes on disk, by load-stream; predicted by io-probe write on the same directory\n' "$rows" "$bytes"
    restore 0 free "the disk as it is"
    if [ "$(id -u)" = 0 ] && [ -w /sys/fs/cgroup/blkio ]; then
        restore 30000000 slow "held to 30 MB/s by its control group"
    else
        echo "not run: a restore on a disk that is made slow (takes root and blkio of control groups, version 1)"
    fi
}

cost_of_watching() {
    "$kMeasure" "$T/used" bash -c 'echo $$ >"$0/pid"; exec io-probe watch --dir "$0/db" --canary 1s --for "$1s" --json' "$T" "$seconds" |
        while read -r _; do sed -nE 's/^VmRSS:[[:space:]]+([0-9]+) kB/\1/p' "/proc/$(<"$T/pid")/status" 2>/dev/null; done >"$T/memory" || true
    awk -v s="$seconds" -v kb="$(tail -n 2 "$T/memory" | head -n 1)" \
        '{ printf "\nWatching at 1 s with a canary for %s s: %.3f %% of a core, %.1f MB in memory, %.1f MB at the start\n", s, ($1 + $2) / s * 100, kb * 1.024 / 1000, $3 * 1.024 / 1000 }' "$T/used"
}

cost_of_watching
if have fio; then beside_fio; else echo "not run: fio is not there (package fio)"; fi
beside_a_restore
