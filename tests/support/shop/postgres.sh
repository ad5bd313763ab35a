# The shop's move on PostgreSQL. Sourced by move.sh.
# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034,SC2154
kTitle=PostgreSQL
kVerified="sslmode=verify-full&sslrootcert=$T/tls/ca.pem"
kDump=(dump-stream --json --slot flytt_shop)
kSettings=(shared_buffers=256MB max_wal_size=1GB)

make_accounts() { # NAME
    local databases=(shop)
    [ "$1" = new ] || databases+=(books)
    accounts_for "$1" "${databases[@]}"
    sed "s/{{password}}/$app_password/" "$shop/accounts.sql" | sql_file "$1"
    # Event triggers take a superuser; without them, membership in postgres and shop_owner would do.
    [ "$1" = old ] || sql "$1" 'ALTER ROLE flytt_load SUPERUSER'
}

# Rows take more than on MariaDB: fewer of them make up the same size.
fill_shop() {
    sql_file old shop <"$shop/tables.sql"
    { echo "\\set orders $((orders * 2 / 3))" && cat "$shop/fill.sql"; } | sql_file old shop
    sql_file old shop <"$shop/code.sql"
    sql_file old books <"$shop/books.sql"
    sql old 'VACUUM ANALYZE' shop
}

shop_bytes() { sql old "SELECT pg_database_size('shop')"; }

# till_address HOST:PORT: as ackwriter takes it.
till_address() { echo "postgres://$1"; }
