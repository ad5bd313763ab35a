# The shop's move on servers of the MySQL family. Sourced by move.sh.
# SPDX-License-Identifier: MIT
# shellcheck shell=bash disable=SC2034,SC2154
kTitle=MariaDB
kVerified="ssl-mode=verify-identity&ssl-ca=$T/tls/ca.pem"
kDump=(dump-stream --json)
kSettings=(innodb_buffer_pool_size=256M innodb_log_file_size=256M)

statements() { # FILE...: for the server, not for its binary log: the new server gets them as a copy
    echo 'SET SESSION sql_log_bin = 0;'
    sed "s/{{password}}/$app_password/" "$@"
}

make_accounts() { # NAME
    accounts_for "$1" shop
    statements "$shop/accounts.sql" | sql_file "$1"
}

fill_shop() {
    statements "$shop/tables.sql" | sql_file old
    { echo "SET @orders = $orders;" && statements "$shop/fill.sql"; } | sql_file old
    statements "$shop/code.sql" | sql_file old
    statements "$shop/books.sql" | sql_file old
}

shop_bytes() { sql old "SELECT SUM(data_length + index_length) FROM information_schema.tables WHERE table_schema = 'shop'"; }

# till_address HOST:PORT: as ackwriter takes it.
till_address() { echo "$1"; }
