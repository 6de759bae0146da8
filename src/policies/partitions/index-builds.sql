-- Who builds an index on a table of the partition tree $1 at this moment? A build by another role
-- shows its pid and not its table; the lock it holds on the table is visible to everybody.
select distinct p.pid, format('%I.%I', n.nspname, c.relname) as "table", coalesce(a.usename, '?') as role,
       coalesce(extract(epoch from clock_timestamp() - a.query_start), 0)::float8 as seconds
from pg_stat_progress_create_index p
join pg_locks l on l.pid = p.pid and l.locktype = 'relation' and l.granted
  and l.mode in ('ShareLock', 'ShareUpdateExclusiveLock')
  and l.database = (select oid from pg_database where datname = current_database())
join pg_stat_activity a on a.pid = p.pid
join pg_class c on c.oid = l.relation
join pg_namespace n on n.oid = c.relnamespace
where p.pid <> pg_backend_pid()
  and l.relation in (select relid from pg_partition_tree($1::oid::regclass))
order by p.pid
limit 1
