-- What is in the source that no copy of tables has: large objects, subscriptions, rows of extensions' tables?
select 'large-objects' as kind, count(*)::text as name from pg_largeobject_metadata having count(*) > 0
union all
select 'subscription', s.subname from pg_subscription s
join pg_database d on d.oid = s.subdbid and d.datname = current_database()
union all
select 'extension-table', format('%I.%I', n.nspname, c.relname)
from pg_extension e
cross join unnest(e.extconfig) x(oid)
join pg_class c on c.oid = x.oid and c.relkind = 'r'
join pg_namespace n on n.oid = c.relnamespace
order by 1, 2
