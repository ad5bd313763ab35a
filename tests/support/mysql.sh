# Test servers of the MySQL family, MariaDB and MySQL: what servers.sh and products.sh do not do the same way for every
# product. Sourced by products.sh.
# SPDX-License-Identifier: MIT
# shellcheck shell=bash

# mysql_initialise PRODUCT DIR: a data directory in DIR/data, without the server's UUID: each copy makes its own.
mysql_initialise() {
    local product=$1 dir=$2
    if [ "$product" = mysql97 ]; then
        (product_run "$product" "$dir" mysqld --no-defaults --initialize-insecure --user="$(id -un)" --datadir="$dir/data" \
            --innodb-redo-log-capacity=64M --mysqlx=OFF --secure-file-priv=NULL) && rm -f "$dir/data/auto.cnf"
    else
        # Its own temporary directory: a bind mount is not followed by what the script makes in /tmp.
        product_run "$product" "$dir" mariadb-install-db --no-defaults --user="$(id -un)" --datadir="$dir/data" \
            --auth-root-authentication-method=normal --skip-test-db --innodb-log-file-size=64M --tmpdir="$dir"
    fi
}

mysql_prepare() { :; }

mysql_become() { product_run "$1" "$2" "$(server_program "$1")" --defaults-file="$2/my.cnf"; }

# mysql_config PRODUCT NAME LINES...: my.cnf; a later line wins.
mysql_config() {
    local product=$1 name=$2 dir addr port
    shift 2
    dir=$(s_get "$name" DIR)
    addr=$(s_get "$name" ADDR)
    port=$(s_get "$name" PORT)
    cat <<-CNF
	[mysqld]
	datadir=$dir/data
	tmpdir=$dir/tmp
	socket=$dir/sock
	pid_file=$dir/pid
	bind_address=$addr
	port=$port
	skip_name_resolve=ON
	server_id=$(((${addr##*.} % 100) * 100000 + port))
	log_bin=binlog
	relay_log=relay
	innodb_buffer_pool_size=128M
	CNF
    [ "$(id -u)" != 0 ] || echo "user=root"
    if [ "$product" = mysql97 ]; then
        cat <<-CNF
		mysqlx=OFF
		secure_file_priv=NULL
		innodb_redo_log_capacity=64M
		gtid_mode=ON
		enforce_gtid_consistency=ON
		lc_messages_dir=/usr/share/mysql
		CNF
    else
        cat <<-CNF
		binlog_format=ROW
		log_slave_updates=ON
		innodb_log_file_size=64M
		CNF
    fi
    if [ -n "$(s_get "$name" TLS)" ]; then
        printf 'ssl_ca=%s/ca.pem\nssl_cert=%s/server.pem\nssl_key=%s/server.key\n' "$dir/tls" "$dir/tls" "$dir/tls"
    fi
    [ $# -eq 0 ] || printf '%s\n' "$@"
}

# mysql_sql NAME STATEMENT [DATABASE]: as root; rows on stdout, tab-separated, without headings.
mysql_sql() {
    local args=(--no-defaults --socket="$(s_get "$1" SOCKET)" --user=root --batch --skip-column-names --default-character-set=utf8mb4)
    [ -z "${3:-}" ] || args+=(--database="$3")
    mariadb "${args[@]}" --execute="$2"
}

# mysql_sql_file NAME [DATABASE]: statements from stdin.
mysql_sql_file() {
    local args=(--no-defaults --socket="$(s_get "$1" SOCKET)" --user=root --batch --skip-column-names --default-character-set=utf8mb4)
    [ -z "${2:-}" ] || args+=(--database="$2")
    mariadb "${args[@]}"
}

mysql_version() { mysql_sql "$1" 'SELECT version()'; }

# Signals that end the server: in order, and at once with no care for its data.
mysql_signals() { echo TERM KILL; }

mysql_socket() { echo "$1/sock"; }

# mysql_accounts NAME [DATABASE...]: the statements of the grants file, which are not for the binary log.
mysql_accounts() {
    local family=mariadb
    [ "$(s_get "$1" PRODUCT)" != mysql97 ] || family=mysql
    [ "$family" = mysql ] || echo 'SET SESSION sql_log_bin = 0;'
    account_statements "$FLYTT_SRC/tests/support/grants-$family.sql" '`' "$@"
}

mysql_url_as() { printf 'mysql://%s@localhost/%s?socket=%s\n' "$2" "${3:-}" "$(s_get "$1" SOCKET)"; }
mysql_tcp_url_as() { printf 'mysql://%s@%s:%s/%s%s\n' "$2" "$(s_get "$1" ADDR)" "$(s_get "$1" PORT)" "${3:-}" "${4:+?$4}"; }

# load_time_zones NAME: named time zones, which a fresh server lacks; not in its binary log. Only the rows are taken
# from the program's output: what stands around them is for another product.
load_time_zones() {
    {
        echo 'SET SESSION sql_log_bin = 0; START TRANSACTION;'
        mariadb-tzinfo-to-sql /usr/share/zoneinfo 2>/dev/null |
            awk '/^INSERT INTO time_zone \(/ { on = 1 } /^(\/\*|ALTER|UNLOCK|execute|set )/ { on = 0 } on'
        echo 'COMMIT;'
    } | sql_file "$1" mysql
}
