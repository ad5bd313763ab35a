# The server products a test can ask for: where their programs are, how to enter an unpacked newer Debian release,
# and the freshly initialised data directory that every new server is copied from. Sourced by servers.sh.
# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# shellcheck source=tests/support/common.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"

product_suite() {
    case $1 in
    mariadb | postgres) ;;
    mysql97 | postgres18) echo sid ;;
    mariadb118 | postgres17) echo trixie ;;
    *) die 64 "unknown product $1: mariadb, mysql97, mariadb118, postgres, postgres17 or postgres18" ;;
    esac
}

product_title() {
    case $1 in
    mariadb) echo "MariaDB" ;;
    mysql97) echo "MySQL 9.7" ;;
    mariadb118) echo "MariaDB 11.8" ;;
    postgres) echo "PostgreSQL" ;;
    postgres*) echo "PostgreSQL ${1#postgres}" ;;
    esac
}

# The half of the test servers' code that knows the product: mysql.sh or postgres.sh.
product_family() { if [[ $1 == postgres* ]]; then echo postgres; else echo mysql; fi; }

# What the right server says when asked for its version: on Debian, mysqld may be a link to mariadbd.
product_pattern() {
    case $1 in
    mariadb) echo '^1[0-9]\..*-MariaDB' ;;
    mysql97) echo '^9\.7\.[0-9]+(-[0-9]+)?$' ;;
    mariadb118) echo '^11\.8\..*-MariaDB' ;;
    postgres) echo '^1[4-9][.a-z]' ;;
    postgres*) echo "^${1#postgres}[.a-z]" ;;
    esac
}

# product_require PRODUCT: ends the script, with 77 for a server of a newer Debian and 69 for this one's.
product_require() {
    local suite reason
    suite=$(product_suite "$1")
    if [ -z "$suite" ]; then
        server_program "$1" >/dev/null || die 69 "$(product_title "$1") is missing; scripts/setup installs it"
        return 0
    fi
    if ! matrix_ready "$suite" "$1"; then
        reason=$(cat "$FLYTT_CACHE/matrix/$1.not-run" 2>/dev/null) ||
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

# foreign_program PRODUCT PROGRAM FILE: FILE becomes a command that runs PROGRAM of the product's release in this Debian, by
# its own release's loader and libraries.
foreign_program() {
    local root libraries
    root=$(matrix_root "$(product_suite "$1")")
    libraries=$root/usr/lib/$(uname -m)-linux-gnu
    printf '#!/bin/sh\nexec "%s" --library-path "%s" "%s" "$@"\n' "$(compgen -G "$libraries/ld-linux-*.so.*" | head -n 1)" "$libraries" "$root$2" >"$3"
    chmod +x "$3"
}

# server_program PRODUCT: what is run in its release; status 1 when this Debian's is not there.
server_program() {
    case $1 in
    mysql97) echo mysqld ;;
    mariadb) program mariadbd ;;
    mariadb118) echo mariadbd ;;
    postgres*) postgres_program "$1" postgres ;;
    esac
}

# template PRODUCT: a freshly initialised data directory, made once per server version and copied ever after.
template() {
    local product=$1 version key dir work part
    # shellcheck disable=SC2046
    version=$(product_run "$product" "${TMPDIR:-/tmp}" "$(server_program "$product")" $([[ $product == postgres* ]] || echo --no-defaults) --version) || return 1
    key=$(printf '%s %s 2' "$version" "$(id -u)" | cksum | tr ' ' -)
    dir=$FLYTT_CACHE/templates/$product-$key
    if [ ! -d "$dir" ]; then
        mkdir -p "$FLYTT_CACHE/templates"
        work=$(mktemp -d "${TMPDIR:-/tmp}/flytt-template.XXXXXX")
        mkdir "$work/data"
        ("$(product_family "$product")_initialise" "$product" "$work") >"$work/log" 2>&1 || {
            say "could not initialise a $(product_title "$product"):"
            tail -n 20 "$work/log" >&2
            rm -rf "$work"
            return 1
        }
        part=$(mktemp -d "$FLYTT_CACHE/templates/part.XXXXXX")
        mv "$work/data" "$part/data"
        # Whoever comes second finds the directory taken and uses it.
        mv -T "$part/data" "$dir" 2>/dev/null || true
        rm -rf "$part" "$work"
    fi
    printf '%s\n' "$dir"
}

# shellcheck source=tests/support/mysql.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/mysql.sh"
# shellcheck source=tests/support/postgres.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/postgres.sh"
