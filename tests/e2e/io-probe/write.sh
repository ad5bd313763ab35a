#!/usr/bin/env bash
# Writing as a restore does: bounded, nothing left behind whatever ends it, and never a pass that a short run cannot give.
# SPDX-License-Identifier: MIT
set -euo pipefail
# shellcheck source=tests/support/assert.sh
. "$FLYTT_SRC/tests/support/assert.sh"
use_test_dir
mkdir "$T/db"
write() { run_expect "$1" io-probe write --dir "$T/db" --engine "${@:2}"; }
empty() { assert_eq "$(ls -A "$T/db")" "" "files left behind"; }

step "a short run is never a pass, however fast the disk is"
write 10 mysql --for 2s --max-commit 60s
for phase in commit extend checkpoint 'all: commit' 'all: extend' 'all: checkpoint'; do assert_matches "$OUT" "$phase +[0-9.]+ MB/s .*p99.9 "; done
assert_contains "$OUT" "UNKNOWN"
assert_contains "$OUT" "bursts are not excluded"
empty

step "who knows that there are no bursts answers for it; a prediction against a window"
write 0 mysql --for 6s --max-commit 60s --no-burst --restore-size 1M --window 1h
assert_contains "$OUT" "PASS"
assert_contains "$OUT" "restoring 1.0 MiB takes this disk at least"
write 1 postgres --for 2s --max-commit 60s --no-burst --restore-size 100T --window 1m
assert_contains "$OUT" "longer than the window of 1m 00s"
write 1 postgres --for 2s --max-commit 60s --restore-size 100T --window 1m
write 1 mysql --for 2s --max-commit 1ns

step "how long a restore takes is the question, and the time of a commit another one"
write 0 mysql --for 6s --no-burst --restore-size 1M --window 1h
assert_contains "$OUT" "within the window of"
assert_not_contains "$OUT" FAIL
write 1 mysql --for 6s --no-burst --restore-size 1M --window 1h --max-commit 1ns
assert_contains "$OUT" "the p99 of a commit is"

step "no more bytes than asked for; who has written as much as the restore needs no promise"
run io-probe write --dir "$T/db" --engine postgres --for 10m --bytes 256M --restore-size 8M --window 1h --max-commit 60s --json
assert_not_contains "$OUT" "bursts are not excluded"
assert_not_contains "$OUT" FAIL
assert_le "$(sed -nE 's/.*"event":"result".*"bytes":([0-9]+).*/\1/p' "$T/out")" $((128 * 1024 * 1024)) "bytes measured"
assert_matches "$OUT" '"amplification":2.25'

step "a signal: no file is left, and the space is free again"
env --default-signal=INT io-probe write --dir "$T/db" --engine mysql --for 10m >"$T/out" 2>"$T/err" &
pid=$!
holds_files() { [ "$(find "/proc/$pid/fd" -lname "$T/db/*" 2>/dev/null | wc -l)" -ge 1 ]; }
within 30 holds_files
kill -INT "$pid"
status=0
wait "$pid" || status=$?
assert_eq "$status" 130 "exit status after SIGINT"
empty

step "refusals"
write 64 oracle --for 1s
assert_contains "$ERR" "mysql"
run_expect 64 io-probe write --dir "$T/db"
run_expect 64 io-probe write --engine mysql
write 64 mysql --bytes 1M
write 64 mysql --window 1h
run_expect 74 io-probe write --dir "$T/none" --engine mysql

if [ "$(id -u)" != 0 ]; then echo "not run here: permissions and a full disk, which take root" && exit 0; fi
step "no permission"
mkdir -m 755 "/tmp/flytt-probe.$$" && at_exit "rmdir /tmp/flytt-probe.$$"
run_expect 77 env HOME=/ XDG_CONFIG_HOME=/nowhere setpriv --reuid 65534 --regid 65534 --clear-groups "$(command -v io-probe)" write --dir "/tmp/flytt-probe.$$" --engine mysql --for 1s
assert_contains "$ERR" "cannot write in"

step "memory is no disk, and a disk that fills up is named with what was written"
mkdir "$T/small"
mount -t tmpfs -o size=240m tmpfs "$T/small" 2>/dev/null || { echo "not run here: a full disk, no mount is allowed" && exit 0; }
at_exit "umount '$T/small'"
run_expect 10 io-probe write --dir "$T/small" --engine postgres --for 1s --no-burst --max-commit 60s
assert_contains "$OUT" "tmpfs is memory"
io-probe write --dir "$T/small" --engine postgres --for 10m >"$T/out" 2>"$T/err" &
pid=$!
begun() { [ "$(df --output=used -k "$T/small" | tail -n 1)" -gt 20000 ]; }
within 30 begun
dd if=/dev/zero of="$T/small/rest" bs=1M 2>/dev/null || true
status=0
wait "$pid" || status=$?
assert_eq "$status" 74 "exit status on a full disk"
assert_matches "$(cat "$T/err")" 'No space left.*after [0-9]+ bytes in'
run_expect 74 io-probe write --dir "$T/small" --engine postgres
assert_contains "$ERR" "too little space"
rm "$T/small/rest"
assert_eq "$(ls -A "$T/small")" "" "files left behind"
