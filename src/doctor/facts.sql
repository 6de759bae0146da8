-- What is this server, who are we on it, and how did this session reach it?
select version() as "versionText",
       session_user::text as "sessionRole",
       extract(epoch from clock_timestamp())::float8 as "now",
       extract(epoch from clock_timestamp() - pg_postmaster_start_time())::float8 as "uptimeSeconds",
       current_setting('data_checksums') = 'on' as "hasChecksums",
       host(inet_client_addr()) as "clientAddress",
       coalesce(s.ssl, false) as "isBackendEncrypted",
       s.version as "tlsVersion",
       s.cipher as "tlsCipher",
       r.rolsuper as "isSuperuser",
       r.rolcreaterole as "canCreateRoles",
       r.rolcreatedb as "canCreateDatabases",
       r.rolbypassrls as "bypassesRls",
       pg_has_role(current_user, 'pg_read_all_stats', 'USAGE') as "readsStatistics"
from pg_roles r
left join pg_stat_ssl s on s.pid = pg_backend_pid()
where r.rolname = current_user
