-- Who holds the advisory lock with this key ($1, bigint) in the current database?
select l.pid,
       coalesce(a.application_name, '') as application,
       coalesce(a.usename, '?') as role,
       coalesce(nullif(a.client_hostname, ''), host(a.client_addr), 'a local socket') as client,
       coalesce(extract(epoch from clock_timestamp() - a.backend_start), 0)::float8 as seconds
from pg_locks l
left join pg_stat_activity a on a.pid = l.pid
where l.locktype = 'advisory'
  and l.granted
  and l.database = (select oid from pg_database where datname = current_database())
  and l.objsubid = 1
  and l.classid = (($1::bigint >> 32) & 4294967295)::oid
  and l.objid = ($1::bigint & 4294967295)::oid
