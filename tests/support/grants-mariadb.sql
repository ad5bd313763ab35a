-- The least privileges, per tool, on MariaDB 10.11 and later. {{password}} is replaced; a line with {{database}} is
-- repeated for each database of the test.
CREATE USER IF NOT EXISTS flytt_dump@'%' IDENTIFIED BY '{{password}}';
-- SLAVE MONITOR: only where log_slave_updates is OFF, as it is by default. LOCK TABLES: only for --lock-tables.
GRANT RELOAD, PROCESS, BINLOG MONITOR, SLAVE MONITOR ON *.* TO flytt_dump@'%';
GRANT SELECT, SHOW VIEW, TRIGGER, EVENT, LOCK TABLES ON `{{database}}`.* TO flytt_dump@'%';
-- mysql.proc holds the routines (from 11.3 on SHOW CREATE ROUTINE on the database does as well); the rest of mysql is for --users only.
GRANT SELECT ON mysql.* TO flytt_dump@'%';
CREATE USER IF NOT EXISTS flytt_load@'%' IDENTIFIED BY '{{password}}';
GRANT BINLOG ADMIN, PROCESS, SET USER ON *.* TO flytt_load@'%';
GRANT CREATE, DROP, ALTER, INDEX, INSERT, SELECT, REFERENCES, CREATE VIEW, SHOW VIEW, CREATE ROUTINE, ALTER ROUTINE, EXECUTE, TRIGGER, EVENT ON `{{database}}`.* TO flytt_load@'%';
GRANT CREATE, SELECT, INSERT, UPDATE, DELETE ON `flytt`.* TO flytt_load@'%';
-- To see whether the definers are there.
GRANT SELECT (User, Host) ON mysql.user TO flytt_load@'%';
-- To read back the routines (from 11.3 on SHOW CREATE ROUTINE on the database does as well).
GRANT SELECT ON mysql.proc TO flytt_load@'%';
CREATE USER IF NOT EXISTS flytt_repl@'%' IDENTIFIED BY '{{password}}';
GRANT REPLICATION SLAVE, BINLOG MONITOR ON *.* TO flytt_repl@'%';
CREATE USER IF NOT EXISTS flytt_ctl@'%' IDENTIFIED BY '{{password}}';
GRANT PROCESS, RELOAD, BINLOG MONITOR, BINLOG ADMIN, REPLICATION SLAVE ADMIN, SLAVE MONITOR, READ_ONLY ADMIN, CONNECTION ADMIN, SET USER, SUPER ON *.* TO flytt_ctl@'%';
-- SHOW VIEW, TRIGGER and mysql.proc (from 11.3 on SHOW CREATE ROUTINE does as well): to compare definitions before a switchover.
GRANT SELECT, SHOW VIEW, TRIGGER, EVENT ON `{{database}}`.* TO flytt_ctl@'%';
GRANT SELECT ON mysql.proc TO flytt_ctl@'%';
-- To compare the accounts of both servers.
GRANT SELECT (User, Host, is_role) ON mysql.user TO flytt_ctl@'%';
GRANT ALL ON `flytt`.* TO flytt_ctl@'%';
CREATE USER IF NOT EXISTS flytt_verify@'%' IDENTIFIED BY '{{password}}';
GRANT BINLOG MONITOR, SLAVE MONITOR, PROCESS ON *.* TO flytt_verify@'%';
GRANT SELECT, SHOW VIEW, TRIGGER, EVENT ON `{{database}}`.* TO flytt_verify@'%';
-- Routines; from 11.3 on: SHOW CREATE ROUTINE ON *.*. Not with --no-schema, nor are TRIGGER, EVENT and SHOW VIEW.
GRANT SELECT ON mysql.proc TO flytt_verify@'%';
GRANT SELECT ON `flytt`.* TO flytt_verify@'%';
