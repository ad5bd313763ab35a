# The server products a test can ask for: where their programs are, how to enter an unpacked newer Debian release,
# and the freshly initialised data directory that every new server is copied from. Sourced by servers.sh.
# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# shellcheck source=tests/support/common.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"

product_suite() {
    case $1 in
    mariadb) ;;
    mysql97) echo sid ;;
    mariadb118) echo trixie ;;
    *) die 64 "unknown product $1: mariadb, mysql97 or mariadb118" ;;
    esac
}

product_title() {
    case $1 in
    mariadb) echo "MariaDB" ;;
    mysql97) echo "MySQL 9.7" ;;
    mariadb118) echo "MariaDB 11.8" ;;
    esac
}

# What version() of the right server looks like: on Debian, mysqld may be a link to mariadbd.
product_pattern() {
    case $1 in
    mariadb) echo '^1[0-9]\..*-MariaDB' ;;
    mysql97) echo '^9\.7\.[0-9]+(-[0-9]+)?$' ;;
    mariadb118) echo '^11\.8\..*-MariaDB' ;;
    esac
}

# product_require PRODUCT: ends the script, with 77 for a server of a newer Debian and 69 for this one's.
product_require() {
    local suite reason
    suite=$(product_suite "$1")
    if [ -z "$suite" ]; then
        have mariadbd || die 69 "mariadbd is missing; scripts/setup installs it"
        return 0
    fi
    if ! matrix_ready "$suite"; then
        reason=$(cat "$FLYTT_CACHE/matrix/$suite.not-run" 2>/dev/null) ||
            reason="$(product_title "$1") (scripts/setup --matrix has not unpacked it)"
        echo "not run: $reason"
        exit 77
    fi
    if [ "$(id -u)" != 0 ]; then
        echo "not run: $(product_title "$1") (needs root to enter the unpacked release)"
        exit 77
    fi
}

# enter_suite ROOT DIR COMMAND...: replaces this process by the command inside the unpacked release, with DIR visible
# under the same path. The mounts are this process's own and end with it, whatever ends it.
enter_suite() {
    # shellcheck disable=SC2016
    exec unshare --mount --propagation private sh -ec '
        root=$1 dir=$2; shift 2
        case $dir in
        /usr/* | /etc/* | /lib* | /bin/* | /sbin/* | /proc/* | /sys/* | /dev/*) echo "cannot run in $dir" >&2; exit 1 ;;
        /var/*) top=/var/$(printf %s "$dir" | cut -d/ -f3) ;;
        *) top=/$(printf %s "$dir" | cut -d/ -f2) ;;
        esac
        mkdir -p "$root$top"
        # The real directory first, out of the way: the tmpfs below may cover it when ROOT lies under the same top.
        mount --bind "$dir" "$root/mnt"
        mount -t tmpfs -o mode=1777 tmpfs "$root$top"
        mkdir -p "$root$dir"
        mount --move "$root/mnt" "$root$dir"
        mount -t proc proc "$root/proc"
        mount --rbind /dev "$root/dev"
        exec chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 HOME=/tmp TMPDIR="$dir" "$@"' \
        sh "$@"
}

# product_run PRODUCT DIR COMMAND...: the command of that product's release; DIR is what it may use.
product_run() {
    local suite
    suite=$(product_suite "$1")
    shift
    if [ -n "$suite" ]; then
        enter_suite "$(matrix_root "$suite")" "$@"
    else
        shift
        exec "$@"
    fi
}

server_binary() { if [ "$1" = mysql97 ]; then echo mysqld; else echo mariadbd; fi; }

# template PRODUCT: a freshly initialised data directory, made once per server version and copied ever after.
template() {
    local product=$1 version key dir part
    version=$(product_run "$product" "${TMPDIR:-/tmp}" "$(server_binary "$product")" --no-defaults --version) || return 1
    key=$(printf '%s %s 2' "$version" "$(id -u)" | cksum | tr ' ' -)
    dir=$FLYTT_CACHE/templates/$product-$key
    if [ ! -d "$dir" ]; then
        mkdir -p "$FLYTT_CACHE/templates"
        part=$(mktemp -d "$FLYTT_CACHE/templates/part.XXXXXX")
        mkdir "$part/data"
        if [ "$product" = mysql97 ]; then
            (product_run "$product" "$part" mysqld --no-defaults --initialize-insecure --user="$(id -un)" --datadir="$part/data" \
                --innodb-redo-log-capacity=64M --mysqlx=OFF --secure-file-priv=NULL) >"$part/log" 2>&1
        else
            # Its own temporary directory: a bind mount is not followed by what the script makes in /tmp.
            (product_run "$product" "$part" mariadb-install-db --no-defaults --user="$(id -un)" --datadir="$part/data" \
                --auth-root-authentication-method=normal --skip-test-db --innodb-log-file-size=64M \
                --tmpdir="$part") >"$part/log" 2>&1
        fi || {
            say "could not initialise a $(product_title "$product"):"
            tail -n 20 "$part/log" >&2
            rm -rf "$part"
            return 1
        }
        rm -f "$part/data/auto.cnf" # the server's UUID: each copy makes its own
        # Whoever comes second finds the directory taken and uses it.
        mv -T "$part/data" "$dir" 2>/dev/null || true
        rm -rf "$part"
    fi
    printf '%s\n' "$dir"
}
