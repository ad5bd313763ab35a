// The table of statements.
// SPDX-License-Identifier: MIT
#include "product.hpp"

namespace flytt::test {

namespace {

Product family() {
  return {
      .schema = "contract",
      .empty = {"SET SESSION foreign_key_checks = 0", "DROP DATABASE IF EXISTS flytt", "DROP DATABASE contract", "CREATE DATABASE contract",
                "USE contract", "SET SESSION foreign_key_checks = 1"},
      .analyze = "ANALYZE TABLE ",
      .short_wait = "SET SESSION lock_wait_timeout = 1",
      .hold_table = "LOCK TABLES ",
      .hold_table_tail = " WRITE",
      .let_go = "UNLOCK TABLES",
      .holders = "",
      .end_session = "KILL ",
      .end_session_tail = "",
      .lost_snapshot = "contract.t was replaced",
  };
}

Product mariadb() {
  Product out = family();
  out.holders = "SELECT ID FROM information_schema.PROCESSLIST WHERE USER = 'flytt_dump' AND ID IN (SELECT trx_mysql_thread_id FROM"
                " information_schema.INNODB_TRX)";
  return out;
}

Product mysql() {
  Product out = family();
  out.holders = "SELECT DISTINCT t.PROCESSLIST_ID FROM performance_schema.metadata_locks l JOIN performance_schema.threads t"
                " ON t.THREAD_ID = l.OWNER_THREAD_ID WHERE t.PROCESSLIST_USER = 'flytt_dump'";
  // Its workers begin together under a global read lock, for which writers must end.
  out.snapshot_waits_for_writers = true;
  return out;
}

Product postgres() {
  return {
      .schema = "public",
      // The schema public stays: once made again it is another, with other rights.
      .empty = {"DROP SCHEMA IF EXISTS flytt CASCADE",
                "DO $$ DECLARE o record; BEGIN FOR o IN SELECT CASE relkind WHEN 'v' THEN 'VIEW' ELSE 'TABLE' END AS kind, relname FROM pg_class"
                " WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v') LOOP"
                " EXECUTE format('DROP %s IF EXISTS public.%I CASCADE', o.kind, o.relname); END LOOP; END $$"},
      .analyze = "ANALYZE ",
      .short_wait = "SET lock_timeout = '1s'",
      .hold_table = "BEGIN; LOCK TABLE ",
      .hold_table_tail = " IN ACCESS EXCLUSIVE MODE",
      .let_go = "COMMIT",
      .holders = "SELECT pid FROM pg_stat_activity WHERE usename = 'flytt_dump'",
      .end_session = "SELECT pg_terminate_backend(",
      .end_session_tail = ")",
      .lost_snapshot = "lost its connection",
  };
}

}  // namespace

const Product& product(const std::string& version) {
  static const Product kMariadb = mariadb(), kMysql = mysql(), kPostgres = postgres();
  if (version.starts_with("PostgreSQL")) return kPostgres;
  return version.find("MariaDB") != std::string::npos ? kMariadb : kMysql;
}

}  // namespace flytt::test
