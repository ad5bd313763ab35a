-- The least privileges, per tool, on PostgreSQL 14 and later. {{password}} is replaced; a line with {{database}} is
-- repeated for each database of the test. For psql.
SELECT current_setting('server_version_num')::int >= 150000 AS has_parameter_grants \gset
SELECT format('CREATE ROLE %I LOGIN', r) FROM (VALUES ('flytt_dump'), ('flytt_load'), ('flytt_repl'), ('flytt_ctl'), ('flytt_verify')) AS v(r) WHERE r NOT IN (SELECT rolname FROM pg_roles) \gexec
-- REPLICATION and CREATE: for --slot only, which further takes membership in the tables' owners. No BYPASSRLS: a table with
-- row security is then refused and not copied in part.
ALTER ROLE flytt_dump LOGIN REPLICATION NOBYPASSRLS PASSWORD '{{password}}';
GRANT pg_read_all_data, pg_monitor TO flytt_dump;
GRANT CREATE ON DATABASE "{{database}}" TO flytt_dump;
-- CREATEDB: databases that are missing; CREATEROLE: roles, with --users.
ALTER ROLE flytt_load LOGIN CREATEDB CREATEROLE PASSWORD '{{password}}';
GRANT ALL ON DATABASE "{{database}}" TO flytt_load;
GRANT pg_monitor TO flytt_load;
-- Membership in whom the objects belong to: here, the superuser.
GRANT postgres TO flytt_load;
\if :has_parameter_grants
GRANT SET ON PARAMETER session_replication_role TO flytt_load;
\endif
ALTER ROLE flytt_repl LOGIN REPLICATION PASSWORD '{{password}}';
GRANT pg_read_all_data TO flytt_repl;
-- To be narrowed: what a switchover takes short of this is not settled.
ALTER ROLE flytt_ctl LOGIN SUPERUSER PASSWORD '{{password}}';
ALTER ROLE flytt_verify LOGIN PASSWORD '{{password}}';
GRANT pg_read_all_data, pg_monitor TO flytt_verify;
