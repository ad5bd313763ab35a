#!/usr/bin/env bash
# From the same counters io-probe computes what iostat computes, to 2 %. iostat is shown them in a mount namespace of its own: its
# first report is since boot, so a boot that was ten seconds ago and counters that began at 0 make one sample of ten seconds.
# SPDX-License-Identifier: MIT
set -euo pipefail
# shellcheck source=tests/support/assert.sh
. "$FLYTT_SRC/tests/support/assert.sh"
# shellcheck source=tests/e2e/io-probe/_frames.sh
. "$FLYTT_SRC/tests/e2e/io-probe/_frames.sh"
have iostat || skip "iostat is not there (package sysstat)"
unshare --mount true 2>/dev/null || skip "no mount namespace may be made here"
use_test_dir
disk=$(awk '$3 !~ /^(loop|ram|zram)/ { print $3; exit }' /proc/diskstats)
[ -n "$disk" ] || skip "this host shows no disk, and iostat knows only those of this host"

# both FIELDS: iostat's and io-probe's numbers of these counters, in $T/theirs and $T/ours as "NAME VALUE".
both() {
    local numbers
    numbers=$(awk -v d="$disk" '$3 == d { print $1, $2 }' /proc/diskstats)
    printf '%s %s %s\n' "$numbers" "$disk" "$1" >"$T/diskstats"
    echo "10.00 5.00" >"$T/uptime"
    # shellcheck disable=SC2016
    LC_ALL=C unshare --mount sh -c 'mount --bind "$1" /proc/diskstats && mount --bind "$2" /proc/uptime && iostat -dxk -p ALL' sh "$T/diskstats" "$T/uptime" >"$T/iostat"
    awk -v d="$disk" '$1 == "Device" { split($0, head) } $1 == d { for (i = 2; i <= NF; i++) print head[i], $i }' "$T/iostat" >"$T/theirs"
    rm -rf "$T/disk" && recording "$T/disk"
    # The other frames only make the run long enough for a verdict.
    frame 0.0 "$(sed -E 's/[0-9]+/0/g' <<<"$1")"
    frame 10.0 "$1"
    run io-probe watch --proc-root "$R" --dir /db --json
    grep '"event":"sample"' "$T/out" | tr ',{}' '\n\n\n' | sed -nE 's/^"([a-z_]+)":([-0-9.e+]+)$/\1 \2/p' >"$T/ours"
}

# same THEIRS OURS FACTOR: within 2 %, or what iostat rounds away.
same() {
    local theirs ours
    theirs=$(awk -v n="$1" '$1 == n { print $2 }' "$T/theirs")
    ours=$(awk -v n="$2" '$1 == n { print $2 }' "$T/ours")
    [ -n "$theirs" ] || fail "iostat shows no $1: $(cat "$T/iostat")"
    [ -n "$ours" ] || fail "io-probe has no $2"
    awk -v a="$theirs" -v b="$ours" -v f="$3" 'BEGIN { b *= f; d = a > b ? a - b : b - a; exit !(d <= 0.02 * (a > b ? a : b) + 0.006) }' ||
        fail "$1 of iostat is $theirs, $2 of io-probe is $ours (times $3)"
}

for fields in \
    "1000 10 64000 4000 20000 300 1280000 90000 3 8700 94000 0 0 0 0 500 1500" \
    "50000 0 400000 25000 10 0 80 30 0 9100 25030 0 0 0 0 0 0" \
    "0 0 0 0 7000 0 14336000 350000 12 10000 350000 0 0 0 0 40 2000"; do
    step "counters $fields"
    both "$fields"
    same r/s reads_per_second 1
    same w/s writes_per_second 1
    same rkB/s read_bytes_per_second 0.0009765625
    same wkB/s write_bytes_per_second 0.0009765625
    same r_await read_await_ms 1
    same w_await write_await_ms 1
    same aqu-sz queue 1
    same %util util_raw 1
    same %util util 1
    [ "${fields##* }" = 0 ] || same f_await flush_await_ms 1
done

step "where iostat is wrong: requests wait for ten seconds and none ends"
both "0 0 0 0 0 0 0 0 9 10000 0 0 0 0 0 0 0"
assert_eq "$(awk '$1 == "w_await" { print $2 }' "$T/theirs")" 0.00 "await of iostat"
