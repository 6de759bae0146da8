-- Which relations hold rows, which are made of others' rows, and which show those of another server?
select c.oid, c.relkind as kind, n.nspname as schema, c.relname as name,
  c.relispopulated as "isPopulated", c.relpersistence = 'u' as "isUnlogged"
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p', 'm', 'f', 'S') and c.relpersistence <> 't'
  and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_toast'
