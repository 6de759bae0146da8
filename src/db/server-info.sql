-- Which server, database and role is this session on?
SELECT current_setting('server_version_num')::int AS "versionNumber",
       split_part(current_setting('server_version'), ' ', 1) AS "version",
       current_database() AS "database",
       current_user AS "role",
       pg_backend_pid() AS "pid",
       pg_is_in_recovery() AS "isStandby",
       current_setting('transaction_read_only') = 'on' AS "isReadOnly",
       current_setting('is_superuser') = 'on' AS "isSuperuser"
