-- Who refreshes the materialized view with the oid $1 at this moment?
select /* pgwright insight */ l.pid, coalesce(a.application_name, '') as application, coalesce(a.usename, '?') as role,
       coalesce(extract(epoch from clock_timestamp() - a.xact_start), 0)::float8 as seconds
from pg_locks l
left join pg_stat_activity a on a.pid = l.pid
where l.locktype = 'advisory' and l.granted and l.objsubid = 2
  and l.database = (select oid from pg_database where datname = current_database())
  and l.classid = 'pg_class'::regclass and l.objid = $1::text::oid
