# Recordings for io-probe --proc-root, made line by line. Sourced by the tests of this folder, not run.
# SPDX-License-Identifier: MIT
# shellcheck shell=bash

# recording DIR: an empty one, with one disk sdx (8:240) under / and nothing of the load around it.
recording() {
    R=$1 F=0
    mkdir -p "$R/proc/self" "$R/sys/dev/block/8:240/queue" "$R/frames"
    echo '22 1 8:240 / / rw - ext4 /dev/sdx rw' >"$R/proc/self/mountinfo"
    printf 'DEVNAME=sdx\n' >"$R/sys/dev/block/8:240/uevent"
    echo 2000000 >"$R/sys/dev/block/8:240/size"
    echo 1 >"$R/sys/dev/block/8:240/queue/iostats"
    echo 5 >"$R/sys/dev/block/8:240/diskseq"
}

# frame SECONDS "FIELDS": one sample. The fields are those of diskstats after the name; empty: the disk is not there.
frame() {
    D=$R/frames/$(printf %05d "$F")
    F=$((F + 1))
    mkdir -p "$D/proc"
    echo "$1" >"$D/clock"
    if [ -n "$2" ]; then echo " 8 240 sdx $2"; fi >"$D/proc/diskstats"
}

# steady SECONDS READS WRITES KIB_PER_WRITE AWAIT_MS UTIL_PERCENT [IN_FLIGHT]: so many samples of a second, each with so many requests.
# Counters go on from the last call; N is the number of fields of a line.
: "${N:=17}"
T0=0 RD=0 RS=0 RT=0 WR=0 WS=0 WT=0 BUSY=0 WEIGHTED=0 FLUSHES=0
steady() {
    local i line
    for ((i = 0; i < $1; i++)); do
        T0=$((T0 + 1)) RD=$((RD + $2)) RS=$((RS + $2 * 32)) RT=$((RT + $2)) WR=$((WR + $3)) WS=$((WS + $3 * $4 * 2))
        WT=$((WT + $3 * $5)) BUSY=$((BUSY + $6 * 10)) WEIGHTED=$((WEIGHTED + $3 * $5 + $2)) FLUSHES=$((FLUSHES + ($2 + $3 > 0 ? 3 : 0)))
        line="$((RD & MASK)) 0 $((RS & MASK)) $((RT & M32)) $((WR & MASK)) 0 $((WS & MASK)) $((WT & M32)) ${7:-0} $((BUSY & M32)) $((WEIGHTED & M32))"
        [ "$N" -lt 15 ] || line+=" 0 0 0 0"
        [ "$N" -lt 17 ] || line+=" $FLUSHES $((FLUSHES * 2))"
        frame "$T0.0" "$line"
    done
}
M32=$((0xffffffff)) MASK=$((0x7fffffffffffffff))

# fresh NAME: a new recording whose counters begin at the start.
fresh() {
    recording "$T/$1"
    T0=100 RD=0 RS=0 RT=0 WR=0 WS=0 WT=0 BUSY=0 WEIGHTED=0 FLUSHES=0
}

# watch EXIT [OPTION...]: plays the recording.
watch() { run_expect "$1" io-probe watch --proc-root "$R" --dir /db "${@:2}"; }
