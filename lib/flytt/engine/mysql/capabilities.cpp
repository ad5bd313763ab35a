// One line a capability, with the release it came with and the page of the MySQL Reference Manual that says so.
// SPDX-License-Identifier: MIT
#include <flytt/engine/mysql/capabilities.hpp>

namespace flytt::engine::mysql {

mysql_family::Capabilities capabilities(std::uint32_t version) {
  mysql_family::Capabilities c;
  c.backup_stage = false;                        // MariaDB only
  c.instance_backup_lock = version >= 80003;     // 8.0.3, "LOCK INSTANCE FOR BACKUP"
  c.binlog_snapshot_status = false;              // MariaDB and Percona only
  c.innodb_sys_tables = version < 80003;         // 8.0.3 renamed it, "The INFORMATION_SCHEMA INNODB_TABLES Table"
  c.sequences = false;                           // MariaDB only
  c.system_versioning = false;                   // MariaDB only
  c.native_json = version >= 50708;              // 5.7.8, "The JSON Data Type"
  c.check_constraint_switch = false;             // a CHECK is NOT ENFORCED by ALTER TABLE, not by a session
  c.generated_invisible_key = version >= 80030;  // 8.0.30, "Generated Invisible Primary Keys"
  c.roles_in_user_table = false;                 // 8.0, "Using Roles": a role is a locked account
  c.second_password = version >= 80014;          // 8.0.14, "Dual Password Support"
  c.bulk_execute = false;                        // MariaDB only
  c.gtid_domains = false;                        // "GTID Format": uuid[:tag]:interval
  c.replica_words = version >= 80023;            // 8.0.23, "CHANGE REPLICATION SOURCE TO"; the old words are gone in 8.4.0
  c.binary_log_status = version >= 80200;        // 8.2.0, "SHOW BINARY LOG STATUS"; SHOW MASTER STATUS is gone in 8.4.0
  c.super_read_only = version >= 50708;          // 5.7.8, "super_read_only"
  c.set_persist = version >= 80000;              // 8.0.0, "Persisted System Variables"
  c.read_only_words = false;                     // MariaDB only
  c.functional_keys = version >= 80013;          // 8.0.13, "CREATE INDEX": functional key parts
  c.database_comment = false;                   // MariaDB only
  c.connection_admin = version >= 80000;         // 8.0, "Dynamic Privileges"
  c.system_user = version >= 80016;              // 8.0.16, "Account Categories"
  return c;
}

}  // namespace flytt::engine::mysql
