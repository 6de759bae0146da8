-- Which names are taken in each schema by what is no table, view or index: sequences, types, constraints of domains?
select case n.nspname when 'public' then '' else n.nspname || '.' end || o.name as name
from (
  select relnamespace as namespace, relname as name from pg_class where relkind in ('S', 'c')
  union
  select connamespace, conname from pg_constraint where conrelid = 0
) o
join pg_namespace n on n.oid = o.namespace
where n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_(toast|temp)'
