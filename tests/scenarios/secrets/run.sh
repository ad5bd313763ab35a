#!/usr/bin/env bash
# A whole move with passwords of their own for each side and the channel. Afterwards everything that somebody else could read is
# searched for them: command lines, environments of children, core dumps, messages, journals, the ledger, the servers' logs.
# flytt-test: timeout=300
# SPDX-License-Identifier: MIT
set -euo pipefail
# shellcheck source=tests/support/assert.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/../../support/assert.sh"
# shellcheck source=tests/support/servers.sh
. "$FLYTT_SRC/tests/support/servers.sh"

product=${1:-mariadb}
server_pair "$product" shop
kind=$(family old)
# shellcheck disable=SC2154
export FLYTT_SOURCE_PASSWORD=$S_OLD_PASSWORD FLYTT_TARGET_PASSWORD=$S_NEW_PASSWORD
FLYTT_REPL_PASSWORD=Repl-$(od -An -tx1 -N10 /dev/urandom | tr -d ' \n')Aa1-
export FLYTT_REPL_PASSWORD
export -n S_OLD_PASSWORD S_NEW_PASSWORD # the test's own variables are nothing that a tool could keep back
# What a user may have set for something else; no server here takes them.
export MYSQL_PWD=own-MYSQL_PWD-of-the-user PGPASSWORD=own-PGPASSWORD-of-the-user
printf '%s\n' "$FLYTT_SOURCE_PASSWORD" "$FLYTT_TARGET_PASSWORD" "$FLYTT_REPL_PASSWORD" "$MYSQL_PWD" "$PGPASSWORD" >"$T/passwords"

none_in() { # WHAT FILE...
    local what=$1
    shift
    if grep -laF -f "$T/passwords" -- "$@" >"$T/found"; then fail "a password in $what: $(cat "$T/found")"; fi
}

# shellcheck disable=SC2154
if [ "$kind" = mysql ]; then
    sql_without() { MYSQL_PWD='' sql "$@"; }
    dumping() { [ "$(sql_without old "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE USER = 'flytt_dump'")" -gt 0 ]; }
    start=(--source-address "$S_OLD_ADDR:$S_OLD_PORT")
    for name in old new; do
        sql_without "$name" "SET sql_log_bin = 0; GRANT CREATE USER, REPLICATION SLAVE ON *.* TO flytt_ctl@'%' WITH GRANT OPTION"
        sql_without "$name" "SET GLOBAL general_log_file = '$(s_get "$name" DIR)/general.log'; SET GLOBAL general_log = 1; SET GLOBAL long_query_time = 0; SET GLOBAL slow_query_log_file = '$(s_get "$name" DIR)/slow.log'; SET GLOBAL slow_query_log = 1"
    done
    sql_without old 'CREATE DATABASE shop; USE shop; CREATE TABLE shop.item (id INT PRIMARY KEY, t MEDIUMTEXT); INSERT INTO shop.item VALUES (1, REPEAT(HEX(RANDOM_BYTES(16)), 100000)); INSERT INTO shop.item WITH RECURSIVE n AS (SELECT 2 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 1000) SELECT i, CONCAT(HEX(RANDOM_BYTES(1024)), HEX(RANDOM_BYTES(1024)), HEX(RANDOM_BYTES(1024))) FROM n'
    dump_as=flytt_dump load_as=flytt_load
else
    sql_without() { sql "$@"; }
    dumping() { [ "$(sql old "SELECT count(*) FROM pg_stat_activity WHERE usename = 'flytt_ctl' AND xact_start IS NOT NULL")" -gt 0 ]; }
    start=(--source-address "$S_OLD_ADDR:$S_OLD_PORT")
    for name in old new; do
        sql "$name" "ALTER SYSTEM SET log_statement = 'all'; ALTER SYSTEM SET log_min_duration_statement = 0; ALTER SYSTEM SET log_connections = on; ALTER SYSTEM SET log_replication_commands = on; SELECT pg_reload_conf()" >/dev/null
    done
    sql old 'CREATE TABLE item (id int PRIMARY KEY, t text); ALTER TABLE item ALTER t SET STORAGE EXTERNAL; INSERT INTO item VALUES (1, repeat(md5(random()::text), 100000)); INSERT INTO item SELECT i, (SELECT string_agg(md5(random()::text || i || k), chr(45)) FROM generate_series(1, 150) k) FROM generate_series(2, 1500) i' shop
    dump_as=flytt_ctl load_as=flytt_ctl
    # They say that they are the newest, write down how they were called, and are the real ones.
    mkdir -p "$T/seen"
    for name in pg_dump pg_restore; do
        # shellcheck disable=SC2016
        printf '#!/bin/sh\nif [ "$1" = --version ]; then echo "%s (PostgreSQL) 99.0"; else { echo "$0 $*"; env; ulimit -c; } >>"%s"; exec "%s" "$@"; fi\n' \
            "$name" "$T/said-by-$name" "$(postgres_program "$product" "$name")" >"$T/seen/$name"
        chmod +x "$T/seen/$name"
    done
    PATH=$T/seen:$PATH
fi
from=$(url_as old flytt_ctl shop) to=$(url_as new flytt_ctl shop)

step 'everything that can be said is kept'
mkdir "$T/said"
touch "$T/watching" "$T/argv"
watch_command_lines() { while [ -e "$T/watching" ]; do grep -lsaF -f "$T/passwords" /proc/[0-9]*/cmdline >>"$T/argv" || true; done; }
watch_command_lines &
at_exit 'rm -f "$T/watching"'
said=0
say_all() { # EXIT COMMAND...: once in words, with all that it has to say
    said=$((said + 1))
    run_expect "$1" "$2" -vv "${@:3}"
    cp "$T/out" "$T/said/$said.out"
    cp "$T/err" "$T/said/$said.err"
}
hook="env >>'$T/said-by-hooks'; tr '\\0' '\\n' <\"/proc/\$PPID/cmdline\" >>'$T/said-by-hooks'"

step 'a whole move'
slot=()
[ "$kind" = mysql ] || slot=(--slot move)
say_all 0 dump-stream "${slot[@]}" -o "$T/stream" "$(url_as old "$dump_as" shop)"
say_all 0 load-stream --json -i "$T/stream" "$(url_as new "$load_as" shop)"
say_all 0 replica-ctl preflight --create-repl-user --repl-user mover "${start[@]}" "$from" "$to"
say_all 0 replica-ctl start --dry-run --create-repl-user --repl-user mover "${start[@]}" "$from" "$to"
FLYTT_REPL_PASSWORD="$FLYTT_REPL_PASSWORD" say_all 0 replica-ctl start --create-repl-user --repl-user mover "${start[@]}" "$from" "$to"
say_all 0 lag-wait --zero --timeout 60s "$from" "$to"
say_all 0 verify-rows --json "$(url_as old flytt_verify shop)" "$(url_as new flytt_verify shop)"
say_all 0 replica-ctl status --json "$from" "$to"
say_all 13 replica-ctl switchover --hook-pre-fence "$hook; exit 1" --hook-rollback "$hook" "$from" "$to"
say_all 0 replica-ctl switchover --json --hook-pre-fence "$hook" --hook-post-promote "$hook" "$from" "$to"
# The old server is closed, and one product then lets nobody remove an account.
[ "$product" = mysql97 ] || say_all 0 replica-ctl drop "$from" "$to"
FLYTT_SOURCE_PASSWORD=$FLYTT_TARGET_PASSWORD say_all 77 dump-stream -o "$T/none" "$(url_as old "$dump_as" shop)"
say_all 0 dump-stream --show-config "$(url_as old "$dump_as" shop)"

step 'core dumps'
mkfifo "$T/slow"
exec 9<>"$T/slow"
mkdir "$T/cores"
# The kernel writes one for a program that does not forbid it; where it hands them to somebody else there is nothing to see.
(cd "$T/cores" && ulimit -c unlimited && sh -c 'kill -ABRT $$') >/dev/null 2>&1 || true
if compgen -G "$T/cores/core*" >/dev/null; then
    rm -f "$T"/cores/core*
    (cd "$T/cores" && ulimit -c unlimited && exec dump-stream -o "$T/slow" "$(url_as old "$dump_as" shop)") 2>/dev/null &
    dump=$!
    within 20 dumping
    kill -ABRT "$dump"
    wait "$dump" || true
    assert_eq "$(compgen -G "$T/cores/*" || true)" '' 'core dumps of a dump'
else
    say "no core dump to be had here: the kernel's core_pattern is $(cat /proc/sys/kernel/core_pattern)"
fi
exec 9>&-

step 'nothing of it is anywhere'
rm "$T/watching"
wait
assert_eq "$(cat "$T/argv")" '' 'command lines with a password'
none_in 'what the tools said' "$T"/said/*
none_in 'the stream' "$T/stream"
none_in 'the environment of hooks' "$T/said-by-hooks"
assert_contains "$(cat "$T/said-by-hooks")" FLYTT_HOOK=post-promote
none_in 'a journal' "$T"/state/flytt/*
for name in old new; do
    dir=$(s_get "$name" DIR)
    none_in "the log of $name" "$(s_get "$name" LOG)"
    if [ "$kind" = mysql ]; then
        none_in "the statement logs of $name" "$dir/general.log" "$dir/slow.log"
        assert_contains "$(cat "$dir/general.log")" 'item' 'the statement log'
        none_in "the binary log of $name" "$dir"/data/binlog.0*
        sql_without "$name" 'SELECT * FROM flytt.ledger' >"$T/ledger" 2>/dev/null || true
    else
        assert_contains "$(cat "$(s_get "$name" LOG)")" 'item' 'the statement log'
        sql "$name" 'SELECT * FROM flytt.ledger' shop >"$T/ledger" 2>/dev/null || true
    fi
    none_in "the ledger of $name" "$T/ledger"
done
[ "$kind" = mysql ] && exit 0

step 'pg_dump and pg_restore know the password of their server, and no other'
for name in pg_dump:$FLYTT_SOURCE_PASSWORD pg_restore:$FLYTT_TARGET_PASSWORD; do
    seen=$(cat "$T/said-by-${name%%:*}")
    assert_contains "$seen" "PGPASSWORD=${name#*:}" "what ${name%%:*} was given"
    assert_eq "$(grep -aF -f "$T/passwords" <<<"$seen" | sort -u)" "PGPASSWORD=${name#*:}" "passwords that ${name%%:*} saw"
    assert_eq "$(tail -n 1 <<<"$seen")" 0 "core limit of ${name%%:*}"
done
