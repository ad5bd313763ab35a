#!/usr/bin/env bash
# One data set copied between two servers of one product by each tool in turn. Called by scripts/bench, which
# explains itself: bench/mysql.sh PRODUCT SET ROWS TOOLS RUNS QUIET
# SPDX-License-Identifier: MIT
set -euo pipefail
# shellcheck source=tests/support/servers.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/../tests/support/servers.sh"
# shellcheck source=bench/tools.sh
. "$FLYTT_SRC/bench/tools.sh"
product=$1 set=$2 rows=$3 tools=$4 runs=$5 quiet=$6
[ "$set" != sysbench ] || rows=$((rows / 2))

settings() {
    printf '%s\n' innodb_buffer_pool_size=1G innodb_flush_log_at_trx_commit=1 sync_binlog=1 max_connections=50
    if [ "$product" = mysql97 ]; then
        echo "innodb_redo_log_capacity=${FLYTT_BENCH_REDO_LOG:-256M}"
    else
        echo "innodb_log_file_size=${FLYTT_BENCH_REDO_LOG:-256M}"
    fi
}

# The source's data directory is borrowed from the cache: moved in, and moved back when the server has ended in order.
source_return() {
    alive "$S_SOURCE_PID" || return 0
    server_stop source
    mkdir -p "$cache"
    mv -T "$S_SOURCE_DIR/data" "$cache/data"
}

source_fill() {
    local file
    say "filling $set with $rows rows (once; kept in $cache)"
    sql source 'CREATE DATABASE bench'
    for file in numbers "$set"; do
        { printf 'SET SESSION sql_log_bin = 0; SET @rows = %s;\n' "$rows" && cat "$FLYTT_SRC/bench/data/$file.sql"; } | sql_file source bench
    done
    sql source 'SET SESSION sql_log_bin = 0; DROP TABLE bench.numbers; SELECT 1' >/dev/null
}

source_start() {
    local lines
    mapfile -t lines < <(settings)
    server_start "$product" source --addr 127.0.0.2 "${lines[@]}"
    cache=$FLYTT_CACHE/bench/$product-$S_SOURCE_VERSION-$set-$rows-$(cat "$FLYTT_SRC/bench/data/numbers.sql" "$FLYTT_SRC/bench/data/$set.sql" | cksum | cut -d' ' -f1)
    mkdir -p "$FLYTT_CACHE/bench"
    exec 8>"$FLYTT_CACHE/bench/lock"
    flock -n 8 || die 69 "another bench is running"
    if [ -d "$cache/data" ]; then
        server_stop source
        rm -rf "$S_SOURCE_DIR/data"
        mv -T "$cache/data" "$S_SOURCE_DIR/data"
        server_restart source
    else
        source_fill
        sql source 'ANALYZE TABLE bench.'"$(sql source "SELECT GROUP_CONCAT(table_name SEPARATOR ', bench.') FROM information_schema.tables WHERE table_schema = 'bench'")" >/dev/null
    fi
    at_exit source_return
}

# target_fresh: as it was initialised, whatever the tool before it left.
target_fresh() {
    local template
    template=$(template "$product")
    server_stop target KILL
    rm -rf "$S_TARGET_DIR/data"
    cp -a --sparse=always --reflink=auto "$template" "$S_TARGET_DIR/data"
    server_restart target
    sync
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

cpu_of() { # PID...: user and system seconds so far
    local pid total=0 fields
    for pid in "$@"; do
        fields=$(cat "/proc/$pid/stat")
        read -r -a fields <<<"${fields##*) }"
        total=$((total + fields[11] + fields[12]))
    done
    awk -v ticks="$total" -v hz="$(getconf CLK_TCK)" 'BEGIN { printf "%.1f\n", ticks / hz }'
}

# measure_run TOOL: one copy; a line "SECONDS SPLIT CPU SERVER_CPU PEAK VERDICT" in $T/runs/TOOL.
measure_run() {
    local tool=$1 before start end verdict=equal split='-' cpu
    target_fresh
    rm -rf "$T/work"
    mkdir -p "$T/work"
    before=$(cpu_of "$S_SOURCE_PID" "$S_TARGET_PID")
    start=${EPOCHREALTIME/./}
    if ! "run_$tool" >"$T/log-$tool" 2>&1; then verdict=failed; fi
    end=${EPOCHREALTIME/./}
    cpu=$(awk -v a="$before" -v b="$(cpu_of "$S_SOURCE_PID" "$S_TARGET_PID")" 'BEGIN { printf "%.1f", b - a }')
    if [ "$quiet" = no ] || [ "$verdict" = failed ]; then tail -n 20 "$T/log-$tool" >&2; fi
    if [ -f "$T/work/loading" ]; then
        split=$(awk -v a="$start" -v b="$(cat "$T/work/loading")" -v c="$end" 'BEGIN { printf "%.1f+%.1f", (b - a) / 1e6, (c - b) / 1e6 }')
    fi
    if [ "$verdict" = equal ]; then
        proof target >"$T/proof-target"
        if ! cmp -s "$T/proof-source" "$T/proof-target"; then
            verdict=differs
            diff "$T/proof-source" "$T/proof-target" | head -n 20 >&2 || true
        elif [ "$(durability source)" != "$(durability target)" ]; then
            verdict="other durability"
        fi
    fi
    printf '%s %s %s %s %s %s\n' "$(awk -v a="$start" -v b="$end" 'BEGIN { printf "%.2f", (b - a) / 1e6 }')" "$split" \
        "$(awk '{ s += $1 + $2 } END { printf "%.1f", s }' "$T"/work/*.used)" "$cpu" \
        "$(awk '{ printf "%s%d", sep, $3 / 1024; sep = "+" }' "$T"/work/*.used)" "${verdict// /-}" >>"$T/runs/$tool"
    say "  $tool: $(tail -n 1 "$T/runs/$tool")"
}

# report: the fastest equal run of each tool, side by side.
report() {
    local tool line ours=''
    printf '\n%s, %s: %s rows%s, %s on disk; redo log %s, 1 GiB buffer pool, flush at every commit\n' "$([ "$product" = mysql97 ] && echo MySQL || echo MariaDB) ${S_SOURCE_VERSION%%-*}" "$set" \
        "$rows" "$([ "$set" = wide ] || echo ' in each of 4 tables')" "$(du -sh --apparent-size "$S_SOURCE_DIR/data/bench" | cut -f1)" "${FLYTT_BENCH_REDO_LOG:-256M}"
    printf '%-44s %8s %12s %7s %9s %11s %12s  %s\n' '' seconds dump+load ratio 'CPU s' 'servers' 'peak MiB' 'copy'
    for tool in ${tools//,/ }; do
        [ -s "$T/runs/$tool" ] || continue
        line=$(grep ' equal$' "$T/runs/$tool" | sort -n | head -n 1) || line=$(head -n 1 "$T/runs/$tool")
        # shellcheck disable=SC2086
        set -- $line
        [ "$6" = equal ] || set -- - - "$3" "$4" "$5" "$6"
        [ "$tool" != flytt ] || ours=$1
        printf '%-44s %8s %12s %7s %9s %11s %12s  %s\n' "$(title "$tool")" "$1" "$2" \
            "$(awk -v a="$ours" -v b="$1" 'BEGIN { if (a + 0 > 0 && b + 0 > 0) printf "%.2f", a / b; else print "-" }')" "$3" "$4" "$5" "$6"
    done
    printf 'ratio: time of flytt / time of the tool. peak: each program of the tool. equal: rows, CHECKSUM TABLE, indexes.\n'
}

use_test_dir
mkdir -p "$T/runs"
source_start
mapfile -t lines < <(settings)
server_start "$product" target --addr 127.0.0.3 "${lines[@]}"
say "$(product_title "$product"): reading the source once, so that each tool finds it in memory"
proof source >"$T/proof-source"
tools=$(found_tools "$tools")
for ((i = 1; i <= runs; i++)); do
    say "$set, run $i of $runs"
    for tool in ${tools//,/ }; do measure_run "$tool"; done
done
report
if [[ ,$tools, == *,flytt,* ]] && ! grep -q ' equal$' "$T/runs/flytt"; then exit 1; fi
