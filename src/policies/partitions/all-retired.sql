-- Which tables were partitions that partitions maintain has detached (their comment begins with $1)?
select n.nspname || '.' || c.relname as name
from pg_description d
join pg_class c on c.oid = d.objoid
join pg_namespace n on n.oid = c.relnamespace
where d.classoid = 'pg_catalog.pg_class'::regclass and d.objsubid = 0
  and starts_with(d.description, $1)
  and c.relkind in ('r', 'p', 'f') and not c.relispartition
