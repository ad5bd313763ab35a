-- The least privileges, per tool, on MySQL 8.0 and later. {{password}} is replaced; a line with {{database}} is
-- repeated for each database of the test.
SET SESSION sql_log_bin = 0;
CREATE USER IF NOT EXISTS flytt_dump@'%' IDENTIFIED BY '{{password}}';
GRANT PROCESS, REPLICATION CLIENT ON *.* TO flytt_dump@'%';
GRANT BACKUP_ADMIN, SHOW_ROUTINE ON *.* TO flytt_dump@'%';
GRANT SELECT, SHOW VIEW, TRIGGER, EVENT, LOCK TABLES ON `{{database}}`.* TO flytt_dump@'%';
-- For --users only.
GRANT SELECT ON mysql.* TO flytt_dump@'%';
CREATE USER IF NOT EXISTS flytt_load@'%' IDENTIFIED BY '{{password}}';
GRANT PROCESS, SHOW_ROUTINE ON *.* TO flytt_load@'%';
-- SYSTEM_VARIABLES_ADMIN turns local_infile on for the load, and sync_binlog and its like down with --import-mode; with
-- SESSION_VARIABLES_ADMIN in its place rows go in by INSERT.
GRANT SYSTEM_VARIABLES_ADMIN ON *.* TO flytt_load@'%';
-- Not with --skip-definers. SYSTEM_USER: objects of administrators (root).
GRANT SET_ANY_DEFINER, ALLOW_NONEXISTENT_DEFINER, SYSTEM_USER ON *.* TO flytt_load@'%';
GRANT CREATE, DROP, ALTER, INDEX, INSERT, SELECT, REFERENCES, CREATE VIEW, SHOW VIEW, CREATE ROUTINE, ALTER ROUTINE, EXECUTE, TRIGGER, EVENT ON `{{database}}`.* TO flytt_load@'%';
GRANT CREATE, SELECT, INSERT, UPDATE, DELETE ON `flytt`.* TO flytt_load@'%';
-- To see whether the definers are there.
GRANT SELECT (User, Host) ON mysql.user TO flytt_load@'%';
CREATE USER IF NOT EXISTS flytt_repl@'%' IDENTIFIED BY '{{password}}';
GRANT REPLICATION SLAVE, REPLICATION CLIENT ON *.* TO flytt_repl@'%';
CREATE USER IF NOT EXISTS flytt_ctl@'%' IDENTIFIED BY '{{password}}';
GRANT PROCESS, RELOAD, REPLICATION CLIENT ON *.* TO flytt_ctl@'%';
-- SYSTEM_USER: to enable events of administrators (root).
GRANT REPLICATION_SLAVE_ADMIN, SYSTEM_VARIABLES_ADMIN, SESSION_VARIABLES_ADMIN, CONNECTION_ADMIN, BINLOG_ADMIN, SET_ANY_DEFINER, ALLOW_NONEXISTENT_DEFINER, SYSTEM_USER ON *.* TO flytt_ctl@'%';
-- SHOW_ROUTINE, SHOW VIEW and TRIGGER: to compare definitions before a switchover.
GRANT SHOW_ROUTINE ON *.* TO flytt_ctl@'%';
GRANT SELECT, SHOW VIEW, TRIGGER, EVENT ON `{{database}}`.* TO flytt_ctl@'%';
GRANT SELECT ON performance_schema.* TO flytt_ctl@'%';
-- To compare the accounts of both servers.
GRANT SELECT (User, Host) ON mysql.user TO flytt_ctl@'%';
GRANT ALL ON `flytt`.* TO flytt_ctl@'%';
CREATE USER IF NOT EXISTS flytt_verify@'%' IDENTIFIED BY '{{password}}';
GRANT REPLICATION CLIENT, PROCESS ON *.* TO flytt_verify@'%';
-- Not with --no-schema, nor are TRIGGER, EVENT and SHOW VIEW.
GRANT SHOW_ROUTINE ON *.* TO flytt_verify@'%';
GRANT SELECT, SHOW VIEW, TRIGGER, EVENT ON `{{database}}`.* TO flytt_verify@'%';
GRANT SELECT ON `flytt`.* TO flytt_verify@'%';
