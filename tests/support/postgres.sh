# Test servers of PostgreSQL: what servers.sh and products.sh do not do the same way for every product. Sourced by
# products.sh.
# SPDX-License-Identifier: MIT
# shellcheck shell=bash

# PostgreSQL refuses to run as root: then it runs as nobody, who has the same number in every release of Debian.
kNobody=65534

# postgres_program PRODUCT NAME: the full path of a program in the product's release; this Debian's newest for postgres.
postgres_program() {
    local path
    if [ "$1" != postgres ]; then
        echo "/usr/lib/postgresql/${1#postgres}/bin/$2"
        return
    fi
    path=$(compgen -G "/usr/lib/postgresql/*/bin/$2" | sort -V | tail -n 1)
    [ -n "$path" ] && echo "$path"
}

# postgres_user COMMAND...: the words that run it as whom the server runs as. It ends in order, and without leaving shared
# memory behind, with a parent that is killed; the parent's own wish to that end does not survive the change of user.
postgres_user() {
    kAsUser=("$@")
    local death=()
    [ -n "${FLYTT_DETACH:-}" ] || death=(--pdeathsig QUIT)
    if [ "$(id -u)" = 0 ]; then
        kAsUser=(setpriv --reuid "$kNobody" --regid "$kNobody" --clear-groups "${death[@]}" "$@")
    elif [ ${#death[@]} -gt 0 ]; then
        kAsUser=(setpriv "${death[@]}" "$@")
    fi
}

# postgres_initialise PRODUCT DIR: a data directory in DIR/data.
postgres_initialise() {
    postgres_own "$2"
    postgres_user "$(postgres_program "$1" initdb)" --pgdata "$2/data" --data-checksums --encoding UTF8 --locale C.UTF-8 \
        --username postgres --auth-local trust --auth-host scram-sha-256 --no-sync --no-instructions
    cd "$2" || return # initdb wants to come back to where it was called
    product_run "$1" "$2" "${kAsUser[@]}"
}

# postgres_own DIR: gives the directory to whom the server runs as, who must be able to reach it.
postgres_own() {
    [ "$(id -u)" = 0 ] || return 0
    chown -R "$kNobody:$kNobody" "$1"
    setpriv --reuid "$kNobody" --regid "$kNobody" --clear-groups test -w "$1" ||
        die 69 "PostgreSQL does not run as root, and the user nobody cannot enter $1: set TMPDIR to a directory that all may enter"
}

# postgres_prepare NAME: a private key must be private; and a server is known by its identifier, which all copies of a
# template would share: the low bytes of pg_control's first word, to which pg_resetwal then fits the rest.
postgres_prepare() {
    local product dir
    product=$(s_get "$1" PRODUCT) dir=$(s_get "$1" DIR)
    chmod 700 "$dir/data"
    [ ! -f "$dir/tls/server.key" ] || chmod 600 "$dir/tls/server.key"
    [ "$(id -u)" != 0 ] || chmod o+x "${T:-$dir}" "$dir/.." "$dir"
    dd if=/dev/urandom of="$dir/data/global/pg_control" bs=7 count=1 conv=notrunc status=none
    postgres_own "$dir"
    postgres_user "$(postgres_program "$product" pg_resetwal)" --force "$dir/data"
    (cd "$dir" && product_run "$product" "$dir" "${kAsUser[@]}") >>"$dir/log" 2>&1
}

# postgres_config PRODUCT NAME LINES...: postgresql.conf; a later line wins.
postgres_config() {
    local name=$2 dir
    shift 2
    dir=$(s_get "$name" DIR)
    # Only the superuser needs no password, and only by the socket.
    cat >"$dir/pg_hba.conf" <<-HBA
	local all,replication postgres trust
	local all,replication all scram-sha-256
	host all,replication all 127.0.0.0/8 scram-sha-256
	HBA
    cat <<-CNF
	include = '$dir/data/postgresql.conf'
	data_directory = '$dir/data'
	hba_file = '$dir/pg_hba.conf'
	external_pid_file = '$dir/pid'
	listen_addresses = '$(s_get "$name" ADDR)'
	port = $(s_get "$name" PORT)
	unix_socket_directories = '$dir'
	cluster_name = '$name'
	timezone = 'UTC'
	log_timezone = 'UTC'
	log_connections = off
	log_disconnections = off
	log_line_prefix = '%m [%p] %u@%d '
	shared_buffers = 32MB
	max_wal_size = 256MB
	wal_level = logical
	max_wal_senders = 20
	max_replication_slots = 20
	max_logical_replication_workers = 8
	max_worker_processes = 16
	CNF
    if [ -n "$(s_get "$name" TLS)" ]; then
        printf "ssl = on\nssl_ca_file = '%s/ca.pem'\nssl_cert_file = '%s/server.pem'\nssl_key_file = '%s/server.key'\n" "$dir/tls" "$dir/tls" "$dir/tls"
    fi
    [ $# -eq 0 ] || printf '%s\n' "$@"
}

# Its home is its directory: a subscription looks there for certificates and passwords.
postgres_become() {
    postgres_user env HOME="$2" "$(server_program "$1")" -D "$2/data" -c "config_file=$2/postgresql.conf"
    cd "$2" || return
    product_run "$1" "$2" "${kAsUser[@]}"
}

# postgres_clients PRODUCT: pg_dump and pg_restore of a newer release come first in PATH, for one that is the source of a
# copy.
postgres_clients() {
    local program
    [ -n "$(product_suite "$1")" ] || return 0
    mkdir -p "$T/clients"
    for program in pg_dump pg_restore; do foreign_program "$1" "$(postgres_program "$1" "$program")" "$T/clients/$program"; done
    export PATH=$T/clients:$PATH
}

# postgres_psql NAME [DATABASE]: statements from stdin, each a transaction of its own. psql of this Debian serves every server.
postgres_psql() {
    "$(postgres_program postgres psql)" --no-psqlrc --quiet --no-align --tuples-only --field-separator=$'\t' --set=ON_ERROR_STOP=1 \
        --host="$(s_get "$1" SOCKET)" --port="$(s_get "$1" PORT)" --username=postgres --dbname="${2:-postgres}" --file=- || return 1
}

# postgres_sql NAME STATEMENT [DATABASE]: as postgres, by the socket; the database postgres unless another is named.
postgres_sql() { postgres_psql "$1" "${3:-}" <<<"$2"; }
postgres_sql_file() { postgres_psql "$@"; }

postgres_version() { postgres_sql "$1" 'SHOW server_version'; }

# Signals that end the server: in order, clients or not; and at once, but with its shared memory given back.
postgres_signals() { echo INT QUIT; }

postgres_socket() { echo "$1"; }

# postgres_accounts NAME [DATABASE...]: databases that are missing, then the statements of the grants file.
postgres_accounts() {
    local database
    for database in "${@:2}"; do
        printf "SELECT format('CREATE DATABASE %%I', d) FROM (VALUES ('%s')) AS v(d) WHERE d NOT IN (SELECT datname FROM pg_database) \\\\gexec\n" \
            "${database//\'/\'\'}"
    done
    account_statements "$FLYTT_SRC/tests/support/grants-postgres.sql" '"' "$@"
}

postgres_url_as() { printf 'postgres://%s@/%s?host=%s&port=%s\n' "$2" "${3:-postgres}" "$(s_get "$1" SOCKET)" "$(s_get "$1" PORT)"; }
postgres_tcp_url_as() { printf 'postgres://%s@%s:%s/%s%s\n' "$2" "$(s_get "$1" ADDR)" "$(s_get "$1" PORT)" "${3:-postgres}" "${4:+?$4}"; }
