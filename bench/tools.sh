# One data set copied from the server source to the server target by each tool in turn, for every product: who calls this,
# bench/mysql.sh or bench/postgres.sh, defines settings, source_fill, proof, durability, headline, title, missing, generators and the
# run_TOOL functions, then calls bench_main. A run_TOOL leaves what its programs took in $T/work/*.used; one that dumps
# to disk first stamps $T/work/loading in between. Sourced by those two.
# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2154,SC2034
kMeasure=$FLYTT_BIN/bench-measure

# found_tools LIST: those that are there; the others are named.
found_tools() {
    local tool why found=()
    for tool in ${1//,/ }; do
        why=$(missing "$tool")
        if [ -n "$why" ]; then say "not run: $tool ($why)"; else found+=("$tool"); fi
    done
    (IFS=, && echo "${found[*]}")
}

# client N COMMAND...: a program of the product's own release, measured.
client() {
    local used=$T/work/$1.used
    shift
    # shellcheck disable=SC2016
    "$kMeasure" "$used" bash -c '. "$0" && product_run "$@"' "$FLYTT_SRC/tests/support/products.sh" "$product" "$T" "$@"
}

loading_starts() { echo "${EPOCHREALTIME/./}" >"$T/work/loading"; }

# The source's data directory is borrowed from the cache: moved in, and moved back when the server has ended in order.
source_return() {
    alive "$S_SOURCE_PID" || return 0
    server_stop source
    mkdir -p "$cache"
    mv -T "$S_SOURCE_DIR/data" "$cache/data"
}

# source_start FILE...: filled by these generators, once.
source_start() {
    local lines
    mapfile -t lines < <(settings)
    server_start "$product" source --addr 127.0.0.2 "${lines[@]}"
    cache=$FLYTT_CACHE/bench/$product-${S_SOURCE_VERSION// /}-$set-$rows-$(cat "$@" | cksum | cut -d' ' -f1)
    mkdir -p "$FLYTT_CACHE/bench"
    exec 8>"$FLYTT_CACHE/bench/lock"
    flock -n 8 || die 69 "another bench is running"
    if [ -d "$cache/data" ]; then
        server_stop source
        rm -rf "$S_SOURCE_DIR/data"
        mv -T "$cache/data" "$S_SOURCE_DIR/data"
        server_restart source
    else
        say "filling $set with $rows rows (once; kept in $cache)"
        source_fill "$@"
    fi
    at_exit source_return
}

# target_fresh: as it was initialised, whatever the tool before it left.
target_fresh() {
    local at_once
    read -r _ at_once <<<"$("$(family target)_signals")"
    server_stop target "$at_once"
    server_data target "$(template "$product")"
    server_restart target
    sync
}

# cpu_of PID...: user and system seconds so far of these servers, of their processes too, living and ended.
cpu_of() {
    local pid child total=0 fields
    for pid in "$@"; do
        for child in "$pid" $(pgrep -P "$pid" || true); do
            fields=$(cat "/proc/$child/stat" 2>/dev/null) || continue
            read -r -a fields <<<"${fields##*) }"
            total=$((total + fields[11] + fields[12] + fields[13] + fields[14]))
        done
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
        "$(cat "$T"/work/*.used 2>/dev/null | awk '{ s += $1 + $2 } END { printf "%.1f", s }')" "$cpu" \
        "$(cat "$T"/work/*.used 2>/dev/null | awk '{ printf "%s%d", sep, $3 / 1024; sep = "+" } END { if (!NR) printf "-" }')" "${verdict// /-}" >>"$T/runs/$tool"
    say "  $tool: $(tail -n 1 "$T/runs/$tool")"
}

# report: the fastest equal run of each tool, side by side.
report() {
    local tool line ours=''
    printf '\n%s\n' "$(headline)"
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
    printf 'ratio: time of flytt / time of the tool. peak: each program of the tool. equal: %s.\n' "$kEqual"
}

# bench_main PRODUCT SET ROWS TOOLS RUNS QUIET
bench_main() {
    local lines tool i
    product=$1 set=$2 rows=$3 tools=$4 runs=$5 quiet=$6
    [ "$set" != sysbench ] || rows=$((rows / 2))
    use_test_dir
    mkdir -p "$T/runs"
    mapfile -t lines < <(generators)
    source_start "${lines[@]}"
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
}
