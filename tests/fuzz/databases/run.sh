#!/usr/bin/env bash
# Usage: tests/fuzz/databases/run.sh [--seconds N] [--seed N] [--case FILE] [--keep DIR] [PAIR...]
#
# Starts the servers of the pairs (default: all that there are) and lets the machine move made-up databases between them for
# so long; see machine.py. A pair is mariadb, mysql97, postgres, mariadb:mariadb118 or postgres:postgres18; one whose
# server is not there is named as not run. Exit status 0, or 1 with a finding.
# SPDX-License-Identifier: MIT
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
FLYTT_SRC=${FLYTT_SRC:-$(cd -- "$here/../../.." && pwd)}
# shellcheck source=tests/support/servers.sh
. "$FLYTT_SRC/tests/support/servers.sh"

case ${1:-} in
-h | --help) print_help "$0" && exit 0 ;;
esac
options=() pairs=()
while [ $# -gt 0 ]; do
    case $1 in
    --*) options+=("$1" "$2") && shift 2 ;;
    *) pairs+=("$1") && shift ;;
    esac
done
[ ${#pairs[@]} -gt 0 ] || pairs=(mariadb mysql97 postgres mariadb:mariadb118 postgres:postgres18)
use_test_dir

# have PRODUCT: whether its server can be started here.
have() { (product_require "$1") >&2; }

# judge PAIR: the dump program that reads both sides, which is that of the newer one.
judge() {
    local product=${1#*:} directory=$T/judge/${1/:/-}
    mkdir -p "$directory"
    case $product in
    mariadb*) ln -sf "$(command -v mariadb-dump)" "$directory/mariadb-dump" ;;
    mysql97) foreign_program mysql97 /usr/bin/mysqldump "$directory/mariadb-dump" ;;
    postgres) ln -sf "$(postgres_program postgres pg_dump)" "$directory/pg_dump" ;;
    *) foreign_program "$product" "$(postgres_program "$product" pg_dump)" "$directory/pg_dump" ;;
    esac
}

# ready PRODUCT NAME: a server of that product, started once.
ready() {
    [ -z "$(s_get "$2" PID)" ] || return 0
    case $1 in
    postgres*) server_start "$1" "$2" 'fsync = off' 'autovacuum = off' ;;
    mysql*) server_start "$1" "$2" innodb_flush_log_at_trx_commit=0 sync_binlog=0 ;;
    *) server_start "$1" "$2" innodb_flush_log_at_trx_commit=0 sync_binlog=0 gtid_domain_id=$((++domains)) ;;
    esac
    [[ $1 == postgres* ]] || load_time_zones "$2"
}

ready_pairs=() domains=0
for pair in "${pairs[@]}"; do
    first=${pair%%:*} second=${pair#*:}
    if ! have "$first" || ! have "$second"; then continue; fi
    ready "$first" "${first}a"
    ready "$second" "${second}b"
    judge "$pair"
    ready_pairs+=("$pair=${first}a:${second}b")
done
[ ${#ready_pairs[@]} -gt 0 ] || exit 77
export FLYTT_JUDGE=$T/judge
PYTHONDONTWRITEBYTECODE=1 python3 "$here/machine.py" --keep "${FLYTT_FUZZ_KEEP:-$T/found}" "${options[@]}" "${ready_pairs[@]}"
