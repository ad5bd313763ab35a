#!/usr/bin/env bash
# The move of the shop that scripts/demo shows; the programs are in $FLYTT_BIN, $orders says how large the shop is, $from
# and $to which products it moves between.
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2317
# shellcheck disable=SC2154 # the product's own file sets what begins with k
set -euo pipefail
# shellcheck source=tests/support/servers.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/../servers.sh"
# shellcheck source=tests/support/sshd.sh
. "$FLYTT_SRC/tests/support/sshd.sh"
# shellcheck disable=SC2154
: "${orders:=600000}" "${from:=mariadb}" "${to:=$from}"
started=${EPOCHREALTIME/./}

# seconds SINCE: as text; times are microseconds.
seconds() { awk -v a="$1" -v b="${EPOCHREALTIME/./}" 'BEGIN { printf "%.1f", (b - a) / 1e6 }'; }

# tell TEXT...: one line of the timeline.
tell() { printf '%6s s  %s\n' "$(seconds "$started")" "$*"; }

# attended COMMAND...: in a process group of its own that ends with us at once, whatever it is at.
attended=''
attended() {
    local status=0
    set -m
    "$@" </dev/null &
    attended=$!
    set +m
    wait "$attended" || status=$?
    attended=''
    return "$status"
}
attended_end() {
    [ -n "$attended" ] || return 0
    kill -TERM -- "-$attended" 2>/dev/null
    wait_gone "$attended" 5 || kill -KILL -- "-$attended" 2>/dev/null
}

# step NAME COMMAND...: attended, its words kept in $T/NAME.out and .err and shown when it fails.
step() {
    local name=$1 status=0
    shift
    attended "$@" >"$T/$name.out" 2>"$T/$name.err" || status=$?
    [ "$status" = 0 ] && return
    tell "$name FAILED with exit status $status:"
    { grep -hv '"event":"progress"' "$T/$name.out" "$T/$name.err" || true; } | tail -n 30
    exit 1
}

# number FIELD FILE: of the last line of --json output that has the field.
number() { grep -o "\"$1\":[0-9.]*" "$2" | tail -n 1 | cut -d: -f2; }
total() { { grep -o "\"$1\":[0-9]*" "$2" || true; } | awk -F: '{ s += $2 } END { printf "%.0f", s }'; }
megabytes() { awk -v n="${1:-0}" 'BEGIN { printf "%.0f MB", n / 1e6 }'; }
per_second() { awk -v n="${1:-0}" -v s="$2" 'BEGIN { printf "%.0f MB/s", n / 1e6 / (s + 0.001) }'; }

start_servers() {
    tls_make "$T/tls"
    server_start "$from" old --addr 127.0.0.2 --tls "$T/tls" "${kSettings[@]}"
    server_start "$to" new --addr 127.0.0.3 --tls "$T/tls" "${kSettings[@]}"
    make_accounts old
    make_accounts new
    sshd_start --addr 127.0.0.2
}

# tills NAME DATABASE TABLE THREADS ADDRESS-FILE: writes until the end; the log is $T/NAME.log.
tills() {
    : >"$T/$1.log"
    MYSQL_PWD=$app_password PGPASSWORD=$app_password spawn "$T/$1.err" ackwriter run --servers "$5" --user shop_app --database "$2" --table "$3" \
        --ssl-ca "$T/tls/ca.pem" --log "$T/$1.log" --threads "$4" --rate 50
    declare -g "$1_pid=$SPAWNED"
    wait_until 20 grep -q acked "$T/$1.log" || { cat "$T/$1.err" && exit 1; }
}

acked() { grep -c 'acked$' "$T/$1.log" || true; }
acked_by() { grep -q "$2	acked\$" "$T/$1.log"; }

many_acked_by() { [ "$(grep -c "$2	acked\$" "$T/$1.log")" -gt 200 ]; }

witness() { # LOG DATABASE TABLE ADDRESS
    MYSQL_PWD=$app_password PGPASSWORD=$app_password ackwriter check --log "$T/$1.log" --server "$4" --user shop_app --database "$2" --table "$3" --ssl-ca "$T/tls/ca.pem"
}

copy() {
    ssh -F "$SSH_CONFIG" old "${kDump[@]}" "'$(url_as old flytt_dump shop)'" 2>"$T/dump.json" |
        load-stream --json "$(url_as new flytt_load shop)" || {
        cat "$T/dump.json" >&2
        return 1
    }
}

use_test_dir
at_exit attended_end
family=$(product_family "$from")
shop=$FLYTT_SRC/tests/support/shop/$family
app_password=Till-$(od -An -tx1 -N8 /dev/urandom | tr -d ' \n')

# shellcheck source=tests/support/shop/postgres.sh
. "$shop.sh"
product_require "$to"

tell "two $kTitle servers with TLS, an sshd, accounts of the least privileges"
start_servers
# shellcheck disable=SC2154
old_address=$S_OLD_ADDR:$S_OLD_PORT new_address=$S_NEW_ADDR:$S_NEW_PORT
export FLYTT_SOURCE_PASSWORD=$S_OLD_PASSWORD FLYTT_TARGET_PASSWORD=$S_NEW_PASSWORD FLYTT_REPL_PASSWORD=$S_OLD_PASSWORD
url() { tcp_url_as "$1" "$2" shop "$kVerified"; }
tell "$kTitle ${S_OLD_VERSION%% *}: old at $old_address; $kTitle ${S_NEW_VERSION%% *}: new at $new_address"
old_till=$(till_address "$old_address") new_till=$(till_address "$new_address")
# What the new server takes the old one by, in its own file system.
channel=(--source-address "$old_address" --channel-ssl-ca "$S_NEW_TLS/ca.pem")

step fill fill_shop
tell "the shop is filled: $(megabytes "$(shop_bytes)") with its indexes; beside it the database books, which stays"

echo "$old_till" >"$T/where-the-shop-is"
echo "$old_till" >"$T/where-the-books-are"
tills shop shop checkout 4 "$T/where-the-shop-is"
tills books books ledger 1 "$T/where-the-books-are"
tell "tills and bookkeepers write"

before=${EPOCHREALTIME/./}
step copy copy
took=$(seconds "$before")
tell "copied: ssh old dump-stream … | load-stream …"
tell "    $(number rows "$T/dump.json") rows, $(megabytes "$(number bytes "$T/dump.json")") of rows, $(megabytes "$(number stream_bytes "$T/dump.json")") through the pipe, in $took s: $(per_second "$(number bytes "$T/dump.json")" "$took")"
tell "    meanwhile $(acked shop) writes to the shop and $(acked books) to the books were acknowledged"

step preflight replica-ctl preflight "${channel[@]}" "$(url old flytt_ctl)" "$(url new flytt_ctl)"
before=${EPOCHREALTIME/./}
step start replica-ctl start "${channel[@]}" "$(url old flytt_ctl)" "$(url new flytt_ctl)"
step wait lag-wait --zero --no-progress 60s "$(url old flytt_ctl)" "$(url new flytt_ctl)"
tell "the new server follows, and had caught up within $(seconds "$before") s: $(tail -n 1 "$T/wait.out")"

before=${EPOCHREALTIME/./}
step verify verify-rows --live --json "$(url old flytt_verify)" "$(url new flytt_verify)"
tell "verified while both are in use: $(total source_rows "$T/verify.out") rows of $(number equal "$T/verify.out") tables are equal, in $(seconds "$before") s"
step wait lag-wait --zero --no-progress 60s "$(url old flytt_ctl)" "$(url new flytt_ctl)"
tell "lag: $(tail -n 1 "$T/wait.out")"

cat >"$T/hook" <<'HOOK'
#!/bin/sh
# What a proxy, a service registry or a DNS server would be told.
set -e
printf '%s\n' "$DEMO_NEW" >"$DEMO_FILE.next"
mv "$DEMO_FILE.next" "$DEMO_FILE"
HOOK
chmod +x "$T/hook"
export DEMO_NEW=$new_till DEMO_FILE=$T/where-the-shop-is
before=${EPOCHREALTIME/./}
step switchover replica-ctl switchover --hook-post-promote "$T/hook" "$(url old flytt_ctl)" "$(url new flytt_ctl)"
tell "switched over in $(seconds "$before") s:"
sed 's/^/              /' "$T/switchover.out"
wait_until 20 acked_by shop "$new_till" || { tell "no till reached the new server"; exit 1; }
wait_until 5 many_acked_by shop "$new_till" || true
# shellcheck disable=SC2154
kill -TERM "$shop_pid" "$books_pid"
wait_gone "$shop_pid" && wait_gone "$books_pid"

status=0
witness books books ledger "$old_till" >"$T/books.verdict" || status=1
tell "the books, still on the old server: $(head -n 1 "$T/books.verdict"); $(tail -n 1 "$T/books.verdict")"
witness shop shop checkout "$new_till" >"$T/shop.verdict" || status=1
tell "the shop, on the new server, against the log of its tills:"
head -n -1 "$T/shop.verdict" | sed 's/^/              /'
tail -n 1 "$T/shop.verdict"
exit "$status"
