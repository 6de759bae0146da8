-- Which table columns have the type $1 (or an array of it)?
select n.nspname as schema, c.relname as table, a.attname as column
from pg_attribute a
join pg_class c on c.oid = a.attrelid
join pg_namespace n on n.oid = c.relnamespace
where a.atttypid in (
        select t.oid from pg_type t where t.oid = to_regtype($1) or t.typelem = to_regtype($1))
  and a.attnum > 0
  and not a.attisdropped
  and c.relkind in ('r', 'p')
  and not c.relispartition
order by 1, 2, 3
