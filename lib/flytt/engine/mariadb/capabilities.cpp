// One line a capability, with the release it came with and the page of the MariaDB documentation that says so.
// SPDX-License-Identifier: MIT
#include <flytt/engine/mariadb/capabilities.hpp>

namespace flytt::engine::mariadb {

mysql_family::Capabilities capabilities(std::uint32_t version) {
  mysql_family::Capabilities c;
  c.backup_stage = version >= 100401;            // 10.4.1, "BACKUP STAGE"
  c.instance_backup_lock = false;                // MySQL only
  c.binlog_snapshot_status = version >= 50300;   // 5.3, "Enhancements for START TRANSACTION WITH CONSISTENT SNAPSHOT"
  c.innodb_sys_tables = true;                    // 5.5 and later, "Information Schema INNODB_SYS_TABLES Table"
  c.sequences = version >= 100300;               // 10.3.0, "CREATE SEQUENCE"
  c.anchored_types = version >= 100300;          // 10.3.0, "DECLARE Variable", "BEGIN NOT ATOMIC" is older
  c.system_versioning = version >= 100304;       // 10.3.4, "System-Versioned Tables"
  c.native_json = false;                         // "JSON Data Type": an alias of LONGTEXT with a check
  c.check_constraint_switch = version >= 100201; // 10.2.1, "check_constraint_checks"
  c.generated_invisible_key = false;             // MySQL only
  c.roles_in_user_table = version >= 100005;     // 10.0.5, "Roles Overview": mysql.user.is_role
  c.second_password = false;                     // MySQL only
  c.bulk_execute = version >= 100200;            // 10.2.0, "COM_STMT_BULK_EXECUTE"
  c.gtid_domains = version >= 100002;            // 10.0.2, "Global Transaction ID"
  c.replica_words = false;                       // "CHANGE MASTER TO": the words stay, REPLICA is a synonym in places since 10.5.1
  c.binary_log_status = false;                   // "SHOW BINLOG STATUS" since 10.5.2 is another name; SHOW MASTER STATUS stays
  c.super_read_only = false;                     // MySQL only; see read_only_words
  c.set_persist = false;                         // MySQL only
  c.read_only_words = version >= 120001;         // 12.0.1, "read_only": OFF, ON, NO_LOCK, NO_LOCK_NO_ADMIN
  c.functional_keys = false;                     // MySQL only
  c.database_comment = version >= 100500;        // 10.5.0, "CREATE DATABASE": COMMENT
  c.system_user = false;                         // MySQL only
  c.connection_admin = version >= 100502;        // 10.5.2, "GRANT": privileges split off SUPER
  return c;
}

}  // namespace flytt::engine::mariadb
