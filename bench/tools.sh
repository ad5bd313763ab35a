# How each tool copies the database bench from the server source to the server target. Each run_X leaves what its programs
# took in $T/work/*.used; one that dumps to disk first stamps $T/work/loading in between. Sourced by bench/mysql.sh.
# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2154
kMeasure=$FLYTT_BIN/bench-measure

title() {
    case $1 in
    flytt) echo "dump-stream | load-stream (2 jobs, zstd:1)" ;;
    pipe) if [ "$product" = mysql97 ]; then echo "mysqldump --single-transaction | mysql"; else echo "mariadb-dump --single-transaction | mariadb"; fi ;;
    mydumper) echo "mydumper $(mydumper_version) + myloader (2 threads$(mydumper_new && echo ', zstd'))" ;;
    esac
}

# found_tools LIST: those that are there; the others are named.
found_tools() {
    local tool found=()
    for tool in ${1//,/ }; do
        if [ "$tool" = mydumper ] && ! { have mydumper && have myloader; }; then
            say "not run: mydumper (not on PATH)"
        else
            found+=("$tool")
        fi
    done
    (IFS=, && echo "${found[*]}")
}

run_flytt() {
    "$kMeasure" "$T/work/1.used" dump-stream --jobs 2 --compress zstd:1 "mysql://root@localhost/bench?socket=$S_SOURCE_SOCKET" |
        "$kMeasure" "$T/work/2.used" load-stream --jobs 2 "mysql://root@localhost/bench?socket=$S_TARGET_SOCKET"
}

# client N COMMAND...: a program of the product's own release, measured.
client() {
    local used=$T/work/$1.used
    shift
    # shellcheck disable=SC2016
    "$kMeasure" "$used" bash -c '. "$0" && product_run "$@"' "$FLYTT_SRC/tests/support/products.sh" "$product" "$T" "$@"
}

# The target keeps no binary log of what is loaded, as with the other two.
run_pipe() {
    local prefix=mariadb dump=mariadb-dump
    if [ "$product" = mysql97 ]; then prefix=mysql dump=mysqldump; fi
    sql target 'CREATE DATABASE bench'
    client 1 "$dump" --no-defaults --socket="$S_SOURCE_SOCKET" --user=root --single-transaction --quick bench |
        client 2 "$prefix" --no-defaults --socket="$S_TARGET_SOCKET" --user=root --init-command='SET SESSION sql_log_bin = 0' bench
}

mydumper_version() { mydumper --version 2>&1 | grep -oE '[0-9]+\.[0-9]+\.[0-9]+' | head -n 1; }

# Since 0.11 it has zstd; 0.10 of Debian 12 only gzip, which costs it more than it saves on one host: then uncompressed.
mydumper_new() { [ "$(printf '%s\n' 0.11.0 "$(mydumper_version)" | sort -V | head -n 1)" = 0.11.0 ]; }

run_mydumper() {
    local dump=(--socket "$S_SOURCE_SOCKET" --user root --database bench --threads 2 --outputdir "$T/work/dump")
    local load=(--socket "$S_TARGET_SOCKET" --user root --threads 2 --directory "$T/work/dump")
    if mydumper_new; then dump+=(--compress=ZSTD); else dump+=(--rows 200000); fi
    "$kMeasure" "$T/work/1.used" mydumper "${dump[@]}"
    echo "${EPOCHREALTIME/./}" >"$T/work/loading"
    "$kMeasure" "$T/work/2.used" myloader "${load[@]}"
}
