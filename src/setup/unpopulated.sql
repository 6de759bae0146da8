-- Which materialized views have not been filled, or ($1) which are there at all? In the order of their making.
select n.nspname as schema, c.relname as name
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where c.relkind = 'm' and (not c.relispopulated or $1::boolean)
  and not exists (
    select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'e')
order by c.oid
