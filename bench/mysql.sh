#!/usr/bin/env bash
# The bench between two servers of the MySQL family. Called by scripts/bench, which explains itself:
# bench/mysql.sh PRODUCT SET ROWS TOOLS RUNS QUIET
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2154,SC2317
set -euo pipefail
# shellcheck source=tests/support/servers.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/../tests/support/servers.sh"
# shellcheck source=bench/tools.sh
. "$FLYTT_SRC/bench/tools.sh"
# shellcheck disable=SC2034 # bench/tools.sh prints it
kEqual='rows, CHECKSUM TABLE, indexes'

settings() {
    printf '%s\n' innodb_buffer_pool_size=1G innodb_flush_log_at_trx_commit=1 sync_binlog=1 max_connections=50
    if [ "$product" = mysql97 ]; then
        echo "innodb_redo_log_capacity=${FLYTT_BENCH_REDO_LOG:-256M}"
    else
        echo "innodb_log_file_size=${FLYTT_BENCH_REDO_LOG:-256M}"
    fi
}

generators() { printf '%s\n' "$FLYTT_SRC/bench/data/numbers.sql" "$FLYTT_SRC/bench/data/$set.sql"; }

source_fill() {
    local file
    sql source 'CREATE DATABASE bench'
    for file in "$@"; do
        { printf 'SET SESSION sql_log_bin = 0; SET @rows = %s;\n' "$rows" && cat "$file"; } | sql_file source bench
    done
    sql source 'SET SESSION sql_log_bin = 0; DROP TABLE bench.numbers; SELECT 1' >/dev/null
    sql source 'ANALYZE TABLE bench.'"$(sql source "SELECT GROUP_CONCAT(table_name SEPARATOR ', bench.') FROM information_schema.tables WHERE table_schema = 'bench'")" >/dev/null
}

# proof SERVER: what must be the same on both sides: rows, checksums and indexes of every table.
proof() {
    local tables
    tables=$(sql "$1" "SELECT GROUP_CONCAT(CONCAT('bench.\`', table_name, '\`') ORDER BY table_name) FROM information_schema.tables WHERE table_schema = 'bench'")
    [ "$tables" != NULL ] || return 0
    sql "$1" "CHECKSUM TABLE $tables"
    sql "$1" "SELECT table_name, index_name, non_unique, seq_in_index, column_name FROM information_schema.statistics WHERE table_schema = 'bench' ORDER BY 1, 2, 4"
    tr ',' '\n' <<<"$tables" | while read -r table; do sql "$1" "SELECT '$table', COUNT(*) FROM $table"; done
}

durability() {
    sql "$1" "SELECT @@GLOBAL.innodb_flush_log_at_trx_commit, @@GLOBAL.sync_binlog, @@GLOBAL.innodb_doublewrite"
}

headline() {
    printf '%s, %s: %s rows%s, %s on disk; redo log %s, 1 GiB buffer pool, flush at every commit' "$([ "$product" = mysql97 ] && echo MySQL || echo MariaDB) ${S_SOURCE_VERSION%%-*}" "$set" \
        "$rows" "$([ "$set" = wide ] || echo ' in each of 4 tables')" "$(du -sh --apparent-size "$S_SOURCE_DIR/data/bench" | cut -f1)" "${FLYTT_BENCH_REDO_LOG:-256M}"
}

title() {
    case $1 in
    flytt) echo "dump-stream | load-stream (2 jobs, zstd:1)" ;;
    pipe) if [ "$product" = mysql97 ]; then echo "mysqldump --single-transaction | mysql"; else echo "mariadb-dump --single-transaction | mariadb"; fi ;;
    mydumper) echo "mydumper $(mydumper_version) + myloader (2 threads$(mydumper_new && echo ', zstd'))" ;;
    esac
}

missing() { [ "$1" != mydumper ] || { have mydumper && have myloader; } || echo "not on PATH"; }

run_flytt() {
    "$kMeasure" "$T/work/1.used" dump-stream --jobs 2 --compress zstd:1 "mysql://root@localhost/bench?socket=$S_SOURCE_SOCKET" |
        "$kMeasure" "$T/work/2.used" load-stream --jobs 2 "mysql://root@localhost/bench?socket=$S_TARGET_SOCKET"
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
    loading_starts
    "$kMeasure" "$T/work/2.used" myloader "${load[@]}"
}

bench_main "$@"
