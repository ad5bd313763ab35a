#!/usr/bin/env bash
# The examples do what they say: the runbook calls the tools in order, stops at the first that fails and asks before it
# changes anything; the crontab lines are silent when all is well. The tools are stand-ins that note how they were called.
# SPDX-License-Identifier: MIT
set -euo pipefail
# shellcheck source=tests/support/assert.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/../../support/assert.sh"
use_test_dir

mkdir -p "$T/bin" "$T/backup"
for tool in dump-stream load-stream replica-ctl lag-wait verify-rows; do
    cat >"$T/bin/$tool" <<'TOOL'
#!/bin/sh
echo "${0##*/} $*" >>"$CALLS"
case ${0##*/} in
dump-stream)
    while [ $# -gt 0 ]; do [ "$1" = -o ] && echo stream >"$2"; shift; done ;;
load-stream) cat >/dev/null; echo answer ;;
esac
case "${0##*/} $*" in ${FAILS:-none}*) echo "failed" >&2; exit 15 ;; esac
TOOL
    chmod +x "$T/bin/$tool"
    # The real one knows every option that the example uses.
    [ -x "$FLYTT_BIN/$tool" ] || fail "$tool is not built"
done
export VERIFY_OLD=mysql://reader@old/shop VERIFY_NEW=mysql://reader@new/shop
export CALLS=$T/calls OLD=mysql://old/shop NEW=mysql://new/shop DUMP='dump-stream mysql://old/shop' LOAD='load-stream mysql://new/'
export ASK=no REAL=$FLYTT_BIN PATH=$T/bin:$PATH

step "the runbook, to the end"
: >"$CALLS"
SOURCE_ADDRESS=10.0.0.5:3306 run_expect 0 "$FLYTT_SRC/examples/move"
assert_eq "$(sort -u "$CALLS" | wc -l)" 8 "calls"
assert_eq "$(grep -v stream "$CALLS")" "replica-ctl preflight --source-address 10.0.0.5:3306 $OLD $NEW
replica-ctl start --source-address 10.0.0.5:3306 $OLD $NEW
lag-wait --max-lag 2s --for 10s --no-progress 5m $OLD $NEW
verify-rows --live $VERIFY_OLD $VERIFY_NEW
replica-ctl switchover --dry-run --source-address 10.0.0.5:3306 $OLD $NEW
replica-ctl switchover --source-address 10.0.0.5:3306 $OLD $NEW"

step "every call is one that the tools understand"
while read -r tool args; do
    # shellcheck disable=SC2086
    HOME=$T XDG_CONFIG_HOME=$T run_expect 0 "$REAL/$tool" --show-config $args
done <"$CALLS"

step "a step that fails is the last"
: >"$CALLS"
FAILS='lag-wait' run_expect 15 "$FLYTT_SRC/examples/move"
assert_not_contains "$(cat "$CALLS")" verify-rows
: >"$CALLS"
FAILS='load-stream' run_expect 15 "$FLYTT_SRC/examples/move"
assert_not_contains "$(cat "$CALLS")" replica-ctl

step "no word, no change"
: >"$CALLS"
run_expect 13 env ASK=yes "$FLYTT_SRC/examples/move" switch </dev/null
assert_not_contains "$(cat "$CALLS")" "switchover $OLD"
run_expect 64 "$FLYTT_SRC/examples/move" swich
run_expect 64 env -u NEW "$FLYTT_SRC/examples/move"
: >"$CALLS"
run_expect 64 env -u VERIFY_NEW "$FLYTT_SRC/examples/move"
assert_eq "$(cat "$CALLS")" "" "what was done before the call was found wrong"
run_expect 0 env -u VERIFY_NEW "$FLYTT_SRC/examples/move" follow wait

# cron_command FILE: what cron would hand to the shell, with the file's own variables.
cron_command() {
    sed -nE 's/^([A-Z]+=.*)$/export \1/p' "$1"
    sed -nE "s#^[0-9*][^ ]* [^ ]+ [^ ]+ [^ ]+ [^ ]+ backup (.*)#\1#p" "$1"
}

for file in "$FLYTT_SRC"/examples/*.cron; do
    step "${file##*/}"
    : >"$CALLS"
    cron_command "$file" | sed "s#^export DIR=.*#export DIR=$T/backup#" >"$T/job"
    [ "$(wc -l <"$T/job")" -ge 3 ] || fail "no command found in $file"
    run_expect 0 sh "$T/job"
    assert_eq "$OUT$ERR" "" "what cron would mail"
    [ -s "$CALLS" ] || fail "nothing was called"
done
assert_eq "$(cat "$T/backup/shop.flytt")" stream "the backup"
cron_command "$FLYTT_SRC/examples/backup.cron" | sed "s#^export DIR=.*#export DIR=$T/backup#" >"$T/job"
echo yesterday >"$T/backup/shop.flytt"
FAILS='load-stream --check' run sh "$T/job"
assert_ne "$STATUS" 0 "status of a backup that is not whole"
assert_eq "$(cat "$T/backup/shop.flytt")" yesterday "the last good backup"
