// What the server at hand can do, by name. Computed once, at connect, in mariadb/capabilities.cpp and mysql/capabilities.cpp,
// one line a capability with the release it came with; elsewhere the code asks these and never a version.
// Layer: engine/mysql_family (3).  Thread rule: values.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

namespace flytt::engine::mysql_family {

struct Capabilities {
  // Snapshots.
  bool backup_stage = false;            ///< BACKUP STAGE: stops commits without queueing behind statements
  bool instance_backup_lock = false;    ///< LOCK INSTANCE FOR BACKUP: stops DDL
  bool binlog_snapshot_status = false;  ///< Binlog_snapshot_file/position of a snapshot, no lock needed
  bool innodb_sys_tables = false;       ///< INNODB_SYS_TABLES holds table ids; else INNODB_TABLES
  // Schema.
  bool sequences = false;
  bool system_versioning = false;
  bool anchored_types = false;          ///< DECLARE … TYPE OF table.column, outside of a routine too
  bool native_json = false;             ///< JSON is a type of its own, not a text with a check
  bool check_constraint_switch = false; ///< check_constraint_checks can be turned off in a session
  bool generated_invisible_key = false; ///< sql_generate_invisible_primary_key
  bool roles_in_user_table = false;     ///< mysql.user.is_role
  bool second_password = false;         ///< an account may keep its former password beside the new one
  // Loading.
  bool bulk_execute = false;            ///< COM_STMT_BULK_EXECUTE: arrays of parameters
  // Replication.
  bool gtid_domains = false;            ///< GTIDs are domain-server-sequence; else uuid sets
  bool replica_words = false;           ///< SHOW REPLICA STATUS, CHANGE REPLICATION SOURCE TO
  bool binary_log_status = false;       ///< SHOW BINARY LOG STATUS
  bool super_read_only = false;
  bool set_persist = false;
  bool read_only_words = false;         ///< read_only = NO_LOCK_NO_ADMIN
  bool functional_keys = false;         ///< a key may be over an expression
  bool database_comment = false;        ///< a database has a comment
  bool connection_admin = false;        ///< dynamic privileges instead of SUPER
  bool system_user = false;             ///< administrators are accounts that have SYSTEM_USER
};

}  // namespace flytt::engine::mysql_family
