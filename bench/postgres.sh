#!/usr/bin/env bash
# The bench between two PostgreSQL servers. Called by scripts/bench, which explains itself:
# bench/postgres.sh PRODUCT SET ROWS TOOLS RUNS QUIET
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2154,SC2317
set -euo pipefail
# shellcheck source=tests/support/servers.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/../tests/support/servers.sh"
# shellcheck source=bench/tools.sh
. "$FLYTT_SRC/bench/tools.sh"
# shellcheck disable=SC2034 # bench/tools.sh prints it
kEqual='rows, a 64-bit hash of each summed up, indexes and constraints'

# Durable, and else as PostgreSQL comes; the test servers' own settings are smaller.
settings() {
    printf '%s\n' shared_buffers=1GB fsync=on synchronous_commit=on full_page_writes=on wal_level=replica \
        "max_wal_size=${FLYTT_BENCH_MAX_WAL:-1GB}"
}

generators() { echo "$FLYTT_SRC/bench/data/$set-postgres.sql"; }

source_fill() {
    sql source 'CREATE DATABASE bench'
    { printf '\\set rows %s\n' "$rows" && cat "$@"; } | sql_file source bench
    sql source 'VACUUM (FREEZE, ANALYZE)' bench
    sql source CHECKPOINT
}

# proof SERVER: what must be the same on both sides: rows, hashes, indexes and constraints of every table. An index that
# is not valid is none.
proof() {
    [ -n "$(sql "$1" "SELECT 1 FROM pg_database WHERE datname = 'bench'")" ] || return 0
    sql_file "$1" bench <<'SQL'
SET max_parallel_workers_per_gather = 2;
SELECT format('SELECT %L, count(*), sum(hashtextextended(t::text, 7)::numeric) FROM %s t', c.oid::regclass, c.oid::regclass)
  FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace ORDER BY c.relname \gexec
SELECT indexrelid::regclass, pg_get_indexdef(indexrelid), indisvalid, indisready FROM pg_index
  WHERE indrelid IN (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace) ORDER BY indexrelid::regclass::text;
SELECT conrelid::regclass, conname, pg_get_constraintdef(oid), convalidated FROM pg_constraint WHERE connamespace = 'public'::regnamespace ORDER BY conrelid::regclass::text, 2;
SELECT sequencename, last_value FROM pg_sequences ORDER BY 1;
SQL
}

durability() {
    sql "$1" "SELECT name, setting FROM pg_settings WHERE name IN ('fsync', 'synchronous_commit', 'full_page_writes', 'wal_level', 'max_wal_size', 'shared_buffers') ORDER BY 1"
}

headline() {
    printf 'PostgreSQL %s, %s: %s rows%s, %s of heap, %s with indexes; max_wal_size %s, 1 GiB shared_buffers, durable' "${S_SOURCE_VERSION%% *}" "$set" "$rows" \
        "$([ "$set" = wide ] || echo ' in each of 4 tables')" \
        "$(sql source "SELECT pg_size_pretty(sum(pg_table_size(oid))) FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace" bench)" \
        "$(sql source "SELECT pg_size_pretty(sum(pg_total_relation_size(oid))) FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace" bench)" "${FLYTT_BENCH_MAX_WAL:-1GB}"
}

title() {
    case $1 in
    flytt) echo "dump-stream | load-stream (2 jobs, zstd:1)" ;;
    pipe) echo "pg_dump -Fc | pg_restore" ;;
    directory) echo "pg_dump -Fd -j2 + pg_restore -j2" ;;
    pgcopydb) echo "pgcopydb $(pgcopydb_version) clone (2 + 2 jobs)" ;;
    esac
}

# Its own pg_dump is this Debian's, and refuses a newer server.
missing() {
    [ "$1" = pgcopydb ] || return 0
    have pgcopydb || { echo "not on PATH" && return; }
    [ "$product" = postgres ] || echo "no client of $(product_title "$product") here for it"
}
pgcopydb_version() { pgcopydb --version 2>/dev/null | grep -oE '[0-9]+\.[0-9]+' | head -n 1; }

run_flytt() {
    "$kMeasure" "$T/work/1.used" dump-stream --jobs 2 --compress zstd:1 "$(url_as source postgres bench)" |
        "$kMeasure" "$T/work/2.used" load-stream --jobs 2 "$(url_as target postgres bench)"
}

# pg N PROGRAM SERVER OPTION...: a client program of the product, measured.
pg() {
    local n=$1 program=$2 server=$3
    shift 3
    client "$n" "$(postgres_program "$product" "$program")" --host="$(s_get "$server" SOCKET)" --port="$(s_get "$server" PORT)" --username=postgres "$@"
}

run_pipe() {
    sql target 'CREATE DATABASE bench'
    pg 1 pg_dump source -Fc bench | pg 2 pg_restore target --dbname=bench --exit-on-error
}

run_directory() {
    sql target 'CREATE DATABASE bench'
    pg 1 pg_dump source -Fd --jobs=2 --file="$T/work/dump" bench
    loading_starts
    pg 2 pg_restore target --dbname=bench --jobs=2 --exit-on-error "$T/work/dump"
}

run_pgcopydb() {
    sql target 'CREATE DATABASE bench'
    "$kMeasure" "$T/work/1.used" pgcopydb clone --dir "$T/work/pgcopydb" --table-jobs 2 --index-jobs 2 \
        --source "$(url_as source postgres bench)" --target "$(url_as target postgres bench)"
}

bench_main "$@"
