#!/usr/bin/env bash
# Usage: tests/support/servers.sh start PRODUCT NAME [--addr 127.0.0.N] [--tls DIR] [OPTION=VALUE ...]
#        tests/support/servers.sh stop NAME | stop-all | list | sql NAME STATEMENT | accounts NAME [DATABASE ...]
#
# Throwaway database servers for tests: each in a directory of its own, on a loopback address and a Unix socket,
# gone afterwards. PRODUCT is
#   mariadb      this Debian's MariaDB
#   mysql97      MySQL 9.7, out of Debian sid         (scripts/setup --matrix)
#   mariadb118   MariaDB 11.8, out of Debian trixie   (scripts/setup --matrix)
#   postgres     this Debian's PostgreSQL
#   postgres17   PostgreSQL 17, out of Debian trixie  (scripts/setup --matrix)
#   postgres18   PostgreSQL 18, out of Debian sid     (scripts/setup --matrix)
# OPTION=VALUE are further lines of my.cnf or postgresql.conf; they win over ours. By hand, servers live below $FLYTT_SERVERS
# (default /tmp/flytt-servers-$UID) until they are stopped.
#
# A test sources this file instead and calls server_start or server_pair, sql, accounts_for, server_stop,
# server_restart; its servers end with it.
# For a server named a they set S_A_PORT, S_A_ADDR, S_A_SOCKET (of PostgreSQL, its directory), S_A_URL (root or postgres,
# by socket), S_A_PID, S_A_LOG, S_A_DIR, S_A_VERSION, S_A_PASSWORD (of the accounts that accounts_for made).
# A product that is not there ends the test with status 77, "not run".
# SPDX-License-Identifier: MIT
# shellcheck source=tests/support/common.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"
# shellcheck source=tests/support/products.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/products.sh"

kServers=()
kServersAtExit=no

# s_get NAME KEY: the variable S_<NAME>_<KEY>.
s_get() {
    local ref=S_${1^^}_$2
    printf '%s\n' "${!ref:-}"
}

s_set() {
    declare -g "S_${1^^}_$2=$3"
    export "S_${1^^}_$2"
}

# family NAME: the prefix of the functions that know this server's product.
family() { product_family "$(s_get "$1" PRODUCT)"; }

# sql NAME STATEMENT [DATABASE]: as root or postgres; rows on stdout, tab-separated, without headings.
sql() { "$(family "$1")_sql" "$@"; }

# sql_file NAME [DATABASE]: statements from stdin.
sql_file() { "$(family "$1")_sql_file" "$@"; }

server_config() { if [ "$(family "$1")" = mysql ]; then echo "$(s_get "$1" DIR)/my.cnf"; else echo "$(s_get "$1" DIR)/postgresql.conf"; fi; }

# up_or_dead NAME: the server answers, or has ended.
up_or_dead() { gone "$(s_get "$1" PID)" || sql "$1" 'SELECT 1' >/dev/null 2>&1; }

server_launch() {
    local name=$1 product
    product=$(s_get "$name" PRODUCT)
    # A shell function cannot be spawned: this file, called for it, becomes the server in a few execs with one pid.
    spawn "$(s_get "$name" LOG)" bash "${BASH_SOURCE[0]}" become "$product" "$(s_get "$name" DIR)"
    s_set "$name" PID "$SPAWNED"
    wait_until "${FLYTT_SERVER_TIMEOUT:-300}" up_or_dead "$name" || return 1
    alive "$SPAWNED"
}

server_failed() { # NAME TEXT
    say "server $1 ($(product_title "$(s_get "$1" PRODUCT)")): $2; the end of its log:"
    tail -n 25 "$(s_get "$1" LOG)" >&2
    exit 69
}

# server_data NAME TEMPLATE: its data directory as it was initialised, whatever was there.
server_data() {
    local dir
    dir=$(s_get "$1" DIR)
    rm -rf --one-file-system "$dir/data"
    cp -a --sparse=always --reflink=auto "$2" "$dir/data"
    "$(family "$1")_prepare" "$1" || server_failed "$1" "could not be prepared"
}

# server_start PRODUCT NAME [--addr ADDRESS] [--tls DIR] [LINE...]
server_start() {
    local product=$1 name=$2 addr=127.0.0.1 tls='' dir version source tries family
    shift 2
    while [ $# -gt 0 ]; do
        case $1 in
        --addr) addr=$2 && shift 2 ;;
        --tls) tls=$2 && shift 2 ;;
        *) break ;;
        esac
    done
    [[ $name =~ ^[a-z][a-z0-9]*$ ]] || die 64 "a server's name is lower-case letters and digits, not '$name'"
    [[ $addr == 127.* ]] || die 64 "test servers listen on loopback only, not on $addr"
    product_require "$product"
    family=$(product_family "$product")
    use_test_dir
    if [ "$kServersAtExit" = no ] && [ -z "${FLYTT_DETACH:-}" ]; then
        kServersAtExit=yes
        at_exit servers_stop_all
    fi
    dir=${FLYTT_SERVERS:-$T}/$name
    [ ! -e "$dir" ] || die 64 "there is a server $name already"
    mkdir -p "$dir/tmp"
    source=$(template "$product") || exit 69
    if [ -n "$tls" ]; then cp -a "$tls" "$dir/tls"; fi
    s_set "$name" PRODUCT "$product"
    s_set "$name" DIR "$dir"
    s_set "$name" ADDR "$addr"
    s_set "$name" TLS "${tls:+$dir/tls}"
    s_set "$name" SOCKET "$("${family}_socket" "$dir")"
    s_set "$name" LOG "$dir/log"
    for tries in 1 2 3 4 5; do
        s_set "$name" PORT "$(free_port "$addr")"
        "${family}_config" "$product" "$name" "$@" >"$(server_config "$name")"
        server_data "$name" "$source"
        if server_launch "$name"; then break; fi
        # Somebody else took the port between choosing and binding it.
        if [ "$tries" = 5 ] || ! grep -qiE 'address already in use|already have another' "$dir/log"; then
            server_failed "$name" "did not start"
        fi
    done
    kServers+=("$name")
    s_set "$name" URL "$(url_as "$name" "$(if [ "$family" = mysql ]; then echo root; else echo postgres; fi)")"
    version=$("${family}_version" "$name") || server_failed "$name" "does not say its version"
    [[ $version =~ $(product_pattern "$product") ]] || server_failed "$name" "is not what was asked for but $version"
    s_set "$name" VERSION "$version"
    server_save "$name"
}

# Kept in a file too, so that the command form finds it again.
server_save() {
    local key
    for key in PRODUCT DIR ADDR TLS SOCKET LOG URL PORT PID VERSION PASSWORD; do
        printf 'S_%s_%s=%q\n' "${1^^}" "$key" "$(s_get "$1" "$key")"
    done >"$(s_get "$1" DIR)/env"
}

# server_stop NAME [SIGNAL]: ends it and waits until it and its children have; its data stays for server_restart. Without
# a signal an orderly shutdown; with KILL, a crash.
server_stop() {
    local pid orderly children
    pid=$(s_get "$1" PID)
    read -r orderly _ <<<"$("$(family "$1")_signals")"
    children=$(pgrep -P "$pid" || true)
    kill "-${2:-$orderly}" "$pid" 2>/dev/null || true
    for pid in "$pid" $children; do wait_gone "$pid" 300 || server_failed "$1" "does not end"; done
}

# server_restart NAME [LINE...]: starts it again on its data and port, with these lines of its configuration added.
server_restart() {
    local name=$1
    shift
    if alive "$(s_get "$name" PID)"; then server_stop "$name"; fi
    [ $# -eq 0 ] || printf '%s\n' "$@" >>"$(server_config "$name")"
    server_launch "$name" || server_failed "$name" "did not start again"
    server_save "$name"
}

# servers_stop_all: at once and without ceremony, since the data is thrown away.
servers_stop_all() {
    local name pid at_once status=${kScriptStatus:-0}
    for name in "${kServers[@]}"; do
        pid=$(s_get "$name" PID)
        read -r _ at_once <<<"$("$(family "$name")_signals")"
        kill "-$at_once" "$pid" 2>/dev/null || true
        if [ "$status" != 0 ] && [ "$status" != 77 ]; then
            say "--- what server $name complained of:"
            grep -E 'ERROR|FATAL|PANIC|Warning' "$(s_get "$name" LOG)" | grep -vE 'skip-name-resolve|self signed|pid-file|starting up|not yet accepting' | tail -n 8 >&2
        fi
    done
    for name in "${kServers[@]}"; do
        pid=$(s_get "$name" PID)
        wait_gone "$pid" 120 || say "server $name (pid $pid) does not end"
        rm -rf --one-file-system "$(s_get "$name" DIR)"
    done
    kServers=()
}

# accounts_for NAME [DATABASE...]: flytt_dump, flytt_load, flytt_repl, flytt_ctl and flytt_verify with the least
# privileges that the manual names; one password for all of them, in S_<NAME>_PASSWORD. On PostgreSQL the databases are
# made where they are missing.
accounts_for() {
    local name=$1
    [ -n "$(s_get "$name" PASSWORD)" ] || s_set "$name" PASSWORD "$(od -An -tx1 -N12 /dev/urandom | tr -d ' \n')Aa1-"
    "$(family "$name")_accounts" "$@" | sql_file "$name" >/dev/null || server_failed "$name" "refused an account of the grants file"
    server_save "$name"
}

# account_statements FILE QUOTE NAME [DATABASE...]: a grants file with the password and the names filled in; a line with
# {{database}} is repeated for each.
account_statements() {
    local file=$1 quote=$2 name=$3 line database
    shift 3
    while IFS= read -r line; do
        line=${line//'{{password}}'/$(s_get "$name" PASSWORD)}
        if [[ $line == *'{{database}}'* ]]; then
            for database in "$@"; do printf '%s\n' "${line//'{{database}}'/${database//"$quote"/"$quote$quote"}}"; done
        else
            printf '%s\n' "$line"
        fi
    done <"$file"
}

# url_as NAME ACCOUNT [DATABASE] / tcp_url_as NAME ACCOUNT [DATABASE [PARAMETERS]]: the server's URL for an account.
url_as() { "$(family "$1")_url_as" "$@"; }
tcp_url_as() { "$(family "$1")_tcp_url_as" "$@"; }

# server_pair PRODUCT[:PRODUCT] [DATABASE...]: the servers old (127.0.0.2) and new (127.0.0.3, of the second product when
# there are two), of one certificate authority ($T/tls/ca.pem), with a row binlog or logical WAL each, domains of their
# own and the accounts for these databases.
server_pair() {
    local products=$1 old_lines=() new_lines=()
    shift
    if [[ $products == mariadb* ]]; then old_lines=(gtid_domain_id=1) new_lines=(gtid_domain_id=2); fi
    use_test_dir
    [ -d "$T/tls" ] || tls_make "$T/tls"
    product_require "${products#*:}"
    server_start "${products%%:*}" old --addr 127.0.0.2 --tls "$T/tls" "${old_lines[@]}"
    server_start "${products#*:}" new --addr 127.0.0.3 --tls "$T/tls" "${new_lines[@]}"
    accounts_for old "$@"
    accounts_for new "$@"
}

# tls_make DIR: a certificate authority and a server certificate for the loopback addresses and localhost:
# ca.pem server.pem server.key. Two calls make two authorities that do not trust each other.
tls_make() {
    local dir=$1
    mkdir -p "$dir"
    {
        openssl ecparam -name prime256v1 -genkey -noout -out "$dir/ca.key" &&
            openssl req -x509 -new -key "$dir/ca.key" -days 2 -subj "/CN=flytt test authority $RANDOM" -out "$dir/ca.pem" \
                -addext 'basicConstraints=critical,CA:TRUE' -addext 'keyUsage=critical,keyCertSign,cRLSign' &&
            openssl ecparam -name prime256v1 -genkey -noout -out "$dir/server.key" &&
            openssl req -new -key "$dir/server.key" -subj "/CN=localhost" -out "$dir/server.csr" &&
            openssl x509 -req -in "$dir/server.csr" -CA "$dir/ca.pem" -CAkey "$dir/ca.key" -set_serial "$RANDOM" -days 2 \
                -out "$dir/server.pem" -extfile <(printf 'subjectAltName=DNS:localhost,IP:127.0.0.1,IP:127.0.0.2,IP:127.0.0.3,IP:127.0.0.4\nextendedKeyUsage=serverAuth,clientAuth\n')
    } >"$dir/log" 2>&1 || {
        cat "$dir/log" >&2
        die 70 "openssl could not make the test certificates"
    }
    chmod 644 "$dir/server.key"
}

# ---- as a command ----

server_known() {
    [ -f "$FLYTT_SERVERS/$1/env" ] || die 64 "no server $1 in $FLYTT_SERVERS"
    # shellcheck disable=SC1090
    . "$FLYTT_SERVERS/$1/env"
    kServers+=("$1")
}

servers_main() {
    local detached=${FLYTT_DETACH:-}
    export FLYTT_DETACH=1
    FLYTT_SERVERS=${FLYTT_SERVERS:-${TMPDIR:-/tmp}/flytt-servers-$(id -u)}
    local verb=${1:-} dir
    [ $# -eq 0 ] || shift
    case $verb in
    become)
        FLYTT_DETACH=$detached "$(product_family "$1")_become" "$1" "$2"
        ;;
    start)
        mkdir -p "$FLYTT_SERVERS"
        T=$FLYTT_SERVERS
        server_start "$@"
        cat "$FLYTT_SERVERS/$2/env"
        ;;
    stop)
        server_known "$1"
        server_stop "$1"
        servers_stop_all
        ;;
    stop-all)
        for dir in "$FLYTT_SERVERS"/*/; do [ ! -f "$dir/env" ] || server_known "$(basename "$dir")"; done
        servers_stop_all
        rmdir "$FLYTT_SERVERS" 2>/dev/null || true
        ;;
    list) cat "$FLYTT_SERVERS"/*/env 2>/dev/null || true ;;
    sql)
        server_known "$1"
        sql "$1" "$2"
        ;;
    accounts)
        server_known "$1"
        accounts_for "$@"
        cat "$FLYTT_SERVERS/$1/env"
        ;;
    -h | --help) print_help "${BASH_SOURCE[0]}" ;;
    *) die 64 "unknown command '$verb'; --help lists them" ;;
    esac
}

if [ "${BASH_SOURCE[0]}" = "$0" ]; then
    set -euo pipefail
    servers_main "$@"
    exit
fi
