-- Which tables are locked exclusively by somebody else, or are about to be? Looking at their indexes would wait.
-- $1 schema or null, $2 oid of the only table or null.
select /* pgwright insight */ t.oid::text as oid,
       format('%I.%I', n.nspname, t.relname) as table,
       min(l.pid)::int as pid
from pg_locks l
left join pg_index i on i.indexrelid = l.relation
cross join lateral (select coalesce(i.indrelid, l.relation) as oid) held
join pg_class t on t.oid in (held.oid, pg_partition_root(held.oid)) and t.relkind in ('r', 'p', 'm')
join pg_namespace n on n.oid = t.relnamespace
where l.locktype = 'relation'
  and l.mode = 'AccessExclusiveLock'
  and l.database = (select d.oid from pg_database d where d.datname = current_database())
  and l.pid <> pg_backend_pid()
  and n.nspname not in ('pg_catalog', 'pg_toast', 'information_schema', 'pgwright')
  and ($1::text is null or n.nspname = $1)
  and ($2::oid is null or t.oid = $2)
group by t.oid, n.nspname, t.relname
order by 2
