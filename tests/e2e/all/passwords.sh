#!/usr/bin/env bash
# Every way to a password, in its order, against a server that checks it; and none of them is ever shown.
# SPDX-License-Identifier: MIT
set -euo pipefail
# shellcheck source=tests/support/servers.sh
. "$FLYTT_SRC/tests/support/servers.sh"
# shellcheck source=tests/support/assert.sh
. "$FLYTT_SRC/tests/support/assert.sh"
use_test_dir
export HOME=$T XDG_CONFIG_HOME=$T/xdg

server_start mariadb old
sql old "CREATE DATABASE shop; USE shop; CREATE TABLE shop.a (id INT PRIMARY KEY)"
accounts_for old shop
right=$S_OLD_PASSWORD
url=$(url_as old flytt_dump shop)
look() { run_expect "$1" dump-stream --dry-run "${@:2}"; }

step "none: refused, with the ways to one"
look 77 "$url"
assert_contains "$ERR" HINT

step "FLYTT_SOURCE_PASSWORD, and it beats the rest"
FLYTT_SOURCE_PASSWORD=$right look 0 "$url"
MYSQL_PWD=wrong FLYTT_SOURCE_PASSWORD=$right look 0 "$url"
MYSQL_PWD=$right FLYTT_SOURCE_PASSWORD=wrong look 77 "$url"
FLYTT_TARGET_PASSWORD=$right look 77 "$url"

step "the URL of the environment and of a file"
FLYTT_SOURCE=${url/flytt_dump@/flytt_dump:$right@} look 0
mkdir -p "$T/xdg/flytt"
printf 'source = %s\n' "${url/flytt_dump@/flytt_dump:$right@}" >"$T/xdg/flytt/config"
chmod 644 "$T/xdg/flytt/config"
look 78
assert_not_contains "$ERR" "$right"
chmod 600 "$T/xdg/flytt/config"
look 0
look 0 --show-config
assert_not_contains "$OUT" "$right"
rm "$T/xdg/flytt/config"

step "?password-file="
printf '%s\n' "$right" >"$T/password"
chmod 600 "$T/password"
look 0 "$url&password-file=$T/password"
MYSQL_PWD=wrong look 0 "$url&password-file=$T/password"
chmod 640 "$T/password"
look 78 "$url&password-file=$T/password"
assert_contains "$ERR" "chmod 600"

step "the client's option files, with a group of ours and a file of one's own"
printf '[client]\nuser=flytt_dump\npassword=wrong\n[flytt]\npassword=%s\n' "$right" >"$T/.my.cnf"
chmod 600 "$T/.my.cnf"
look 0 "$url"
look 0 "${url/flytt_dump@/}"
mv "$T/.my.cnf" "$T/own.cnf"
look 77 "$url"
look 0 "$url&defaults-file=$T/own.cnf"
look 77 "$url&defaults-file=$T/own.cnf&defaults-group=mysqldump"

step "MYSQL_PWD"
MYSQL_PWD=$right look 0 "$url"

step "asked on the terminal, shown nowhere"
if have script; then
    ask() { # PASSWORD: types it into the terminal of a dump
        : >"$T/terminal"
        asked() { grep -q Password "$T/terminal"; }
        ended() { grep -q status= "$T/terminal"; }
        {
            within 10 asked
            printf '%s\n' "$1"
            within 10 ended
        } | script -qefc "dump-stream --dry-run '$url'; echo status=\$?" "$T/terminal" >/dev/null
        cat "$T/terminal"
    }
    seen=$(ask "$right")
    assert_contains "$seen" "Password for the source mysql://flytt_dump@localhost/shop"
    assert_contains "$seen" "status=0"
    assert_not_contains "$seen" "$right"
    assert_contains "$(ask wrong)" "status=77"
fi

step "not in the list of processes"
mkfifo "$T/silent"
exec 9<>"$T/silent" # it reads, and nothing comes
FLYTT_TARGET_PASSWORD=$right load-stream "${url/flytt_dump/flytt_load}" <"$T/silent" 2>/dev/null 9>&- &
within 5 grep -q load-stream "/proc/$!/cmdline"
assert_not_contains "$(tr '\0' ' ' <"/proc/$!/cmdline")" "$right"
kill "$!"
exec 9>&-
wait "$!" || true
